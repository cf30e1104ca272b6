// Finds the parts of a JSON text without turning them into values, so that what a person does not touch stays byte for
// byte as it came: 19.90 stays 19.90. It expects text that the validator has found to be well formed; on any other
// text it gives undefined or nonsense spans, but always ends.

/** A part of a text: from `start` up to, not including, `end`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One member of an object or one element of an array. */
export interface Member {
  /** The member's name, or the element's position. */
  readonly key: string | number;
  /** From the name's opening quote (in an array: the value) to the value's end. */
  readonly whole: Span;
  readonly value: Span;
}

const QUOTE = 0x22,
  BACKSLASH = 0x5c,
  COMMA = 0x2c,
  COLON = 0x3a;
const OPEN_OBJECT = 0x7b,
  CLOSE_OBJECT = 0x7d,
  OPEN_ARRAY = 0x5b,
  CLOSE_ARRAY = 0x5d;

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** The first place at or after `from` that is not white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = quote;
    while (slashes > start + 1 && text.charCodeAt(slashes - 1) === BACKSLASH) slashes -= 1;
    if ((quote - slashes) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Where the value that begins at `start` ends. Nesting is counted, not recursed into. */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  let at = start;
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) {
    while (at < text.length) {
      const unit = text.charCodeAt(at);
      if (unit === COMMA || unit === CLOSE_ARRAY || unit === CLOSE_OBJECT || isSpace(unit)) break;
      at += 1;
    }
    return at;
  }
  let depth = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    at += 1;
    if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) depth += 1;
    else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) break;
    }
  }
  return at;
}

/** The members of the object, or elements of the array, that begins at `start`; none for any other value. */
export function* members(text: string, start: number): Generator<Member> {
  const opening = text.charCodeAt(start);
  if (opening !== OPEN_OBJECT && opening !== OPEN_ARRAY) return;
  let at = skipSpace(text, start + 1);
  let position = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) return;
    const from = at;
    let key: string | number = position;
    if (opening === OPEN_OBJECT) {
      const end = endOfString(text, at);
      key = readString(text.slice(at, end));
      at = skipSpace(text, end);
      if (text.charCodeAt(at) !== COLON) return;
      at = skipSpace(text, at + 1);
    }
    const end = endOfValue(text, at);
    if (end === at) return;
    yield { key, whole: { start: from, end }, value: { start: at, end } };
    position += 1;
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
}

/** What a JSON string says; the raw text where it cannot be read. */
export function readString(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw;
  }
}

/** The value at a path, or undefined where there is none. */
export function locate(text: string, path: readonly (string | number)[]): Span | undefined {
  let start = skipSpace(text, 0);
  let found: Span = { start, end: endOfValue(text, start) };
  for (const step of path) {
    let next: Span | undefined;
    // The last of equal names counts, as it does for JSON.parse.
    for (const member of members(text, start)) if (member.key === step) next = member.value;
    if (!next) return undefined;
    found = next;
    start = next.start;
  }
  return found;
}
