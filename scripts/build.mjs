// From Rust and TypeScript to the package in pkg/, ready for `npm pack`.
//
//   cargo -> wasm-bindgen -> division -> wasm-opt -> short names -> <blob>.wasm and its parts
//                        \------------------------> short names -> <blob>-glue.js \
//                                                 pkg-template/src -> tsc, esbuild -> one file per entry and runtime, and its types
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { exportsMap } from "./lib/entries.mjs";
import { bundleEntries, emitTypes, glueFactory, stage, writeProgramAsText } from "./lib/javascript.mjs";
import { divide } from "./lib/parts.mjs";
import { breakablePkg, build as out, cargoTarget, pkg, root } from "./lib/paths.mjs";
import { sections, withUniqueNames, written } from "./lib/program.mjs";
import { Explained, main, output, run, step } from "./lib/run.mjs";
import { setUp, tool } from "./setup.mjs";

/** The programs of the package, by Cargo features. */
export const BLOBS = { core: ["wasm", "client"], server: ["wasm", "server"] };

/** The whole of the crate in one program, and the exports that break it. */
export const BREAKABLE = ["panic-for-tests", "client", "server"];

/**
 * What a page downloads of the core, and when: `check` first, which has all that is in no other, and each of the others when one of its
 * exports is first called. Where nothing is downloaded, the core is one file.
 */
const PARTS = {
  check: [],
  build: ["buildOrder", "batchOrders"],
  send: ["submit"],
  streams: ["openReader", "readOrders", "closeReader"],
};

/** The files of the programs. */
const FILES = [...Object.keys(BLOBS), ...Object.keys(PARTS)].map((name) => `${name}.wasm`);

/** What wasm-opt may use: the baseline of every runtime that the package supports (Safari 16.4, the last of them, is of 2023). */
const WASM_FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
  "simd",
].map((feature) => `--enable-${feature}`);

/** SHA-256 as a loop: an eighth of the size, and signatures are of short texts. */
const SMALL = ["--cfg", 'sha2_backend_soft="compact"'];

/** What divides a program has to know what reaches what in it. */
const LINKING = ["-Clink-arg=--emit-relocs"];

/** Builds the package into pkg/. */
export async function build() {
  const from = join(out, "ship");
  await buildBlob(from, "core", BLOBS.core, PARTS);
  await buildBlob(from, "server", BLOBS.server);
  await step("Compiling the JavaScript and the types of the package", () => assemble(from, pkg));
}

/** Builds the package with exports that break it on request, for the tests of how it recovers. */
export async function buildBreakable() {
  const from = join(out, "breakable");
  // One program in both places saves a build: it can do all that either can.
  await buildBlob(from, "core", BREAKABLE, PARTS);
  await cp(join(from, "core"), join(from, "server"), { recursive: true });
  for (const file of [".wasm", "-glue.js"]) await cp(join(from, `core${file}`), join(from, `server${file}`));
  await step("Compiling the package that can be broken", () => assemble(from, breakablePkg, { testing: true }));
}

