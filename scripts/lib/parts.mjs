// One program in several files. The first has what the others have in common and can do without them. Each of the others is added to
// a running instance of it: it shares its memory and its tables, and puts its functions into the places that are kept there for them.
//
// What is needed where is known of the linked program. It is divided as text, when wasm-bindgen has made its changes.
import { readLinked } from "./reach.mjs";
import { Explained } from "./run.mjs";

/** The module that the others import of the first. */
export const FIRST = "first";

/** How its exports are named that are for the others. */
export const SHARED = /^_[0-9a-z]+$/;

/**
 * Divides a program. `linked` is what the linker made, with its relocations; `text` what wasm-bindgen made of it, written out by
 * wasm-dis with the names of the linked one, none of which two functions have; `exportsOf` the names of the parts, and of the exports of
 * each. The first has besides what is asked of none. Gives the text of each part by its name; what nothing reaches is in none, so that a
 * program that is given as one part becomes smaller.
 */
export function divide(linked, text, exportsOf) {
  const [first, ...others] = Object.keys(exportsOf);
  const program = parse(text);
  const division = new Division(program, readLinked(linked), exportsOf);
  const shared = new Shared();
  const texts = Object.fromEntries(others.map((part) => [part, writePart(program, division.of(part), division.isFirst, shared)]));
  // Last, when it is known what the others have of it.
  return { ...texts, [first]: writeFirst(program, division.of(first), shared) };
}

