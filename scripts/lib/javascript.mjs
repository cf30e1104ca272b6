// TypeScript and generated glue in, the package's own JavaScript and types out.
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import { bundles, ENTRIES } from "./entries.mjs";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";

/** The oldest runtimes that the package supports; src/load/compile.ts tells them to people. */
const OLDEST = ["es2022", "node20.19", "chrome96", "firefox92", "safari16.4"];

/** esbuild, which is there only once set-up has run. */
const esbuild = () => import("esbuild");

/**
 * Wraps the generated glue into a function, so that every instance gets glue with state of its own, and timers that can be ended
 * with it.
 */
export async function glueFactory(glue, factory) {
  const { build } = await esbuild();
  await build({
    entryPoints: [glue],
    outfile: factory,
    format: "cjs",
    minify: true,
    define: { setTimeout: "timers.setTimeout", clearTimeout: "timers.clearTimeout" },
    banner: { js: "export function createGlue(timers) { const module = { exports: {} };" },
    footer: { js: "return module.exports; }" },
    logLevel: "warning",
  });
}

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
      compilerOptions: { rootDir: "src", outDir: "types", paths: paths("streams", "node") },
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
  for (const { entry, file, core, load, format, platform } of bundles()) {
    await build({
      entryPoints: [join(sources, testing && entry === "index" ? "testing.ts" : `${entry}.ts`)],
      outfile: join(into, file),
      bundle: true,
      format,
      platform,
      target: OLDEST,
      external: ["*.wasm", "cloudflare:*", "node:*"],
      alias: Object.fromEntries(Object.entries(paths(core, load)).map(([name, [path]]) => [name, join(dirname(sources), path)])),
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

/** How the programs are got, by the names that the sources import them by. */
function paths(core, load) {
  return {
    "#core": [`./src/load/${core}.${load}.ts`],
    "#core-glue": [`./src/generated/${core}-glue`],
    "#server": [`./src/load/server.${load}.ts`],
    "#streams": [`./src/streams/${core === "streams" ? "here" : "elsewhere"}.ts`],
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
