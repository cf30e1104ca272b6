/** What is added to a form: attributes of its controls, values to choose from, places for messages. */
import { Attributes, offerValues, suggestions } from "./attributes.js";
import type { Control } from "./controls.js";
import { behind, forgetOriginal, Messages, removeCopies } from "./messages.js";
import type { Names } from "./names.js";
import { own } from "./own.js";
import type { Group, Spot } from "./read.js";

export class Fittings {
  readonly #form: HTMLFormElement;
  readonly #names: Names;
  readonly #attributes = new Map<Control, Attributes>();
  readonly #messages = new Map<Control, Messages>();
  readonly #options = new Map<Control, readonly Element[]>();
  /** What is said of the form as a whole. */
  summary: Messages;
  #fitted: readonly (readonly [Control, string])[] = [];

  constructor(form: HTMLFormElement, names: Names) {
    this.#form = form;
    this.#names = names;
    this.summary = this.#summarize();
  }

  /** Whether the form has the controls that it was fitted for. */
  fits(groups: readonly Group[]): boolean {
    const now = listed(groups);
    return (
      now.length === this.#fitted.length &&
      now.every(([control, key], at) => control === this.#fitted[at]?.[0] && key === this.#fitted[at]?.[1])
    );
  }

  /** Whether all places for messages are where they were put. */
  stand(): boolean {
    return [this.summary, ...this.#messages.values()].every((messages) => messages.standsWith(this.#form));
  }

  /** Fits the controls that there are, and takes away what was on those that are gone. */
  fit(groups: readonly Group[], missing: readonly (Spot | undefined)[]): void {
    this.#fitted = listed(groups);
    removeCopies(this.#form);
    if (!this.summary.standsWith(this.#form)) {
      this.summary.remove();
      this.summary = this.#summarize();
    }
    const [controls, leads] = [new Set(this.#fitted.map(([control]) => control)), new Set(groups.map(({ controls: [lead] }) => lead))];
    for (const control of this.#attributes.keys()) if (!controls.has(control)) this.#strip(control);
    for (const [lead, messages] of this.#messages) if (!leads.has(lead) || !messages.standsWith(this.#form)) this.#dropMessages(lead);
    // Where it takes one of several, such as any line of a street, none of them alone must be there.
    const needs = new Map(
      missing.flatMap((spot) => (spot ? [[spot.control, spot.exact && spot.group.controls.length === 1 ? "this" : "any"] as const] : [])),
    );
    const hosts = this.#hosts();
    for (const { place, controls } of groups) {
      const [lead] = controls;
      const last = controls.filter(({ type }) => type !== "hidden").at(-1);
      if (last && !this.#messages.has(lead)) {
        this.#messages.set(lead, new Messages(own(this.#form, "ownerDocument"), hosts.get(place.key), behind(last)));
      }
      const messages = this.#messages.get(lead);
      for (const control of controls) {
        const attributes = this.#attributesOf(control);
        attributes.suggest(suggestions(place, control, needs.get(control)));
        if (messages && control.type !== "hidden") attributes.addId("aria-describedby", messages.id);
        if (!this.#options.has(control)) this.#options.set(control, offerValues(place, control));
      }
    }
  }

  /** Where the messages of a field are shown; nothing for one that nobody sees. */
  messages({ controls: [lead] }: Group): Messages | undefined {
    return this.#messages.get(lead);
  }

  /** Marks the controls of a field as wrong, or not, for those who do not see the messages. A single radio button cannot be wrong. */
  mark({ controls }: Group, isWrong: boolean): void {
    for (const control of controls) {
      if (control.type === "radio" || control.type === "hidden") continue;
      if (isWrong) this.#attributesOf(control).force("aria-invalid", "true");
      else this.#attributesOf(control).restore("aria-invalid");
    }
  }

  /** Takes everything away. */
  remove(): void {
    for (const control of [...this.#attributes.keys()]) this.#strip(control);
    for (const lead of [...this.#messages.keys()]) this.#dropMessages(lead);
    this.summary.remove();
  }

  #summarize(): Messages {
    const host = own(this.#form, "querySelector")("[data-pb-summary]") ?? undefined;
    return new Messages(own(this.#form, "ownerDocument"), host, (box) => {
      box.dataset["pbSummary"] = "";
      own(this.#form, "prepend")(box);
    });
  }

  /** The author's own places for messages, by the field they are for. */
  #hosts(): Map<string, Element> {
    const found = [...own(this.#form, "querySelectorAll")("[data-pb-for]")];
    return new Map(found.map((host) => [this.#names.place(host.getAttribute("data-pb-for") ?? "")?.key ?? "", host]));
  }

  #attributesOf(control: Control): Attributes {
    let attributes = this.#attributes.get(control);
    if (!attributes) {
      forgetOriginal(control);
      this.#attributes.set(control, (attributes = new Attributes(control)));
    }
    return attributes;
  }

  #strip(control: Control): void {
    this.#attributes.get(control)?.restoreAll();
    this.#attributes.delete(control);
    for (const option of this.#options.get(control) ?? []) option.remove();
    this.#options.delete(control);
  }

  #dropMessages(lead: Control): void {
    const id = this.#messages.get(lead)?.id;
    this.#messages.get(lead)?.remove();
    this.#messages.delete(lead);
    // The next messages have another id.
    for (const [control, attributes] of this.#attributes) {
      if (id && control.getAttribute("aria-describedby")?.split(" ").includes(id)) attributes.restore("aria-describedby");
    }
  }
}

function listed(groups: readonly Group[]): (readonly [Control, string])[] {
  return groups.flatMap(({ place, controls }) => controls.map((control) => [control, place.key] as const));
}
