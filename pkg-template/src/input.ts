/**
 * Makes bytes of whatever orders come as, and values of bytes. The bytes that are checked are those that are sent, so the former happens
 * once.
 */

import type { OrdersStream } from "./streams/types.js";

const encoder = new TextEncoder();

/** The bytes of an input: text is encoded, bytes are taken as they are, all else becomes JSON. */
export function toBytes(input: unknown, what: string): Uint8Array {
  if (typeof input === "string") return encode(input);
  if (input instanceof Uint8Array) return input;
  if (input === undefined)
    throw new TypeError(`${what}: the first argument is missing. Give JSON text, its bytes, or the objects themselves.`);
  const remedy = remedyFor(input);
  if (remedy) throw new TypeError(`${what}: ${remedy}`);
  return encode(stringify(input, what));
}

/** A value as JSON text. */
export function stringify(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError(`${what} cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (text === undefined) throw new TypeError(`${what}: a value of type ${typeof value} is nothing that can be written as JSON.`);
  return text;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The value that is written in bytes of JSON. Throws if they are not, or not UTF-8. */
export function parse(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/**
 * UTF-8. TextEncoder would put U+FFFD in the place of half a surrogate pair, and nobody would know; as an escape it is still
 * there for the validator to see. Behind a backslash that begins an escape it cannot be one: there a control character, which
 * JSON refuses in a text, keeps the text as malformed as it was.
 */
export function encode(text: string): Uint8Array {
  return encoder.encode(
    text.replace(/[\uD800-\uDFFF]/gu, (half, offset: number) => {
      let slashes = 0;
      while (text[offset - 1 - slashes] === "\\") slashes += 1;
      return slashes % 2 === 1 ? "\0" : `\\u${half.charCodeAt(0).toString(16)}`;
    }),
  );
}

/** Whether it is a stream, rather than orders that are all there. */
export function isStream(input: unknown): input is OrdersStream {
  if (typeof input !== "object" || input === null || Array.isArray(input) || ArrayBuffer.isView(input)) return false;
  if (input instanceof Map || input instanceof Set) return false;
  return "getReader" in input || Symbol.asyncIterator in input || Symbol.iterator in input;
}

/** What to do instead, for objects that JSON.stringify would silently make `{}` of. */
export function remedyFor(input: unknown): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  if ("then" in input && typeof input.then === "function") return "a promise was given; await it first.";
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) return "give the bytes as a Uint8Array: new Uint8Array(buffer).";
  if ("arrayBuffer" in input && typeof input.arrayBuffer === "function") {
    return "give its bytes: new Uint8Array(await input.arrayBuffer()); or, where a stream is taken, input.body or input.stream().";
  }
  if (isStream(input)) return "a stream is taken by validateOrders of the package and by a client, but not here.";
  return input instanceof Map || input instanceof Set ? "a Map or Set has no JSON; give plain objects and arrays." : undefined;
}
