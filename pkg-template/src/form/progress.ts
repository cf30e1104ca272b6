/** How far a person has come with the fields of a form: messages wait for it. */
import type { Control } from "./controls.js";
import type { Group } from "./read.js";

/** How far a person has come with a field. */
export interface Progress {
  /** They have changed it. */
  edited: boolean;
  /** They are still at it: what is not wrong yet is not called so before they are done. */
  editing: boolean;
  /** An input method is putting a word together: what is there is no text of theirs yet. */
  composing: boolean;
  /** They are done with it, or have tried to submit: from now on messages may be shown. */
  revealed: boolean;
}

/** The progress with each field, by the first of its controls. */
export class Progresses {
  readonly #progress = new WeakMap<Control, Progress>();
  #leads = new Map<Control, Control>();
  #fields: ReadonlyMap<string, Control> = new Map();

  /** The controls of all fields, in the order of the document. */
  get controls(): Iterable<Control> {
    return this.#leads.keys();
  }

  /** Takes note of the fields that there are now. One whose controls were made anew in one go is the same field. */
  follow(groups: readonly Group[]): void {
    this.#leads = new Map(groups.flatMap(({ controls }) => controls.map((control) => [control, controls[0]])));
    const fields = new Map(groups.map(({ place, controls: [lead] }) => [place.key, lead]));
    for (const [key, lead] of fields) {
      const before = this.#fields.get(key);
      const progress = before && !this.#leads.has(before) && !this.#progress.has(lead) ? this.#progress.get(before) : undefined;
      if (progress) this.#progress.set(lead, progress);
    }
    this.#fields = fields;
  }

  /** The progress with the field of that control. */
  of(control: Control): Progress {
    const lead = this.#leads.get(control) ?? control;
    let progress = this.#progress.get(lead);
    if (!progress) this.#progress.set(lead, (progress = { edited: false, editing: false, composing: false, revealed: false }));
    return progress;
  }

  /** Begins anew. */
  forget(): void {
    for (const lead of this.#leads.values()) this.#progress.delete(lead);
  }
}
