// What a page downloads, against its budget: `npm run size`.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "./build.mjs";
import { pkg, root } from "./lib/paths.mjs";
import { Explained, main } from "./lib/run.mjs";
import { setUp } from "./setup.mjs";

/** Measures the built package, shows it, and rejects where it is above size-budget.json. */
export async function checkSize() {
  const { page } = JSON.parse(await readFile(join(root, "size-budget.json"), "utf8"));
  const files = { "core.wasm": await readFile(join(pkg, "core.wasm")), "index.js, minified": await minified() };
  const rows = Object.entries(files).map(([name, bytes]) => [name, sizes(bytes)]);
  const sum = (name) => rows.reduce((sum, [, sizes]) => sum + sizes[name], 0);
  const total = { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
  console.log(`${"what a page downloads".padEnd(24)}${["raw", "gzip", "brotli"].map((name) => name.padStart(10)).join("")}`);
  for (const [name, { raw, gzip, brotli }] of [...rows, ["together", total]]) {
    console.log(name.padEnd(24) + [raw, gzip, brotli].map((bytes) => String(bytes).padStart(10)).join(""));
  }
  console.log(`budget, brotli: ${page.brotli} bytes`);
  if (total.brotli > page.brotli) {
    throw new Explained(`A page downloads ${total.brotli} bytes, ${total.brotli - page.brotli} more than size-budget.json has for it.`);
  }
}

/** The glue as a bundler or a CDN sends it; in the package it is left readable. */
async function minified() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(pkg, "index.js")],
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0].contents;
}

function sizes(bytes) {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await setUp();
    await build();
    await checkSize();
  });
}
