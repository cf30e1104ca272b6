/** Where the messages of a field, or of the form, are shown. No style is imposed: pages find their way by the data attributes. */
import type { Severity } from "../types.js";
import { Attributes } from "./attributes.js";
import type { Control } from "./controls.js";
import { own } from "./own.js";

/** One message. */
export interface Entry {
  readonly severity: Severity;
  readonly text: string;
  /** The mend that is certain: what its button says, and what it does. */
  readonly fix?: { readonly label: string; readonly apply: () => Control };
}

let count = 0;

/** All that were made, to tell copies of them by. */
const made = new WeakSet<Element>();
const ID = "pb-messages-";

/**
 * The messages of one field or of the form as a whole, in an element of their own. It is there before there is anything to say: screen
 * readers say what changes in an element that they know, and often nothing of one that appears.
 */
export class Messages {
  readonly #box: HTMLElement;
  readonly #texts: HTMLElement;
  readonly #host: Attributes | undefined;
  #shown = "";

  /** @param host the author's own place for the messages, or else `place` puts them where they belong */
  constructor(document: Document, host: Element | undefined, place: (box: HTMLElement) => void) {
    this.#box = document.createElement("div");
    this.#box.dataset["pbMessages"] = "";
    made.add(this.#box);
    this.#texts = document.createElement("div");
    do this.#texts.id = `${ID}${(count += 1)}`;
    while (document.getElementById(this.#texts.id));
    this.#box.append(this.#texts);
    this.#takeRoom();
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
    return this.#texts.childElementCount === 0;
  }

  /** Whether it is still in the tree of the form. */
  standsWith(form: HTMLFormElement): boolean {
    return this.#box.getRootNode() === own(form, "getRootNode")();
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
    this.#takeRoom();
  }

  /** An empty element must not be seen in a grid, a row or a line of text: it stands outside of the flow. */
  #takeRoom(): void {
    this.#box.style.position = this.isEmpty ? "absolute" : "";
  }

  /** Moves the focus to the messages, for want of a control. */
  focus(): void {
    if (this.isEmpty) return;
    this.#box.tabIndex = -1;
    this.#box.focus();
  }

  remove(): void {
    this.#box.remove();
    this.#host?.restoreAll();
  }
}

/** Takes away the messages that a page has copied together with what they stand in. */
export function removeCopies(form: HTMLFormElement): void {
  for (const box of own(form, "querySelectorAll")("[data-pb-messages]")) if (!made.has(box)) box.remove();
}

/** Takes from a control what says that another one is wrong, of which it is a copy. */
export function forgetOriginal(control: Control): void {
  const ids = control.getAttribute("aria-describedby")?.split(" ") ?? [];
  const own = ids.filter((id) => !id.startsWith(ID));
  if (own.length === ids.length) return;
  if (own.length > 0) control.setAttribute("aria-describedby", own.join(" "));
  else control.removeAttribute("aria-describedby");
  control.removeAttribute("aria-invalid");
}

/** Puts the messages behind the last control of a field; outside its label, or they would become part of its name. */
export function behind(control: Control): (box: HTMLElement) => void {
  return (box) => (control.closest("label") ?? control).after(box);
}
