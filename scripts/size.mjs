// What each entry costs to download and to start, against its budget and beside its peers: `npm run size`.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "./build.mjs";
import { pkg, root } from "./lib/paths.mjs";
import { Explained, main } from "./lib/run.mjs";
import { setUp } from "./setup.mjs";

/**
 * What is downloaded, or deployed, with each entry: its script, minified, and its program; in a page, the parts of it that have been
 * needed so far.
 */
const ENTRIES = {
  "pb-fulfillment, to check": ["index.js", "check.wasm"],
  "pb-fulfillment, to check and build": ["index.js", "check.wasm", "build.wasm"],
  "pb-fulfillment, to check and send": ["index.js", "check.wasm", "send.wasm"],
  "pb-fulfillment, to do all": ["index.js", "check.wasm", "build.wasm", "send.wasm"],
  "pb-fulfillment/validate, to check": ["validate.js", "check.wasm"],
  "pb-fulfillment/streams, to check": ["streams.js", "check.wasm", "streams.wasm"],
  "pb-fulfillment/streams, to check and send": ["streams.js", "check.wasm", "streams.wasm", "send.wasm"],
  "pb-fulfillment/form": ["form.js"],
  "pb-fulfillment/slim": ["slim.js", "core.wasm"],
  "pb-fulfillment/inline": ["inline.js"],
  "pb-fulfillment/broker": ["broker.workerd.js", "server.wasm"],
  "pb-fulfillment/outbox": ["outbox.workerd.js", "server.wasm"],
  "pb-fulfillment/emulator": ["emulator.workerd.js", "server.wasm"],
};

/** How wide the names are shown. */
const WIDTH = 44;

/** Measures the entries of the built package, shows them, and rejects where one is above its budget in size-budget.json. */
export async function checkSize() {
  const budget = JSON.parse(await readFile(join(root, "size-budget.json"), "utf8"));
  header("what is downloaded, in bytes", "budget");
  const over = [];
  for (const [entry, [script, ...programs]] of Object.entries(ENTRIES)) {
    const parts = [minified(join(pkg, script)), ...programs.map((program) => readFile(join(pkg, program)))];
    const sum = add((await Promise.all(parts)).map(sizes));
    row(entry, sum, budget[entry]);
    if (!(sum.brotli <= budget[entry]))
      over.push(`${entry} has ${sum.brotli} bytes, and size-budget.json ${budget[entry] ?? "nothing"} for it.`);
  }
  if (over.length > 0) throw new Explained(over.join("\n"));
}

/** The same for the peers, with the same rules as far as they have them, and how long each takes to give its first verdict. */
async function besidePeers() {
  const { SOURCES } = await import("../benches/peers/index.mjs");
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-size-"));
  try {
    const order = JSON.parse(await readFile(join(root, "tests", "data", "documented-sample.json"), "utf8")).orders[0];
    await writeFile(join(folder, "order.json"), JSON.stringify(order));
    console.log();
    header("the same rules by others, in bytes");
    const starts = {};
    for (const [name, file] of [
      ["Ajv", "ajv"],
      ["zod", "zod"],
      ["valibot", "valibot"],
    ]) {
      const source =
        `import { ${file} } from ${JSON.stringify(join(root, "benches", "peers", `${file}.mjs`))};\n` +
        `import { rules } from ${JSON.stringify(join(root, "benches", "peers", "rules.mjs"))};\n` +
        `import schema from ${JSON.stringify(SOURCES.schema)};\n` +
        `import countries from ${JSON.stringify(SOURCES.countries)};\n` +
        `import currencies from ${JSON.stringify(SOURCES.currencies)};\n` +
        `export const start = () => ${file}(rules(schema, countries, currencies)).order;\n`;
      const bundle = await minified(undefined, { contents: source, resolveDir: root });
      row(name, sizes(bundle));
      await writeFile(join(folder, `${file}.mjs`), bundle);
      starts[name] = `const { start } = await import(${at(join(folder, `${file}.mjs`))}); const verdict = start();`;
    }
    const own = (entry) =>
      `const { loadValidator } = await import(${at(join(pkg, entry))}); const loaded = await loadValidator(); const verdict = (order) => loaded.validateOrder(order).valid;`;
    starts["pb-fulfillment"] = own("index.node.js");
    starts["pb-fulfillment/validate"] = own("validate.node.js");
    console.log(`\nfrom import to the first verdict on an order, Node ${process.version}, median of 15 new processes, milliseconds`);
    for (const [name, start] of Object.entries(starts)) {
      const script =
        `import { readFileSync } from "node:fs"; const order = JSON.parse(readFileSync(${JSON.stringify(join(folder, "order.json"))}, "utf8"));` +
        `const begun = performance.now(); ${start} if (!verdict(order)) throw new Error("refused"); console.log(performance.now() - begun);`;
      await writeFile(join(folder, "start.mjs"), script);
      const times = Array.from({ length: 15 }, () =>
        Number(execFileSync(process.execPath, [join(folder, "start.mjs")], { encoding: "utf8" })),
      );
      console.log(
        name.padEnd(WIDTH) +
          times
            .sort((a, b) => a - b)[7]
            .toFixed(1)
            .padStart(8),
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const at = (path) => JSON.stringify(pathToFileURL(path).href);

/** A script as a bundler or a CDN sends it; in the package it is left readable. */
async function minified(file, stdin) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    ...(file ? { entryPoints: [file] } : { stdin, bundle: true, platform: "browser", loader: { ".txt": "text" } }),
    // The text of /inline is a file of its own, and part of what it costs.
    ...(file?.endsWith("inline.js") && { bundle: true }),
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

function sizes(bytes) {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

function add(parts) {
  const sum = (name) => parts.reduce((sum, part) => sum + part[name], 0);
  return { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
}

function header(title, ...more) {
  console.log(title.padEnd(WIDTH) + ["raw", "gzip", "brotli", ...more].map((name) => name.padStart(10)).join(""));
}

function row(name, { raw, gzip, brotli }, budget) {
  console.log(name.padEnd(WIDTH) + [raw, gzip, brotli, ...(budget ? [budget] : [])].map((bytes) => String(bytes).padStart(10)).join(""));
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await setUp();
    if (!process.argv.includes("--built")) await build();
    await checkSize();
    await besidePeers();
  });
}
