// The binary format of WebAssembly (WebAssembly Core 5.5), as far as the build reads and writes it.
import { Explained } from "./run.mjs";

/** What each program begins with: "\0asm", and the version. */
const MAGIC = [0, 97, 115, 109, 1, 0, 0, 0];

/** The sections by number, as far as they are used. One of number 0 is custom, and has a name. */
export const SECTION = { imports: 2, exports: 7, elements: 9, code: 10, data: 11 };

/** The kinds of what is imported and exported, by number. */
const KINDS = ["function", "table", "memory", "global"];

/** Reads numbers and texts one after another. */
export class Reader {
  #bytes;
  #place;

  constructor(bytes, place = 0) {
    this.#bytes = bytes;
    this.#place = place;
  }

  get isAtEnd() {
    return this.#place >= this.#bytes.length;
  }

  get place() {
    return this.#place;
  }

  byte() {
    return this.bytes(1)[0];
  }

  bytes(count) {
    return this.#bytes.subarray(this.#place, (this.#place += count));
  }

  /** An unsigned number in LEB128. One with a sign that is read so has the same end, and is the same if it is from 0 and has room. */
  number() {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.byte();
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
  }

  text() {
    return new TextDecoder().decode(this.bytes(this.number()));
  }

  /** As many items as the number that stands first. */
  list(item) {
    return Array.from({ length: this.number() }, () => item(this));
  }
}

/** The sections of a program in their order: `{ id, name, content }`, with a name where they are custom. */
export function sections(program) {
  const reader = new Reader(program, MAGIC.length);
  const found = [];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.bytes(reader.number());
    if (id !== 0) {
      found.push({ id, content });
      continue;
    }
    const custom = new Reader(content);
    const name = custom.text();
    found.push({ id, name, content: content.subarray(custom.place) });
  }
  return found;
}

/** An import: `{ module, name, kind, type }`, the type as bytes. */
export function readImport(reader) {
  const [module, name, kind] = [reader.text(), reader.text(), KINDS[reader.byte()]];
  if (!kind) throw new Explained(`The program imports ${name} of ${module}, which is of no kind that is known.`);
  return { module, name, kind, type: TYPES[kind](reader) };
}

const limits = (reader) => {
  const hasMost = reader.byte();
  return [hasMost, ...number(reader.number()), ...(hasMost % 2 ? number(reader.number()) : [])];
};

const TYPES = {
  function: (reader) => number(reader.number()),
  table: (reader) => [reader.byte(), ...limits(reader)],
  memory: limits,
  global: (reader) => [reader.byte(), reader.byte()],
};

/**
 * The program with other names. `nameImport` gives the module and the name of an import, `nameExport` the name of an export, or nothing to
 * leave it out.
 */
export function renamed(program, nameImport, nameExport) {
  const changed = sections(program).map((section) => {
    const reader = new Reader(section.content);
    if (section.id === SECTION.imports) {
      const imports = reader.list(readImport).map((what) => [...nameImport(what).flatMap(text), ...kindOf(what), ...what.type]);
      return { ...section, content: [...number(imports.length), ...imports.flat()] };
    }
    if (section.id === SECTION.exports) {
      const exports = reader.list(readExport).map((what) => [nameExport(what.name), ...kindOf(what), ...number(what.index)]);
      const kept = exports.filter(([name]) => name !== undefined);
      return { ...section, content: [...number(kept.length), ...kept.flatMap(([name, ...rest]) => [...text(name), ...rest])] };
    }
    return section;
  });
  return written(changed);
}

/** What some custom sections are divided into: `{ kind, content }` for each. */
export function subsections(reader) {
  const found = [];
  while (!reader.isAtEnd) found.push({ kind: reader.byte(), content: reader.bytes(reader.number()) });
  return found;
}

/** The subsection of `name` that has the names of functions. */
const FUNCTION_NAMES = 1;

/** The names of functions in the section `name`: `{ index, name }` for each. */
export function readFunctionNames(reader) {
  const named = subsections(reader).find(({ kind }) => kind === FUNCTION_NAMES);
  if (!named) throw new Explained("The program has no names of functions.");
  return new Reader(named.content).list((names) => ({ index: names.number(), name: names.text() }));
}

/** The program with a number behind each name that several functions have: tools would else make these different as they like. */
export function withUniqueNames(program) {
  const changed = sections(program).map((section) => {
    if (section.name !== "name") return section;
    const unique = uniqueNames(readFunctionNames(new Reader(section.content)));
    const parts = subsections(new Reader(section.content)).map(({ kind, content }) => {
      const names = kind === FUNCTION_NAMES ? unique : [...content];
      return [kind, ...number(names.length), ...names];
    });
    return { ...section, content: parts.flat() };
  });
  return written(changed);
}

function uniqueNames(names) {
  const times = new Map();
  for (const { name } of names) times.set(name, (times.get(name) ?? 0) + 1);
  const unique = ({ index, name }) => [...number(index), ...text(times.get(name) > 1 ? `${name}#${index}` : name)];
  return [...number(names.length), ...names.flatMap(unique)];
}

/** The program of these sections. */
export function written(sections) {
  const parts = sections.flatMap(({ id, name, content }) => {
    const named = name === undefined ? [] : text(name);
    return [[id], number(named.length + content.length), named, content];
  });
  return Buffer.concat([MAGIC, ...parts].map((part) => Buffer.from(part)));
}

/** An export: `{ name, kind, index }`. */
export function readExport(reader) {
  return { name: reader.text(), kind: KINDS[reader.byte()], index: reader.number() };
}

const kindOf = ({ kind }) => [KINDS.indexOf(kind)];

function number(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}

function text(value) {
  const bytes = new TextEncoder().encode(value);
  return [...number(bytes.length), ...bytes];
}
