// Builds elements. All text goes in as text nodes: no value from a file of orders is ever read as HTML,
// which is also what lets the page run under `require-trusted-types-for 'script'`.

/** What may stand between an element's tags. `null`, `undefined` and `false` leave nothing behind. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Handler = (event: Event) => void;
/** Attributes by their HTML names; `onclick` and its like take functions; `false` and `undefined` are left out. */
export type Attributes = Record<string, string | number | boolean | undefined | null | Handler>;

/** Set as properties, since the attribute only gives the first value of these. */
const PROPERTIES = new Set(["value", "checked", "indeterminate"]);

/** Makes an element: `h("p", { class: "hint" }, "Choose a file")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) Reflect.set(element, name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Replaces all that an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child as readonly Child[]);
    else element.append(child instanceof Node ? child : String(child));
  }
}

let lastId = 0;
/** An id nothing else on the page has, to tie a label or a description to what it names. */
export function uniqueId(prefix: string): string {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** A button that cannot submit anything by accident. */
export function button(label: Child, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "button", ...attributes, onclick }, label);
}
