import { readFileSync } from "node:fs";

import type { Program } from "../engine.js";
import { FulfillmentError } from "../errors.js";
import { explained, runs } from "./compile.js";

const WHERE =
  'The .wasm file must stay beside the module that loads it. Where a bundler moves the module away, leave "pb-fulfillment" out of the bundle (external; in Next.js, serverExternalPackages), or import "pb-fulfillment/inline", which has the WebAssembly in itself.';

/** Reads and compiles a program at once. */
export function readProgram(url: URL): Program {
  runs();
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(url);
  } catch (cause) {
    throw new FulfillmentError("wasm_not_found", `${url} could not be read. ${WHERE}`, { cause });
  }
  try {
    return { module: new WebAssembly.Module(bytes) };
  } catch (cause) {
    throw explained(cause, `${url} could not be compiled as WebAssembly. ${WHERE}`);
  }
}
