// The binary format of WebAssembly, as far as names of imports and exports go (WebAssembly Core 5.5).
import { Explained } from "./run.mjs";

const HEADER = 8;
const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0;

/**
 * The program with other names. `nameImport` gives the module and the name of the function that is imported in that place, `nameExport`
 * the name of an export, or nothing to leave it out.
 */
export function renamed(program, nameImport, nameExport) {
  const reader = new Reader(program);
  const parts = [reader.bytes(HEADER)];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    let content = reader.bytes(reader.number());
    if (id === IMPORTS) content = importsOf(new Reader(content), nameImport);
    if (id === EXPORTS) content = exportsOf(new Reader(content), nameExport);
    parts.push([id], number(content.length), content);
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function importsOf(reader, nameImport) {
  const count = reader.number();
  const out = number(count);
  for (let place = 0; place < count; place += 1) {
    const [module, name] = [reader.text(), reader.text()];
    if (reader.byte() !== FUNCTION) throw new Explained(`The program imports ${name} of ${module}, which is no function.`);
    out.push(...nameImport(place).flatMap(text), FUNCTION, ...number(reader.number()));
  }
  return out;
}

function exportsOf(reader, nameExport) {
  const kept = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const name = nameExport(reader.text());
    const what = [reader.byte(), ...number(reader.number())];
    if (name !== undefined) kept.push([...text(name), ...what]);
  }
  return [...number(kept.length), ...kept.flat()];
}

class Reader {
  #bytes;
  #place = 0;

  constructor(bytes) {
    this.#bytes = Uint8Array.from(bytes);
  }

  get isAtEnd() {
    return this.#place >= this.#bytes.length;
  }

  byte() {
    return this.bytes(1)[0];
  }

  bytes(count) {
    return this.#bytes.subarray(this.#place, (this.#place += count));
  }

  /** An unsigned number in LEB128. */
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
}

function number(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}

function text(value) {
  const bytes = new TextEncoder().encode(value);
  return [...number(bytes.length), ...bytes];
}
