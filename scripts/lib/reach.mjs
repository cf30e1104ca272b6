// What of a program is reached from what, as the linker notes it if it is asked to keep its relocations
// (tool-conventions, Linking.md): each place in code and data where the number of a function or an address stands.
import { readExport, readFunctionNames, readImport, Reader, SECTION, sections, subsections } from "./program.mjs";
import { Explained } from "./run.mjs";

/** The kinds of symbols, and the subsection of `linking` that has them. */
const FUNCTION = 0;
const DATA = 1;
const SECTION_SYMBOL = 3;
const SYMBOL_TABLE = 8;

/** Flags of a symbol: it is not defined here; its name stands there although it is imported. */
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;

/** The kinds of relocations that have a number to add, those that have none, and what is no symbol but a type. */
const WITH_ADDEND = [3, 4, 5, 8, 9, 11];
const WITHOUT_ADDEND = [0, 1, 2, 7, 10, 13, 20, 26];
const TYPE_INDEX = 6;

/**
 * Reads a linked program. Its functions and its pieces of data are nodes, and `reached(nodes)` gives all that are reached from some,
 * themselves included. `functions` has the name of each function, `exports` those that are exported, each with the name of that,
 * `places` those in the table by their place, and `data` the `{ start, end }` in memory of each piece.
 */
export function readLinked(program) {
  const all = sections(program);
  const section = (wanted) => {
    const found = all.find(({ id, name }) => wanted === (name ?? id));
    if (!found) throw new Explained(`The linked program has no section ${wanted}: it must be linked with --emit-relocs, and not stripped.`);
    return new Reader(found.content);
  };
  const symbols = readSymbols(section("linking"));
  const segments = readSegments(section(SECTION.data));
  const names = readFunctionNames(section("name"));
  const imported = section(SECTION.imports)
    .list(readImport)
    .filter(({ kind }) => kind === "function").length;
  const bodies = readBodies(section(SECTION.code));

  const edges = new Map();
  const link = (from, to) => (edges.has(from) ? edges.get(from).add(to) : edges.set(from, new Set([to])));
  const pieces = symbols.filter((symbol) => symbol.kind === DATA && symbol.size > 0);
  const nodeOf = ({ kind, index, segment, offset, size }) => {
    if (kind === FUNCTION) return `function ${index}`;
    return kind === DATA && size > 0 ? `data ${segment} ${offset} ${size}` : undefined;
  };
  for (const { offset, symbol } of readRelocations(section("reloc.CODE"))) {
    const to = nodeOf(symbols[symbol]);
    const body = bodies.findIndex(({ start, end }) => start <= offset && offset < end);
    if (to) link(`function ${imported + body}`, to);
  }
  for (const { offset, symbol } of readRelocations(section("reloc.DATA"))) {
    const to = nodeOf(symbols[symbol]);
    const segment = segments.findIndex(({ start, end }) => start <= offset && offset < end);
    const place = offset - segments[segment].start;
    const holders = pieces.filter((piece) => piece.segment === segment && piece.offset <= place && place < piece.offset + piece.size);
    if (to && holders.length === 0)
      throw new Explained(`In the linked program, data that has no name (${segment}: ${place}) refers to other.`);
    for (const piece of to ? holders : []) link(nodeOf(piece), to);
  }
  return {
    exports: section(SECTION.exports)
      .list(readExport)
      .filter(({ kind }) => kind === "function")
      .map(({ name, index }) => ({ name, node: `function ${index}` })),
    places: new Map(readPlaces(section(SECTION.elements))),
    reached(nodes) {
      const found = new Set(nodes);
      for (const one of found) for (const next of edges.get(one) ?? []) found.add(next);
      return found;
    },
    functions: new Map(names.map(({ index, name }) => [`function ${index}`, name])),
    data: new Map(
      pieces.map((piece) => {
        const start = segments[piece.segment].address + piece.offset;
        return [nodeOf(piece), { start, end: start + piece.size }];
      }),
    ),
  };
}

/** The symbols, in the order that relocations go by. */
function readSymbols(reader) {
  reader.number(); // The version of the section.
  const table = subsections(reader).find(({ kind }) => kind === SYMBOL_TABLE);
  if (!table) throw new Explained("The linked program has no table of symbols.");
  return new Reader(table.content).list(readSymbol);
}

function readSymbol(reader) {
  const [kind, flags] = [reader.byte(), reader.number()];
  const isDefined = !(flags & UNDEFINED);
  if (kind === SECTION_SYMBOL) return { kind, index: reader.number() };
  if (kind === DATA) {
    reader.text();
    return isDefined ? { kind, segment: reader.number(), offset: reader.number(), size: reader.number() } : { kind, size: 0 };
  }
  const index = reader.number();
  if (isDefined || flags & EXPLICIT_NAME) reader.text();
  return { kind, index };
}

/** The functions in the table: `[place, node]`. */
function readPlaces(reader) {
  return reader
    .list(() => {
      const first = readFixed(reader);
      return reader.list(() => reader.number()).map((index, place) => [first + place, `function ${index}`]);
    })
    .flat();
}

/** Where a segment of data, or of functions, has its place: an i32.const, as linkers make it for a program without threads. */
function readFixed(reader) {
  if (reader.number() !== 0 || reader.byte() !== 0x41) throw new Explained("The linked program has a segment that is at no fixed place.");
  const place = reader.number();
  reader.byte();
  return place;
}

/** The segments of data: where they stand in their section, and in memory. */
function readSegments(reader) {
  return reader.list(() => {
    const address = readFixed(reader);
    const size = reader.number();
    const start = reader.place;
    reader.bytes(size);
    return { address, start, end: start + size };
  });
}

/** Where the bodies of the functions stand in their section. */
function readBodies(reader) {
  return reader.list(() => {
    const size = reader.number();
    const start = reader.place;
    reader.bytes(size);
    return { start, end: start + size };
  });
}

function* readRelocations(reader) {
  reader.number(); // The section that they are of.
  for (let left = reader.number(); left > 0; left -= 1) {
    const [kind, offset, symbol] = [reader.byte(), reader.number(), reader.number()];
    if (WITH_ADDEND.includes(kind)) reader.number();
    else if (kind !== TYPE_INDEX && !WITHOUT_ADDEND.includes(kind))
      throw new Explained(`The linked program has relocations of kind ${kind}.`);
    if (kind !== TYPE_INDEX) yield { offset, symbol };
  }
}
