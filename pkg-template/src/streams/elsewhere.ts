/** Stands for what reads streams, in what a page downloads without them. */
import type * as here from "./here.js";

function refuse(): never {
  throw new TypeError(
    'A stream was given. What reads streams is in "pb-fulfillment/streams", so that pages without them need not download it: import from there.',
  );
}

export const validateStream: typeof here.validateStream = refuse;
export const submitStream: typeof here.submitStream = refuse;
