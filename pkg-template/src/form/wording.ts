/** What is said of an issue, and what the button of its mend says and does. */
import type { Issue } from "../types.js";
import { stray } from "../stray.js";
import { writer } from "./controls.js";
import type { Entry } from "./messages.js";
import type { BindFormOptions } from "./options.js";
import type { Spot } from "./read.js";

export class Wording {
  readonly #options: BindFormOptions;

  constructor(options: BindFormOptions) {
    this.#options = options;
  }

  /** The message of an issue, at the control that it is about. */
  entry(issue: Issue, spot: Spot): Entry {
    const fix = this.fix(issue, spot);
    return { severity: issue.severity, text: this.text(issue, fix !== undefined), ...(fix && { fix }) };
  }

  /** The mend, if it is certain and the controls can hold it. */
  fix(issue: Issue, { group, exact }: Spot): Entry["fix"] {
    if (issue.fix?.op !== "replace" || !exact) return undefined;
    const apply = writer(group.place, group.controls, issue.fix.value);
    return apply && { label: this.#label(issue) ?? `Use \u201c${String(issue.fix.value)}\u201d`, apply };
  }

  /** The text of an issue. What a button says need not be said twice, nor in two languages. */
  text(issue: Issue, hasButton = false): string {
    const reworded = this.#options.messages?.[issue.code] !== undefined;
    return issue.help && !hasButton && !reworded ? `${issue.message} ${issue.help}` : issue.message;
  }

  #label(issue: Issue): string | undefined {
    try {
      return this.#options.fixLabel?.(issue);
    } catch (error) {
      stray(error);
      return undefined;
    }
  }
}
