/** What can go wrong wherever WebAssembly is compiled, with errors that say what to do. */
import { FulfillmentError } from "../errors.js";

/** How the error text of each engine names a policy that forbids WebAssembly. */
const FORBIDDEN = /content.security.policy|unsafe-eval|\bCSP\b/i;

/** A module of one function that does nothing but drop a vector of 128 bits: what an engine without SIMD cannot compile. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11];

const NEEDED = "It runs in Node 20.19, Chrome 96, Firefox 92, Safari 16.4 and in later ones.";

/** Throws if the runtime has no WebAssembly at all. */
export function runs(): void {
  if (typeof WebAssembly === "object") return;
  throw new FulfillmentError("unsupported_runtime", `pb-fulfillment needs WebAssembly, which this runtime does not have. ${NEEDED}`);
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
  if (!WebAssembly.validate(new Uint8Array(SIMD))) {
    const message = `pb-fulfillment needs WebAssembly with SIMD (128 bits), which this runtime does not have. ${NEEDED}`;
    return new FulfillmentError("unsupported_runtime", message, { cause });
  }
  return new FulfillmentError("wasm_not_found", otherwise, { cause });
}
