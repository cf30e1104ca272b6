/** Streams as callers have them, read chunk by chunk. */
import { encode, remedyFor, stringify } from "../input.js";
import type { OrdersStream } from "./types.js";

/** What a source gives, and a way to end it. */
export interface Source {
  next(): PromiseLike<{ done?: boolean | undefined; value?: unknown }> | { done?: boolean | undefined; value?: unknown };
  return?(): unknown;
}

/** Opens a stream. Not every runtime can loop over a ReadableStream. */
export function sourceOf(stream: OrdersStream): Source {
  if ("getReader" in stream) {
    const reader = stream.getReader();
    return { next: () => reader.read(), return: () => reader.cancel() };
  }
  return (Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()) as Source;
}

/**
 * Makes bytes of what a source gives: of a piece of text as it is, of an order a line. A text may be cut within a pair of surrogates or
 * an escape, so the beginning of either waits for what follows; `rest` is what nothing has followed.
 */
export function chunks(what: string): { chunkOf(value: unknown): Uint8Array; rest(): Uint8Array } {
  let held = "";
  const rest = (): Uint8Array => {
    const bytes = encode(held);
    held = "";
    return bytes;
  };
  const chunkOf = (value: unknown): Uint8Array => {
    if (typeof value !== "string") return behind(rest(), bytesOf(value, what));
    const text = held + value;
    let end = text.length;
    if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    while (text[end - 1] === "\\") end -= 1;
    held = text.slice(end);
    return encode(text.slice(0, end));
  };
  return { chunkOf, rest };
}

function behind(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (before.length === 0) return bytes;
  const both = new Uint8Array(before.length + bytes.length);
  both.set(before);
  both.set(bytes, before.length);
  return both;
}

function bytesOf(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const remedy = Array.isArray(value) ? "a list was given; give its orders one by one (yield*)." : remedyFor(value);
  if (remedy) throw new TypeError(`${what}: in the stream, ${remedy}`);
  return encode(`${stringify(value, what)}\n`);
}

/** Waits for an action until the signal is aborted; rejects with its reason then. */
export function within<T>(signal: AbortSignal | undefined, action: () => T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cut = (): void => reject(signal?.reason);
    if (signal?.aborted) return cut();
    signal?.addEventListener("abort", cut);
    void (async () => action())()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", cut));
  });
}
