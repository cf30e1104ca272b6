/** The controls of a form: which of them hold values, what they hold, and how a value is put into them. */
import type { Place } from "./names.js";

/** A control that holds a value: the platform's own, or a custom element that behaves like one. */
export interface Control extends HTMLElement {
  readonly name: string;
  readonly type: string;
  value: string;
  checked?: boolean;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  setCustomValidity(message: string): void;
}

/** Inputs that hold no value of an order. */
const OTHERS = new Set(["submit", "button", "reset", "image", "file"]);

/** Whether the element is a control that may hold a value. */
export function isControl(element: EventTarget | null): element is Control {
  const { localName, name, type, value, validity, setCustomValidity } = element as Partial<Control>;
  if (localName === "input") return !OTHERS.has(type ?? "");
  if (localName === "select" || localName === "textarea") return true;
  const texts = [name, value].every((text) => typeof text === "string");
  return Boolean(localName?.includes("-") && texts && validity && setCustomValidity);
}

/** Whether the element submits the form. */
export function isSubmitter(element: EventTarget): element is HTMLButtonElement | HTMLInputElement {
  const { localName, type } = element as HTMLInputElement;
  return (localName === "button" && type === "submit") || (localName === "input" && (type === "submit" || type === "image"));
}

/** What a group of controls of one name holds. */
export interface Held {
  /** The JSON text of the value; nothing if the person has given none. */
  readonly json: string | undefined;
  /** Of a list of texts, what each entry is and which control it came from. */
  readonly entries?: readonly { readonly json: string; readonly control: Control }[];
}

/** Reads the controls of one name. */
export function read(place: Place, controls: readonly Control[]): Held {
  if (place.kind === "texts") {
    const entries = controls.flatMap((control) => lines(control).map((line) => ({ json: JSON.stringify(line), control })));
    return { json: undefined, entries };
  }
  if (place.kind === "boolean") {
    const box = controls.find(({ type }) => type === "checkbox");
    if (box) return { json: String(box.checked === true) };
  }
  // Of several controls with a value the last one counts, as where a form becomes an object.
  const text = controls
    .map(value)
    .filter((text) => text.trim() !== "")
    .at(-1);
  return { json: text === undefined ? undefined : json(place, text, controls[0]) };
}

/** The text that a control submits; empty if it submits none. */
function value(control: Control): string {
  const checkable = control.localName === "input" && (control.type === "checkbox" || control.type === "radio");
  return checkable && control.checked !== true ? "" : control.value;
}

function lines(control: Control): string[] {
  const texts =
    control.localName === "select"
      ? [...(control as HTMLElement as HTMLSelectElement).selectedOptions].map(({ value }) => value)
      : [value(control)];
  return texts
    .flatMap((text) => text.split(/\r\n?|\n/))
    .map((line) => line.trim())
    .filter(Boolean);
}

function json(place: Place, text: string, control: Control | undefined): string {
  switch (place.kind) {
    case "number":
      return numberText(text) ?? JSON.stringify(text);
    case "boolean":
      return /^\s*(true|false)\s*$/.test(text) ? text.trim() : JSON.stringify(text);
    case "date-time":
      return JSON.stringify(moment(text, control?.type) ?? text);
    default:
      return JSON.stringify(text);
  }
}

/** A decimal as JSON writes it, digit for digit: forms also take `.5`, `5.`, `+5` and `007`. Nothing if it is no number. */
export function numberText(text: string): string | undefined {
  const [, sign, whole = "", fraction = "", exponent = ""] = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text) ?? [];
  if (whole + fraction === "") return undefined;
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  return (sign === "-" ? "-" : "") + digits + (fraction && `.${fraction}`) + (exponent && `e${exponent}`);
}

/**
 * A moment as the API documents it. A `datetime-local` holds the time where the person is; a `date` holds a day and no time, which
 * becomes midnight UTC, so that the day stays the one they chose.
 */
function moment(text: string, type: string | undefined): string | undefined {
  if (type !== "datetime-local" && type !== "date") return undefined;
  // JavaScript reads a date with a time as local, and one without as UTC.
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** The way to put a value into the controls of one name; nothing if none of them can hold it. */
export function writer(place: Place, all: readonly Control[], value: unknown): (() => Control) | undefined {
  const shown = all.filter(({ type }) => type !== "hidden");
  const controls = shown.length > 0 ? shown : all;
  const [first] = controls;
  if (!first || place.kind === "texts" || !["string", "number", "boolean"].includes(typeof value)) return undefined;
  const text = String(value);
  if (first.type === "radio") {
    const radio = controls.find((radio) => radio.value === text);
    return radio && put(radio, "checked", true);
  }
  if (first.type === "checkbox") return typeof value === "boolean" ? put(first, "checked", value) : undefined;
  if (first.localName === "select") {
    const has = [...(first as HTMLElement as HTMLSelectElement).options].some((option) => option.value === text);
    return has ? put(first, "value", text) : undefined;
  }
  if (controls.length > 1) return undefined;
  if (first.type === "datetime-local") {
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) return undefined;
    return put(first, "value", new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19));
  }
  if (first.type === "date") return /^\d{4}-\d\d-\d\dT/.test(text) ? put(first, "value", text.slice(0, 10)) : undefined;
  return put(first, "value", text);
}

/**
 * Sets a property by the setter of the control's class, and tells of it as if the person had done it. Frameworks that watch a control
 * put a setter of their own on it, and would take what goes through that for their own doing.
 */
function put(control: Control, property: "value" | "checked", value: string | boolean): () => Control {
  return () => {
    const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), property);
    if (own?.set) own.set.call(control, value);
    else Object.assign(control, { [property]: value });
    for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
    return control;
  };
}
