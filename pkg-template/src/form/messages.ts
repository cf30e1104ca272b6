/** Where the messages of a field, or of the form, are shown. No style is imposed: pages find their way by the data attributes. */
import type { Severity } from "../types.js";
import { Attributes } from "./attributes.js";
import type { Control } from "./controls.js";

/** One message. */
export interface Entry {
  readonly severity: Severity;
  readonly text: string;
  /** The mend that is certain: what its button says, and what it does. */
  readonly fix?: { readonly label: string; readonly apply: () => Control };
}

let count = 0;

/** The messages of one field or of the form as a whole, in an element of their own. */
export class Messages {
  readonly #box: HTMLElement;
  readonly #texts: HTMLElement;
  readonly #host: Attributes | undefined;
  #shown = "";

  /** @param host the author's own place for the messages, or else `place` puts them where they belong */
  constructor(document: Document, host: Element | undefined, place: (box: HTMLElement) => void) {
    this.#box = document.createElement("div");
    this.#box.dataset["pbMessages"] = "";
    this.#box.hidden = true;
    this.#texts = document.createElement("div");
    do this.#texts.id = `pb-messages-${(count += 1)}`;
    while (document.getElementById(this.#texts.id));
    this.#box.append(this.#texts);
    if (!host) {
      this.#box.setAttribute("aria-live", "polite");
      place(this.#box);
      return;
    }
    // What is said when a field is left must not cut short what is said of the next one. An <output> is polite by itself.
    this.#host = new Attributes(host);
    const live = host.hasAttribute("role") || host.localName === "output";
    if (!live) this.#host.suggest(new Map([["aria-live", "polite"]]));
    host.append(this.#box);
  }

  /** The id of the texts, to describe a control by. */
  get id(): string {
    return this.#texts.id;
  }

  get isEmpty(): boolean {
    return this.#box.hidden;
  }

  /** Whether it is still in the tree of the form. */
  standsWith(form: HTMLFormElement): boolean {
    return this.#box.getRootNode() === form.getRootNode();
  }

  /** Shows these messages and no others. What is shown already is left alone, so that no button vanishes while it is pressed. */
  show(entries: readonly Entry[], isFixed: (control: Control) => void): void {
    const key = JSON.stringify(entries.map(({ severity, text, fix }) => [severity, text, fix?.label]));
    if (key === this.#shown) return;
    this.#shown = key;
    const { ownerDocument } = this.#box;
    this.#texts.replaceChildren(
      ...entries.map(({ severity, text }) => {
        const line = ownerDocument.createElement("p");
        line.dataset["pbSeverity"] = severity;
        line.textContent = text;
        return line;
      }),
    );
    const buttons = entries.flatMap(({ fix }) => {
      if (!fix) return [];
      const button = ownerDocument.createElement("button");
      button.type = "button";
      button.dataset["pbFix"] = "";
      button.textContent = fix.label;
      button.setAttribute("aria-describedby", this.id);
      button.addEventListener("click", () => isFixed(fix.apply()));
      return [button];
    });
    this.#box.replaceChildren(this.#texts, ...buttons);
    this.#box.hidden = entries.length === 0;
  }

  /** Moves the focus to the messages, for want of a control. */
  focus(): void {
    this.#box.tabIndex = -1;
    this.#box.focus();
  }

  remove(): void {
    this.#box.remove();
    this.#host?.restoreAll();
  }
}

/** Puts the messages behind the last control of a field; outside its label, or they would become part of its name. */
export function behind(control: Control): (box: HTMLElement) => void {
  return (box) => (control.closest("label") ?? control).after(box);
}
