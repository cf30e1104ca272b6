import type { Load, Program } from "../engine.js";
import { FulfillmentError } from "../errors.js";
import { attempt, runs } from "./compile.js";

export * from "./whole.js";

/**
 * What `core.wasm` can be given as: compiled, as the answer to a request for it, or as its bytes. TypeScript takes any value for a module,
 * so that only `object` keeps a path out.
 */
export type ProgramSource = (WebAssembly.Module & object) | Response | ArrayBuffer | Uint8Array;

let given: Program | Promise<Program> | undefined;

/**
 * Gives the package its WebAssembly: `pb-fulfillment/core.wasm` of the same version, as a module, a response or bytes, or a promise of
 * one. A module is there at once, and so the schemas answer at once too; anything else is compiled first, and calls
 * that come meanwhile wait for it. The first that succeeds counts; after one that failed, another can be given.
 *
 * Rejects with a FulfillmentError that says what to do if it cannot be had or compiled, and with a TypeError if it is none of these.
 */
export async function initialize(source: ProgramSource | Promise<ProgramSource>): Promise<void> {
  // Whether this source is used at all depends on the others; one that is not must not end the process when it rejects.
  if (given && source instanceof Promise) source.catch(() => {});
  while (given instanceof Promise) await given.catch(() => {});
  if (given) return;
  runs();
  if (isModule(source)) {
    given = { module: source as WebAssembly.Module };
    return;
  }
  const compiling = compiled(source);
  given = compiling;
  try {
    given = await compiling;
  } catch (error) {
    given = undefined;
    throw error;
  }
}

export const load: Load = (imports) => {
  if (given instanceof Promise) return given.then((program) => fitting(program, imports));
  if (given) return fitting(given, imports);
  throw new FulfillmentError(
    "not_initialized",
    'pb-fulfillment/slim has no WebAssembly yet. Call initialize(source) of "pb-fulfillment/slim" first, with pb-fulfillment/core.wasm as a WebAssembly.Module, a Response or bytes; or import "pb-fulfillment", which brings its own.',
  );
};

/** The program, if it is the one that the JavaScript of this package was made for; otherwise another can be given. */
function fitting(program: Program, imports: WebAssembly.Imports): Program {
  // The names that it imports from are made for the two, and only what parts stand on has exports for them.
  const wanted = WebAssembly.Module.imports(program.module);
  const fits = wanted.length > 0 && wanted.every(({ module }) => Object.hasOwn(imports, module));
  const isWhole = WebAssembly.Module.exports(program.module).every(({ name }) => !name.startsWith("_"));
  if (fits && isWhole) return program;
  given = undefined;
  throw new FulfillmentError(
    "wasm_not_found",
    "What initialize was given is another program, or that of another version. Give it pb-fulfillment/core.wasm of the same version as the JavaScript.",
  );
}

/** Whether it is a module, of whichever realm: the edge runtime of Next.js runs the JavaScript in one and compiles in another. */
function isModule(source: unknown): boolean {
  return Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
}

/** The source, when it is there. */
async function settled(source: ProgramSource | Promise<ProgramSource>): Promise<ProgramSource> {
  try {
    return await source;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FulfillmentError("wasm_unreachable", `initialize: core.wasm could not be had (${why}).`, { cause });
  }
}

async function compiled(source: ProgramSource | Promise<ProgramSource>): Promise<Program> {
  const what = await settled(source);
  if (isModule(what)) return { module: what as WebAssembly.Module };
  if (what instanceof Response && !what.ok) {
    const message = `initialize: the answer for ${what.url || "core.wasm"} has status ${what.status}. Give the answer to a request for core.wasm.`;
    throw new FulfillmentError("wasm_not_found", message, { status: what.status });
  }
  if (!(what instanceof Response || what instanceof ArrayBuffer || ArrayBuffer.isView(what))) {
    throw new TypeError(
      "initialize: give core.wasm as a WebAssembly.Module, a Response, an ArrayBuffer or a Uint8Array, or a promise of one.",
    );
  }
  if (what instanceof Response && what.bodyUsed) {
    throw new TypeError("initialize: the body of that answer has been read already. Give the answer as it came.");
  }
  // Memory that is shared it refuses; the type cannot say so in the words of TypeScript before 5.7.
  const bytes = (what instanceof Response ? await what.arrayBuffer() : what) as BufferSource;
  return attempt(
    async () => ({ module: await WebAssembly.compile(bytes) }),
    "What initialize was given is not WebAssembly. Give it pb-fulfillment/core.wasm, not a page or a path.",
  );
}
