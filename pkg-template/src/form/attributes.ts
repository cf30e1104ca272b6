/** Attributes that the tables know better than nobody: set where the author has said nothing, and taken back in the end. */
import type { Control } from "./controls.js";
import type { Place } from "./names.js";
import { own } from "./own.js";

/** The attributes of one element that are not the author's. */
export class Attributes {
  readonly #element: Element;
  /** What was there before, by name. */
  readonly #before = new Map<string, string | null>();
  readonly #suggested = new Set<string>();

  constructor(element: Element) {
    this.#element = element;
  }

  /** Sets these where the author has not, and takes back what was set so before and is not wanted any more. */
  suggest(wanted: ReadonlyMap<string, string>): void {
    for (const name of this.#suggested) if (!wanted.has(name)) this.restore(name);
    for (const [name, value] of wanted) {
      if (!this.#suggested.has(name) && this.#element.hasAttribute(name)) continue;
      this.force(name, value);
      this.#suggested.add(name);
    }
  }

  /** Sets one, whatever was there. */
  force(name: string, value: string): void {
    if (!this.#before.has(name)) this.#before.set(name, this.#element.getAttribute(name));
    if (this.#element.getAttribute(name) !== value) this.#element.setAttribute(name, value);
  }

  /** Adds an id to a list of ids. */
  addId(name: string, id: string): void {
    const ids = this.#element.getAttribute(name)?.split(/\s+/).filter(Boolean) ?? [];
    if (!ids.includes(id)) this.force(name, [...ids, id].join(" "));
  }

  /** Puts one back as it was. */
  restore(name: string): void {
    const before = this.#before.get(name);
    if (before === undefined) return;
    this.#before.delete(name);
    this.#suggested.delete(name);
    if (before === null) this.#element.removeAttribute(name);
    else this.#element.setAttribute(name, before);
  }

  /** Puts all back as they were. */
  restoreAll(): void {
    for (const name of [...this.#before.keys()]) this.restore(name);
  }
}

/** The parts of an address as browsers fill them in (HTML, 4.10.18.7), and the keyboard that suits them. */
const ADDRESS: Readonly<Record<string, { readonly token: string; readonly keyboard?: string }>> = {
  name: { token: "name" },
  company: { token: "organization" },
  phone: { token: "tel", keyboard: "tel" },
  email: { token: "email", keyboard: "email" },
  addressLines: { token: "street-address" },
  cityTown: { token: "address-level2" },
  stateProvince: { token: "address-level1" },
  postalCode: { token: "postal-code" },
  countryCode: { token: "country" },
};
const SECTIONS: Readonly<Record<string, string>> = { toAddress: "shipping", billingAddress: "billing" };

/** Inputs that take text of any kind. */
const TEXTUAL = new Set(["text", "search", "tel", "url", "email", "password"]);

/** What to ask of a control for the field; `needed` if the order needs what this control holds, or what it or another does. */
export function suggestions(place: Place, control: Control, needed: "this" | "any" | undefined): Map<string, string> {
  const wanted = new Map<string, string>();
  const { type, localName } = control;
  if (type === "hidden") return wanted;
  const typed = localName === "textarea" || (localName === "input" && TEXTUAL.has(type));
  if (needed === "this" || (needed && type === "radio")) wanted.set("required", "");
  else if (needed) wanted.set("aria-required", "true");
  const { maxLength, format } = place.field;
  // The tables count characters and HTML counts UTF-16 units, of which a character has at most two. Where a name may be typed and
  // mended into a code, a limit would cut it off.
  if (typed && place.kind === "text" && maxLength !== undefined && format !== "country" && format !== "currency") {
    wanted.set("maxlength", String(2 * maxLength));
  }
  if (place.kind === "number") {
    if (type === "number") wanted.set("step", "any");
    else if (typed) wanted.set("inputmode", "decimal");
  }
  const [section = "", name = "", ...rest] = place.schemaPath.split(".");
  const part = rest.length === 0 && Object.hasOwn(SECTIONS, section) ? ADDRESS[name] : undefined;
  if (part) {
    const line = place.path.at(-1);
    const token = typeof line !== "number" ? part.token : line < 3 ? `address-line${line + 1}` : undefined;
    // A token for several lines is for a control that can hold them.
    const fits = token !== "street-address" || localName === "textarea";
    const form = control.closest("form");
    if (token && !(form && own(form, "autocomplete") === "off")) {
      wanted.set("autocomplete", `${SECTIONS[section]} ${fits ? token : "address-line1"}`);
    }
    if (part.keyboard && type === "text") wanted.set("inputmode", part.keyboard);
  }
  return wanted;
}

/** Offers the values that the field takes where the author has left the choice empty. Gives what was added. */
export function offerValues(place: Place, control: Control): Element[] {
  const values = place.field.values ?? [];
  const list = control.localName === "select" ? control : (control as HTMLElement as HTMLInputElement).list;
  if (values.length === 0 || !list || [...list.querySelectorAll("option")].some(({ value }) => value !== "")) return [];
  const blank = list === control && !list.querySelector("option") ? [""] : [];
  return [...blank, ...values].map((value) => {
    const option = list.ownerDocument.createElement("option");
    option.value = value;
    option.textContent = value;
    list.append(option);
    return option;
  });
}
