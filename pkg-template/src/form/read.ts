/** A form read afresh: its controls by the fields they are named after, and the order they make, as JSON text. */
import { isControl, read, type Control } from "./controls.js";
import type { Names, Place } from "./names.js";
import { own } from "./own.js";

/** The controls of one field. */
export interface Group {
  readonly place: Place;
  /** In the order of the document; there is at least one. */
  readonly controls: readonly [Control, ...Control[]];
}

/** Where an issue of the order belongs in the form. */
export interface Spot {
  readonly group: Group;
  readonly control: Control;
  /** Whether the control holds the very value, and not something in it or around it. */
  readonly exact: boolean;
}

/** The controls that take part, in the order of the document. */
export function groups(form: HTMLFormElement, names: Names): Group[] {
  const found = new Map<string, { place: Place; controls: [Control, ...Control[]] }>();
  for (const element of own(form, "elements")) {
    const place = isControl(element) && !element.matches(":disabled") ? names.place(element.name) : undefined;
    if (!place || !isControl(element)) continue;
    const group = found.get(place.key);
    if (group) group.controls.push(element);
    else found.set(place.key, { place, controls: [element] });
  }
  return [...found.values()];
}

/** What the form holds. */
export interface Reading {
  /** The order. Amounts are digit for digit as they were typed. */
  readonly json: string;
  /** By JSON Pointer, where the parts of the order come from: those that are in it, and those that could be. */
  readonly spots: ReadonlyMap<string, Spot>;
}

/** An object, a list or a value of the order, as far as the form has controls for it. */
interface Node {
  readonly children: Map<string | number, Node>;
  group?: Group;
}

/** How the order is put together. */
export interface ReadOptions {
  /** What the form has no control for. */
  readonly defaults?: object | undefined;
  /** Reads the form as if nobody had filled it in. */
  readonly blank?: boolean;
}

/** Puts the order together. */
export function readOrder(found: readonly Group[], names: Names, { defaults, blank = false }: ReadOptions = {}): Reading {
  const root: Node = { children: new Map() };
  for (const group of found) {
    let node = root;
    for (const step of group.place.path) {
      let child = node.children.get(step);
      if (!child) node.children.set(step, (child = { children: new Map() }));
      node = child;
    }
    node.group = group;
  }
  const spots = new Map<string, Spot>();

  /** Notes where a part of the order comes from: its own control, or else the first one inside it. */
  const note = (pointer: string, node: Node): void => {
    const group = node.group ?? first(node);
    if (!group) return;
    const control = group.controls.find(({ type }) => type !== "hidden") ?? group.controls[0];
    spots.set(pointer, { group, control, exact: node.group !== undefined });
  };

  const value = (node: Node, pointer: string, schemaPath: string, otherwise: unknown): string | undefined => {
    note(pointer, node);
    if (node.children.size === 0 && node.group) return ofGroup(node.group, pointer);
    if (names.field(schemaPath)?.type === "array") return list(node, pointer, schemaPath);
    const required = names.field(schemaPath)?.required === true;
    const text = members(node, pointer, schemaPath, otherwise);
    // An object that must be there is there, so that what it lacks is said where it is to be filled in.
    return text === "" && !required ? undefined : `{${text}}`;
  };

  const ofGroup = (group: Group, pointer: string): string | undefined => {
    const { json, entries } = blank ? { json: undefined } : read(group.place, group.controls);
    if (!entries) return json;
    entries.forEach(({ control }, index) => spots.set(`${pointer}/${index}`, { group, control, exact: false }));
    return entries.length > 0 ? `[${entries.map(({ json }) => json).join()}]` : undefined;
  };

  /** A list; its indices are closed up, whatever the rows are numbered by. */
  const list = (node: Node, pointer: string, schemaPath: string): string | undefined => {
    const required = names.field(schemaPath)?.required === true;
    const entries: string[] = [];
    for (const [, row] of [...node.children].sort(([a], [b]) => Number(a) - Number(b))) {
      const at = `${pointer}/${entries.length}`;
      let text: string | undefined;
      if (row.group) {
        note(at, row);
        text = ofGroup(row.group, at);
      } else {
        note(at, row);
        const inside = members(row, at, schemaPath, undefined);
        text = inside === "" && !required ? undefined : `{${inside}}`;
      }
      if (text !== undefined) entries.push(text);
    }
    return entries.length > 0 ? `[${entries.join()}]` : undefined;
  };

  const members = (node: Node, pointer: string, schemaPath: string, otherwise: unknown): string => {
    const defaults = plain(otherwise);
    const texts: string[] = [];
    for (const [name, child] of node.children) {
      const inside = schemaPath ? `${schemaPath}.${name}` : String(name);
      const text = value(child, `${pointer}/${name}`, inside, defaults[name]);
      if (text !== undefined) texts.push(`${JSON.stringify(name)}:${text}`);
    }
    for (const [name, value] of Object.entries(defaults)) {
      const text = node.children.has(name) ? undefined : JSON.stringify(value);
      if (text !== undefined) texts.push(`${JSON.stringify(name)}:${text}`);
    }
    return texts.join();
  };

  return { json: `{${members(root, "", "", defaults)}}`, spots };
}

function first(node: Node): Group | undefined {
  for (const child of node.children.values()) {
    const group = child.group ?? first(child);
    if (group) return group;
  }
  return undefined;
}

/** The members of a plain object; none of anything else. */
function plain(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
