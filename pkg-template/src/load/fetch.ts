import type { Program } from "../engine.js";
import { FulfillmentError } from "../errors.js";

/** How the error text of each engine names a policy that forbids WebAssembly. */
const FORBIDDEN = /content.security.policy|unsafe-eval|\bCSP\b/i;

/** Fetches and compiles a program, streaming where the server names its type. Each way to fail has an error that says what to do. */
export async function fetchProgram(url: URL, imports: WebAssembly.Imports): Promise<Program> {
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
  try {
    if (/^application\/wasm\b/i.test(type)) return await WebAssembly.instantiateStreaming(response, imports);
    return await WebAssembly.instantiate(await response.arrayBuffer(), imports);
  } catch (cause) {
    if (cause instanceof Error && FORBIDDEN.test(cause.message)) {
      throw new FulfillmentError(
        "wasm_blocked",
        "The page's Content-Security-Policy does not let WebAssembly run: add 'wasm-unsafe-eval' to its script-src.",
        { cause },
      );
    }
    throw new FulfillmentError("wasm_not_found", `What ${url} gave could not be compiled as WebAssembly. ${WHERE}`, { cause });
  }
}

const WHERE =
  'The .wasm file must be served beside the module that loads it. With Vite\'s development server, add optimizeDeps: { exclude: ["pb-fulfillment"] } to its configuration.';
