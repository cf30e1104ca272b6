// TypeScript and generated glue in, the package's own JavaScript and types out.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import { bundles, ENTRIES } from "./entries.mjs";
import { FIRST, SHARED } from "./parts.mjs";
import { root } from "./paths.mjs";
import { renamed } from "./program.mjs";
import { Explained, run } from "./run.mjs";

/** The oldest runtimes that the package supports; src/load/compile.ts tells them to people. */
const OLDEST = ["es2022", "node20.19", "chrome96", "firefox92", "safari16.4"];

/** esbuild, which is there only once set-up has run. */
const esbuild = () => import("esbuild");

/**
 * Wraps the generated glue into a function, so that every instance gets glue with state of its own and a host: timers that can be ended
 * with it, and ears for its panic. Writes it as `<into>-glue.js`, and beside it the programs that it is for, the whole first and then its
 * parts, from `<name>.wasm` in a folder, with other names: the generated ones are long, and stand in both. Imports go by their number,
 * or from the first part, in modules that are named after glue and programs, so that they fit no others.
 */
export async function glueFactory(glue, folder, names, into) {
  const generated = await readFile(glue, "utf8");
  const source = KNOWN.reduce((source, [question, answer]) => source.replaceAll(question, answer), generated);
  const programs = await Promise.all(names.map((name) => readFile(join(folder, `${name}.wasm`))));
  const compiled = programs.map((bytes) => new WebAssembly.Module(bytes));
  const ofAll = (list) => [...new Set(compiled.flatMap((module) => list(module)).map(({ name }) => name))];
  const imported = ofAll((module) => WebAssembly.Module.imports(module).filter(({ module }) => module !== FIRST));
  const exported = ofAll(WebAssembly.Module.exports);
  const functions = Object.fromEntries([...source.matchAll(FUNCTION)].map(([, name, text]) => [name, text]));
  const calls = Object.keys(functions).filter((name) => exported.includes(name));
  const used = [...new Set([...source.matchAll(USE)].map(([, name]) => name)), START];
  const strange = [
    ...imported.filter((name) => !(name in functions) || /\barguments[)[.]|\bthis\./.test(arrow(functions[name]))),
    ...used.filter((name) => !exported.includes(name)),
    ...calls.filter((name) => !used.includes(name)),
    // What an answer in KNOWN supposes, and what is replaced by the host's.
    ...[...source.matchAll(/passStringToWasm0\(.*?\)/g)].map(([call]) => call).filter((call) => !call.endsWith("realloc)")),
    ...HOST.filter((name) => imported.some((long) => long.startsWith(`__wbg_${name}_`) && !functions[long].match(`[ (]${name}\\(`))),
  ];
  if (strange.length > 0) throw new Explained(`${glue} is not as it was made so far: ${strange.join(", ")}`);

  // Functions that read alike are one.
  const given = [...new Set(imported.map((name) => functions[name]))];
  const module = createHash("sha256")
    .update(Buffer.concat([...programs, Buffer.from(generated)]))
    .digest("base64url")
    .slice(0, 4);
  const short = (name) => (used.includes(name) ? `e${used.indexOf(name).toString(36)}` : undefined);
  const first = `${module}.${FIRST}`;
  const importAs = ({ module: from, name }) => (from === FIRST ? [first, name] : [module, String(given.indexOf(functions[name]))]);
  const exportAs = (name) => (SHARED.test(name) ? name : short(name));
  for (const [place, name] of names.entries())
    await writeFile(join(dirname(into), `${name}.wasm`), renamed(programs[place], importAs, exportAs));
  const whole = `
    ${source.replace(FUNCTION, (_, name, text) => (imported.includes(name) ? "" : `function ${name}${text}`))}
    const caught = (action) => (...args) => handleError(action, args);
    glue = {
      imports: { ${JSON.stringify(module)}: [${given.map(arrow)}] },
      importsOfPart: (exports) => ({ ...glue.imports, ${JSON.stringify(first)}: exports }),
      begin(exports) { wasm = exports; wasm.${START}(); },
      ${calls}
    };`;
  const { build } = await esbuild();
  await build({
    stdin: { contents: whole.replace(USE, (_, name) => `wasm.${short(name)}`) },
    outfile: `${into}-glue.js`,
    bundle: true,
    format: "esm",
    minify: true,
    define: Object.fromEntries(HOST.map((name) => [name, `host.${name}`])),
    banner: { js: "export function createGlue(host) { let glue;" },
    footer: { js: "return glue; }" },
    logLevel: "warning",
  });
}

/** A generated function as an arrow function. Those that may throw hand their arguments on to what catches it. */
function arrow(text) {
  const [, parameters, body] = /^\(\) \{ return handleError\(function (\(.*?\)) (\{[^]*\}), arguments\); \}$/.exec(text) ?? [];
  return body ? `caught(${parameters} => ${body})` : text.replace(") {", ") => {");
}

