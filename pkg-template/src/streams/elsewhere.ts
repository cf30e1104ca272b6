/** Stands for what reads streams, in what a page downloads without them. */
import type * as here from "./here.js";

/** What may be awaited or looped over, as what a stream gives is, and rejects either way. */
function refuse(): never {
  const refused = Promise.reject(
    new TypeError(
      'A stream was given. What reads streams is in "pb-fulfillment/streams", so that pages without them need not download it: import from there.',
    ),
  );
  return Object.assign(refused, { [Symbol.asyncIterator]: () => ({ next: () => refused }) }) as never;
}

export const validateStream: typeof here.validateStream = refuse;
export const submitStream: typeof here.submitStream = refuse;
