import type { Program } from "../engine.js";
import { FulfillmentError } from "../errors.js";
import { attempt, runs } from "./compile.js";

/** Fetches and compiles a program, and makes its first instance. */
export function fetchProgram(url: URL, imports: WebAssembly.Imports): Promise<Program> {
  return compiled(
    url,
    (response) => WebAssembly.instantiateStreaming(response, imports),
    (bytes) => WebAssembly.instantiate(bytes, imports),
  );
}

/** Fetches and compiles a part of a program, which may be long after the rest. */
export function fetchPart(url: URL): Promise<WebAssembly.Module> {
  return compiled(
    url,
    (response) => WebAssembly.compileStreaming(response),
    (bytes) => WebAssembly.compile(bytes),
  );
}

/** What comes of a file: streaming where the server names its type, or of its bytes. Each way to fail has an error that says what to do. */
async function compiled<T>(url: URL, streaming: (response: Response) => Promise<T>, whole: (bytes: ArrayBuffer) => Promise<T>): Promise<T> {
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
    async () => (/^application\/wasm\b/i.test(type) ? streaming(response) : whole(await response.arrayBuffer())),
    `What ${url} gave could not be compiled as WebAssembly. ${WHERE}`,
  );
}

const WHERE =
  'The .wasm file must be served beside the module that loads it. With Vite\'s development server, add optimizeDeps: { exclude: ["pb-fulfillment"] } to its configuration, or import "pb-fulfillment/inline".';