async function buildBlob(into, name, features, parts) {
  const label = features.join(", ");
  const folder = join(into, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await step(`Compiling ${name}.wasm (features ${label})`, () =>
    run(
      "cargo",
      [
        "build",
        "--release",
        "--lib",
        "--quiet",
        "--target",
        "wasm32-unknown-unknown",
        "--no-default-features",
        "--features",
        features.join(","),
      ],
      { env: { CARGO_ENCODED_RUSTFLAGS: [...withoutPaths(), ...SMALL, ...LINKING].join("\x1f") } },
    ),
  );
  await step(`Generating the glue of ${name}.wasm and making it small`, async () => {
    const compiled = join(cargoTarget, "wasm32-unknown-unknown", "release", "pb_fulfillment.wasm");
    const linked = withUniqueNames(await readFile(compiled));
    await writeFile(join(folder, "linked.wasm"), linked);
    const bindgen = ["--no-demangle", "--target", "bundler", "--out-dir", folder, "--out-name", "glue", join(folder, "linked.wasm")];
    await run(tool("wasm-bindgen"), bindgen);
    // What the linker noted is of what it made, and no longer fits.
    const named = sections(await readFile(join(folder, "glue_bg.wasm"))).filter(({ name = "name" }) => name === "name");
    await writeFile(join(folder, "named.wasm"), written(named));
    await run(process.execPath, [binaryen("wasm-dis"), ...WASM_FEATURES, join(folder, "named.wasm"), "-o", join(folder, "named.wat")]);
    const text = await readFile(join(folder, "named.wat"), "utf8");
    const programs = { ...divide(linked, text, { [name]: [] }), ...(parts && divide(linked, text, parts)) };
    await Promise.all(Object.entries(programs).map(([part, text]) => makeSmall(text, join(folder, part))));
    await glueFactory(join(folder, "glue_bg.js"), folder, Object.keys(programs), join(into, name));
  });
}

/** Makes a program small: from its text to `<path>.wasm`. */
async function makeSmall(text, path) {
  await writeFile(`${path}.wat`, text);
  await run(process.execPath, [
    binaryen("wasm-opt"),
    // As small as -Oz within half a per cent, and a twentieth faster.
    "-O3",
    // The compiler has inlined what is hot. More of it makes a shorter file that compresses worse, by a twenty-fifth.
    "--always-inline-max-function-size=4",
    "--one-caller-inline-max-function-size=0",
    // What compresses better: tables with their zeros in them, functions of one kind side by side, and no hints of alignment, which
    // the runtimes of today's processors do not heed.
    "--skip-pass=memory-packing",
    "--converge",
    "--reorder-functions-by-name",
    "--dealign",
    ...WASM_FEATURES,
    `${path}.wat`,
    "-o",
    `${path}.wasm`,
  ]);
}

const binaryen = (name) => join(root, "node_modules", "binaryen", "bin", name);

/** Flags that keep the folders of this machine out of what is published: panics name the file that they come from. */
function withoutPaths() {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const folders = { [output("rustc", ["--print", "sysroot"])]: "rust", [cargo]: "cargo", [root]: "." };
  return Object.entries(folders).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

async function assemble(from, into, { testing = false } = {}) {
  const sources = join(from, "src");
  await rm(into, { recursive: true, force: true });
  await rm(sources, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  const generated = {
    "model.ts": generate("types"),
    "rules.ts": generate("rules"),
    // As text: what is never asked for is never parsed, and bundlers leave it out where it is not used.
    "fields.ts": `export const text = ${JSON.stringify(generate("fields").trim())};\n`,
  };
  for (const blob of Object.keys(BLOBS)) {
    generated[`${blob}-glue.js`] = await readFile(join(from, `${blob}-glue.js`));
    generated[`${blob}-exports.d.ts`] = await readFile(join(from, blob, "glue.d.ts"));
    generated[`${blob}-glue.d.ts`] =
      `/** Glue for one instance, with state of its own. */\n` +
      `export declare function createGlue(host: import("../engine.js").Host): ` +
      `import("../engine.js").Instance & typeof import("./${blob}-exports.js");\n`;
  }
  await stage(sources, generated);
  await emitTypes(sources, join(into, "types"));
  await bundleEntries(sources, into, { testing });
  for (const file of FILES) await cp(join(from, file), join(into, file));
  await writeProgramAsText(join(from, "core.wasm"), into);
  for (const file of ["README.md", "LICENSE", "docs"]) await cp(join(root, file), join(into, file), { recursive: true });
  await writeFile(join(into, "schema.json"), generate("schema"));
  const manifest = JSON.parse(await readFile(join(root, "pkg-template", "package.json"), "utf8"));
  const whole = { ...manifest, version: crateVersion(), exports: exportsMap(FILES) };
  await writeFile(join(into, "package.json"), `${JSON.stringify(whole, null, 2)}\n`);
}

/** What the crate's own tables give: TypeScript, or JSON. */
function generate(what) {
  const text = output("cargo", ["run", "--quiet", "--example", "generate", "--", what]);
  if (!text) throw new Explained(`cargo run --example generate -- ${what} failed`);
  return `${text}\n`;
}

function crateVersion() {
  const { packages } = JSON.parse(output("cargo", ["metadata", "--format-version", "1", "--no-deps", "--offline"]));
  return packages[0].version;
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await setUp();
    await build();
  });
}
