/** Streams as callers have them, read chunk by chunk. */
import { encode, stringify, toBytes } from "../input.js";
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

/** The bytes of what a source gave: a piece of text as it is, an order as a line. */
export function chunkOf(value: unknown, what: string): Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return toBytes(value, what);
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
