import type { Program } from "../engine.js";
import { FulfillmentError } from "../errors.js";
import { attempt, runs } from "./compile.js";

/** Fetches and compiles a program, streaming where the server names its type. Each way to fail has an error that says what to do. */
export async function fetchProgram(url: URL, imports: WebAssembly.Imports): Promise<Program> {
  runs();
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new FulfillmentError(
      "wasm_unreachable",
      `${url} could not be fetched. If the page has a Content-Security-Policy, its connect-src must allow it.`,
      { cause },
    );
  }
  if (!response.ok) {
    throw new FulfillmentError("wasm_not_found", `${url} answered with status ${response.status}. ${WHERE}`, { status: response.status });
  }
  const type = response.headers.get("content-type") ?? "";
  if (/^text\/html\b/i.test(type)) {
    throw new FulfillmentError("wasm_not_found", `${url} is an HTML page and not WebAssembly. ${WHERE}`, { status: response.status });
  }
  return attempt(
    async () =>
      /^application\/wasm\b/i.test(type)
        ? WebAssembly.instantiateStreaming(response, imports)
        : WebAssembly.instantiate(await response.arrayBuffer(), imports),
    `What ${url} gave could not be compiled as WebAssembly. ${WHERE}`,
  );
}

const WHERE =
  'The .wasm file must be served beside the module that loads it. With Vite\'s development server, add optimizeDeps: { exclude: ["pb-fulfillment"] } to its configuration, or import "pb-fulfillment/inline".';