/** A generated function that others call, its name apart; and what is used of what the program exports. */
const FUNCTION = /^export function (\w+)([^]*?^\}.*)/gm;
const USE = /\bwasm\.(\w+)/g;

/** What the glue has from its host and not from the runtime. */
const HOST = ["setTimeout", "clearTimeout", "onPanic"];

/** The export that is called before all others. */
const START = "__wbindgen_start";

/**
 * What the generated glue asks although it is known of every runtime that the package supports, and the answer. Not known is
 * FinalizationRegistry: Workers with a compatibility date before May 2025 have none.
 */
const KNOWN = [
  ["realloc === undefined", "false"],
  ["!('encodeInto' in cachedTextEncoder)", "false"],
  ["typeof globalThis === 'undefined'", "false"],
  // Looked for only where there is no globalThis.
  ["typeof global === 'undefined'", "true"],
  ["typeof self === 'undefined'", "true"],
  ["typeof window === 'undefined'", "true"],
];

/** Puts the sources and what was generated for them side by side, as the imports in the sources have it. */
export async function stage(folder, generated) {
  await cp(join(root, "pkg-template", "src"), folder, { recursive: true });
  await mkdir(join(folder, "generated"), { recursive: true });
  for (const [name, text] of Object.entries(generated)) await writeFile(join(folder, "generated", name), text);
}

/** Checks the sources and writes the types of the entries, once for `import` and once for `require`. */
export async function emitTypes(sources, into) {
  const all = join(dirname(sources), "types");
  const config = join(dirname(sources), "tsconfig.json");
  const inherited = relative(dirname(sources), join(root, "pkg-template", "tsconfig.json"));
  await writeFile(
    config,
    JSON.stringify({
      extends: `./${inherited}`,
      compilerOptions: { rootDir: "src", outDir: "types", paths: paths("node") },
      include: ["src"],
    }),
  );
  await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", config]);
  await mkdir(into, { recursive: true });
  for (const name of await reachable(all, Object.keys(ENTRIES))) {
    const text = await readFile(join(all, `${name}.d.ts`), "utf8");
    for (const extension of ["ts", "cts"]) {
      const file = join(into, `${name}.d.${extension}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, extension === "cts" ? text.replace(IMPORT, "$1.cjs$2") : text);
    }
  }
  await writeFile(join(into, "wasm.d.ts"), "declare const module: WebAssembly.Module;\nexport default module;\n");
}

/** Makes the bundles. Nothing is left to import but what the runtime has and the programs. */
export async function bundleEntries(sources, into, { testing }) {
  const { build } = await esbuild();
  for (const { entry, file, load, format, platform } of bundles()) {
    await build({
      entryPoints: [join(sources, testing && entry === "index" ? "testing.ts" : `${entry}.ts`)],
      outfile: join(into, file),
      bundle: true,
      format,
      platform,
      target: OLDEST,
      external: ["*.wasm", "cloudflare:*", "node:*"],
      alias: Object.fromEntries(Object.entries(paths(load, entry)).map(([name, [path]]) => [name, join(dirname(sources), path)])),
      plugins: [programAsText(format)],
      ...(format === "cjs" && {
        define: { "import.meta.url": "importMetaUrl" },
        banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
      }),
      legalComments: "none",
      logLevel: "warning",
    });
  }
}

/** The core as text is a file of its own, once for each kind of module, since several bundles have need of it. */
const programAsText = (format) => ({
  name: "program-as-text",
  setup(build) {
    build.onResolve({ filter: /\.text\.js$/ }, ({ path }) => ({
      path: format === "cjs" ? path.replace(/js$/, "cjs") : path,
      external: true,
    }));
  },
});

/** Writes the core as text. */
export async function writeProgramAsText(wasm, into) {
  const text = JSON.stringify((await readFile(wasm)).toString("base64"));
  await writeFile(join(into, "core.text.js"), `export const text = ${text};\n`);
  await writeFile(join(into, "core.text.cjs"), `exports.text = ${text};\n`);
}

/** How the programs are got, and what is left out of what a page downloads, by the names that the sources import them by. */
function paths(load, entry) {
  return {
    "#core": [`./src/load/core.${load}.ts`],
    "#server": [`./src/load/server.${load}.ts`],
    "#streams": [`./src/streams/${load === "browser" && entry !== "streams" ? "elsewhere" : "here"}.ts`],
  };
}

/** A relative import in a file of types. */
const IMPORT = /((?:from |import\()"\.{1,2}\/[^"]+)\.js(")/g;

async function reachable(folder, entries) {
  const there = new Set((await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".d.ts")));
  const found = new Set();
  const visit = async (name) => {
    if (found.has(name) || !there.has(`${name}.d.ts`)) return;
    found.add(name);
    const text = await readFile(join(folder, `${name}.d.ts`), "utf8");
    for (const [, from] of text.matchAll(IMPORT)) await visit(join(dirname(name), /"(.+)/.exec(from)[1]));
  };
  for (const entry of entries) await visit(entry);
  return found;
}