const ID = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)`;
const IDS = new RegExp(ID, "g");
const CALLS = new RegExp(String.raw`(?<=\((?:call|return_call|ref\.func) )${ID}`, "g");
const GLOBALS = new RegExp(String.raw`(?<=\(global\.[gs]et )${ID}`, "g");

/** What stands in the text of a program. */
function parse(text) {
  const items = text
    .slice(0, text.lastIndexOf("\n)"))
    .split(/\n(?= \()/)
    .slice(1);
  const taken = new Set();
  const read = (pattern, make) =>
    items.flatMap((item) => {
      const found = new RegExp(`^ ${pattern}`).exec(item);
      if (!found) return [];
      taken.add(item);
      return [make(item, ...found.slice(1))];
    });
  const all = (item, pattern) => [...new Set(item.match(pattern))];
  const program = {
    types: read(String.raw`\(type `, (item) => item),
    imports: new Map(read(String.raw`\(import "[^"]*" "[^"]*" \(func (${ID})`, (item, id) => [id, item])),
    functions: new Map(
      read(String.raw`\(func (${ID})((?: \((?:param|result)[^)]*\))*)`, (item, id, signature) => [
        id,
        { item, signature, calls: all(item, CALLS), globals: all(item, GLOBALS) },
      ]),
    ),
    exports: read(String.raw`\(export "([^"]*)" \((\w+) (${ID})\)\)$`, (item, name, kind, id) => ({ item, name, kind, id })),
    // What there is one of. Its type is what stands between its name and its value.
    common: read(String.raw`\((global|memory|table) (${ID}) (\(mut \w+\)|\w+(?: \w+)*)`, (item, kind, id, type) => ({
      item,
      kind,
      id,
      type,
    })),
    data: read(String.raw`\(data (${ID}) \(i32\.const (\d+)\) "([^]*)"\)$`, (_, name, address, bytes) => ({
      isConstant: name === "$.rodata",
      address: Number(address),
      bytes: bytesOf(bytes),
    })),
    places: read(String.raw`\(elem ${ID} (?:\(table ${ID}\) )?\(i32\.const (\d+)\) func ([^]*)\)$`, (_, first, ids) =>
      ids.match(IDS).map((id, place) => ({ place: Number(first) + place, id })),
    ).flat(),
  };
  const strange = items.find((item) => !taken.has(item));
  if (strange) throw new Explained(`A program with this in its text cannot be divided:${strange.slice(0, 200)}`);
  return program;
}

/** What wasm-bindgen takes away from the names of exports, by which it calls the functions. */
const HASH = /_[0-9a-f]{16}$/;

/** The functions that wasm-bindgen makes itself: they call others, and refer to nothing else that was linked. */
const MADE = /^\$__wbindgen_object_clone_ref$|shim"$/;

/**
 * What of a program is in which part. What the first needs is there alone. What several others need and the first does not is in each of
 * these: functions and constants may be there twice. What can change is there once, in the first.
 */
class Division {
  #program;
  #linked;
  #parts;
  #first;
  #exports;
  /** The node of each function in the text that was linked, by its id. */
  #nodes = new Map();
  /** The nodes that each part needs. */
  #needed;
  #bytes;

  constructor(program, linked, exportsOf) {
    this.#program = program;
    this.#linked = linked;
    this.#parts = Object.keys(exportsOf);
    this.#first = this.#parts[0];
    this.#exports = program.exports.map((one) => ({
      ...one,
      part: this.#parts.find((part) => exportsOf[part].includes(one.name)) ?? this.#first,
    }));
    for (const [node, name] of linked.functions) for (const id of [`$${name}`, `$"${name}"`]) this.#nodes.set(id, node);
    for (const { name, node } of linked.exports) this.#nodes.set(`$${name.replace(HASH, "")}`, node);
    this.#needed = new Map(this.#parts.map((part) => [part, this.#linked.reached(this.#nodesIn(this.#exportedBy(part)))]));
    this.#bytes = this.#divideBytes();
    const inFirst = closure(program, this.#rootsOf(this.#first), () => true);
    /** Whether a function is in the first part. */
    this.isFirst = (id) => inFirst.has(id);
    this.#check(Object.values(exportsOf).flat());
  }

  /** What a part has: exports, functions, places in the table, and whether it has the byte at an address. */
  of(part) {
    const own = this.#bytes.get(part);
    const ofNone = (address) => [...this.#bytes.values()].every((bytes) => !bytes.has(address));
    return {
      exports: this.#exports.filter((one) => one.part === part),
      functions: closure(this.#program, this.#rootsOf(part), (id) => part === this.#first || !this.isFirst(id)),
      places: this.#placesOf(part),
      hasByte: (address) => own.has(address) || (part === this.#first && ofNone(address)),
    };
  }

  #exportedBy(part) {
    return this.#exports.filter((one) => one.part === part && one.kind === "func");
  }

  #placesOf(part) {
    return this.#program.places.filter(({ place }) => this.#partsOf(this.#linked.places.get(place)).includes(part));
  }

  #rootsOf(part) {
    return [...this.#exportedBy(part), ...this.#placesOf(part)];
  }

  /** The nodes of these functions, and of what they call. What wasm-bindgen has put between has none. */
  #nodesIn(functions) {
    return [...closure(this.#program, functions, () => true)].map((id) => this.#nodes.get(id)).filter(Boolean);
  }

  #partsOf(node) {
    if (this.#needed.get(this.#first).has(node)) return [this.#first];
    return this.#parts.filter((part) => this.#needed.get(part).has(node));
  }

  /** The addresses that each part has the bytes of. */
  #divideBytes() {
    const bytes = new Map(this.#parts.map((part) => [part, new Set()]));
    const constants = this.#program.data.filter(({ isConstant }) => isConstant);
    // Without them all would be taken for what can change, and be in the first part.
    if (constants.length === 0) throw new Explained("The program that is to be divided does not say which of its data is constant.");
    const isConstant = (place) => constants.some(({ address, bytes }) => address <= place && place < address + bytes.length);
    const changing = new Map();
    for (const [node, { start, end }] of this.#linked.data) {
      const needing = this.#partsOf(node);
      const parts = needing.length > 1 && !isConstant(start) ? [this.#first] : needing;
      for (let address = start; address < end; address += 1) {
        for (const part of parts) bytes.get(part).add(address);
        if (parts.length === 0 || isConstant(address)) continue;
        if (changing.has(address) && changing.get(address) !== parts[0])
          throw new Explained(`What stands at ${address} in the program can change, and would be in two of its parts.`);
        changing.set(address, parts[0]);
      }
    }
    return bytes;
  }

  /** That the program is as it was linked, and that each part has, or the first, what its functions reach. */
  #check(wanted) {
    const names = this.#program.exports.map(({ name }) => name);
    const missing = this.#parts.flatMap((part) => {
      const nodes = this.#nodesIn(this.#rootsOf(part));
      return nodes.filter((node) => !this.#partsOf(node).some((one) => one === part || one === this.#first));
    });
    const strange = [
      ...wanted.filter((name) => !names.includes(name)),
      ...this.#program.places.filter(({ place }) => !this.#linked.places.has(place)).map(({ id }) => id),
      ...missing.map((node) => this.#linked.functions.get(node)),
      ...[...this.#program.functions.keys()].filter((id) => !this.#nodes.has(id) && !MADE.test(id)),
    ];
    if (strange.length > 0) throw new Explained(`The program that is to be divided is not as it was linked: ${strange.join(", ")}.`);
  }
}

/** These functions and those that they call, one through the other, as far as these are wanted. */
function closure(program, functions, isWanted) {
  const found = new Set(functions.map(({ id }) => id));
  for (const id of found) for (const called of program.functions.get(id)?.calls ?? []) if (isWanted(called)) found.add(called);
  return found;
}

/** What the first part exports for the others, with a short name for each. */
class Shared {
  #names = new Map();

  import(kind, id, type) {
    const what = `${kind} ${id}`;
    if (!this.#names.has(what)) this.#names.set(what, `_${this.#names.size.toString(36)}`);
    return ` (import "${FIRST}" "${this.#names.get(what)}" (${what} ${type}))`;
  }

  exports() {
    return [...this.#names].map(([what, name]) => ` (export "${name}" (${what}))`);
  }
}

function writeFirst(program, { exports, functions, places, hasByte }, shared) {
  const own = functionsOf(program, functions);
  return write(program, [
    ...importsOf(program, new Set([...own.flatMap(({ calls }) => calls), ...exports.map(({ id }) => id)])),
    ...program.common.map(({ item }) => item),
    ...firstData(program, hasByte),
    ...placesOf(program, places),
    ...exports.map(({ item }) => item),
    ...shared.exports(),
    ...own.map(({ item }) => item),
  ]);
}

function writePart(program, { exports, functions, places, hasByte }, isFirst, shared) {
  const own = functionsOf(program, functions);
  const called = new Set(own.flatMap(({ calls }) => calls));
  return write(program, [
    ...importsOf(program, called),
    ...program.common
      // Memory and tables are used whether or not a function names them.
      .filter(({ kind, id }) => kind !== "global" || own.some(({ globals }) => globals.includes(id)))
      .map(({ kind, id, type }) => shared.import(kind, id, type)),
    ...[...called]
      .filter((id) => isFirst(id) && program.functions.has(id))
      .map((id) => shared.import("func", id, program.functions.get(id).signature)),
    ...dataOf(program, hasByte),
    ...placesOf(program, places),
    ...exports.map(({ item }) => item),
    ...own.map(({ item }) => item),
  ]);
}

const write = ({ types }, items) => `(module\n${[...types, ...items].join("\n")}\n)\n`;

/** In the order of the text. */
const functionsOf = ({ functions }, ids) => [...functions].filter(([id]) => ids.has(id)).map(([, one]) => one);

const importsOf = ({ imports }, ids) => [...imports].filter(([id]) => ids.has(id)).map(([, item]) => item);

/** The functions in the table: a segment for each row of neighbours. */
function placesOf(program, places) {
  const rows = [];
  for (const { place, id } of places) {
    const row = rows.at(-1);
    if (row && row.start + row.ids.length === place) row.ids.push(id);
    else rows.push({ start: place, ids: [id] });
  }
  const table = program.common.find(({ type }) => type.endsWith("funcref"));
  return rows.map(({ start, ids }) => ` (elem (table ${table.id}) (i32.const ${start}) func ${ids.join(" ")})`);
}

/** What the first part has of the data, with zeros where that of others will be: these compress to nothing. */
function firstData({ data }, hasByte) {
  return data.flatMap(({ address, bytes }) => {
    const own = bytes.map((byte, offset) => (hasByte(address + offset) ? byte : 0));
    const end = own.findLastIndex((byte) => byte !== 0) + 1;
    return end > 0 ? [segment(address, own.subarray(0, end))] : [];
  });
}

/** How many bytes may stand between two pieces of data before it is shorter to tell the place of the second. */
const GAP = 8;

/** What another part has of the data. Zeros are there already. */
function dataOf({ data }, hasByte) {
  return data.flatMap(({ address, bytes, isConstant }) => {
    const pieces = [];
    for (const offset of bytes.keys()) {
      if (bytes[offset] === 0 || !hasByte(address + offset)) continue;
      const last = pieces.at(-1);
      // What stands between is another's, or nobody's: the same bytes are written there once more, if they never change.
      if (last && offset - last.end <= (isConstant ? GAP : 0)) last.end = offset + 1;
      else pieces.push({ start: offset, end: offset + 1 });
    }
    return pieces.map(({ start, end }) => segment(address + start, bytes.subarray(start, end)));
  });
}

const segment = (address, bytes) => ` (data (i32.const ${address}) "${textOf(bytes)}")`;

/** What stands behind a backslash in a text, and is neither a number nor itself. */
const ESCAPED = { n: 10, t: 9, r: 13 };

function bytesOf(text) {
  const units = text.match(/\\[0-9a-f]{2}|\\?[^]/gi) ?? [];
  return Uint8Array.from(units, (unit) => {
    if (unit.length === 3) return parseInt(unit.slice(1), 16);
    return (unit.length === 2 && ESCAPED[unit[1]]) || unit.charCodeAt(unit.length - 1);
  });
}

const textOf = (bytes) => Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
