/** What can go wrong wherever WebAssembly is compiled, with errors that say what to do. */
import { FulfillmentError } from "../errors.js";

/** How the error text of each engine names a policy that forbids WebAssembly. */
const FORBIDDEN = /content.security.policy|unsafe-eval|\bCSP\b/i;

/** A module of an empty table of references, and of one function that does nothing but drop a vector of 128 bits. */
const PROBE = [
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 4, 4, 1, 111, 0, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
];

const NEEDED = "It runs in Node 20.19, Chrome 96, Firefox 92, Safari 16.4 and in later ones.";

const OTHER_VERSION =
  "The WebAssembly that was loaded is of another version of pb-fulfillment than the script that loads it: one of the two may have been replaced on the server meanwhile. Load the page anew.";

/** Throws if the runtime lacks WebAssembly as a whole, or one of the globals with these names. */
export function runs(...names: string[]): void {
  const missing = ["WebAssembly", ...names].filter((name) => (globalThis as { [name: string]: unknown })[name] === undefined);
  if (missing.length > 0) throw unsupported(missing.join(" and "));
}

function unsupported(what: string, cause?: unknown): FulfillmentError {
  const message = `pb-fulfillment needs ${what}, which this runtime does not have. ${NEEDED}`;
  return new FulfillmentError("unsupported_runtime", message, cause === undefined ? {} : { cause });
}

/** Compiles. An error of the compiler is told by its cause, and by `otherwise` where that is the file itself. */
export async function attempt<T>(compile: () => Promise<T>, otherwise: string): Promise<T> {
  try {
    return await compile();
  } catch (cause) {
    throw explained(cause, otherwise);
  }
}

/** The error to throw where compiling has failed. */
export function explained(cause: unknown, otherwise: string): FulfillmentError {
  if (cause instanceof Error && FORBIDDEN.test(cause.message)) {
    const message = "The page's Content-Security-Policy does not let WebAssembly run: add 'wasm-unsafe-eval' to its script-src.";
    return new FulfillmentError("wasm_blocked", message, { cause });
  }
  if (!WebAssembly.validate(new Uint8Array(PROBE))) return unsupported("WebAssembly with SIMD (128 bits) and reference types", cause);
  // It was compiled, and what it imports is not what the script has for it.
  const isStrange = cause instanceof WebAssembly.LinkError || (cause instanceof TypeError && /\bimport\b/i.test(cause.message));
  return new FulfillmentError("wasm_not_found", isStrange ? OTHER_VERSION : otherwise, { cause });
}
