// Builds the page into a directory of static files. The page's own modules are bundled; the npm package is not: its
// files are served as they lie in the tarball, since its loader finds the wasm beside itself, as it does in any page
// that uses the package without a bundler.

import { copyFile, cp, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** The orders that the page offers as samples. */
const SAMPLES = ["documented-sample.json", "northwind-orders.json", "northwind-raw.json"];

/** Where the package's files are served. */
const PACKAGE_PATH = "/pb-fulfillment";

/**
 * @param {{ pkgDir: string, outDir: string, samplesDir?: string }} options
 *   `pkgDir`: the built npm package; `outDir`: emptied, then filled with what is to be served at `/`.
 */
export async function buildPage({ pkgDir, outDir, samplesDir = join(here, "../tests/data") }) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(join(outDir, "samples"), { recursive: true });
  const entry = await browserEntry(pkgDir);
  await Promise.all([
    copyPackage(pkgDir, entry, join(outDir, PACKAGE_PATH)),
    bundle(entry, outDir),
    cp(join(here, "static"), outDir, { recursive: true }),
    ...SAMPLES.map((name) => copyFile(join(samplesDir, name), join(outDir, "samples", name))),
  ]);
}

function bundle(entry, outDir) {
  return build({
    entryPoints: [
      { in: join(here, "src/main.ts"), out: "page" },
      { in: join(here, "src/styles/page.css"), out: "page" },
    ],
    outdir: outDir,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    minify: true,
    sourcemap: "linked",
    legalComments: "none",
    logLevel: "warning",
    plugins: [
      {
        name: "served package",
        setup: ({ onResolve }) => {
          onResolve({ filter: /^pb-fulfillment$/ }, () => ({ path: `${PACKAGE_PATH}/${entry}`, external: true }));
        },
      },
    ],
  });
}

/** The file that a browser gets for `import "pb-fulfillment"`, by the package's own `exports`. */
async function browserEntry(pkgDir) {
  const manifest = JSON.parse(await readFile(join(pkgDir, "package.json"), "utf8"));
  let target = manifest.exports?.["."] ?? manifest.exports ?? manifest.module ?? manifest.main;
  while (typeof target === "object" && target !== null) {
    const condition = Object.keys(target).find((name) => ["browser", "import", "default"].includes(name));
    target = condition && target[condition];
  }
  if (typeof target !== "string") throw new Error(`${pkgDir} exports nothing for a browser`);
  return target.replace(/^\.\//, "");
}

/** Copies the modules that the entry reaches, and the wasm files that those name; nothing for servers. */
async function copyPackage(pkgDir, entry, outDir) {
  const { metafile } = await build({
    entryPoints: [join(pkgDir, entry)],
    absWorkingDir: resolve(pkgDir),
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    logLevel: "warning",
  });
  const files = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    files.add(input);
    const source = await readFile(join(pkgDir, input), "utf8");
    for (const [, name] of source.matchAll(/new URL\(\s*["']([^"']+\.wasm)["']\s*,\s*import\.meta\.url/g)) {
      files.add(relative(resolve(pkgDir), resolve(pkgDir, dirname(input), name)));
    }
  }
  for (const file of files) {
    if (file.startsWith("..") || file.includes(`node_modules${sep}`)) throw new Error(`${file} lies outside the package`);
    const target = join(outDir, file);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(pkgDir, file), target);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [pkgDir = join(here, "../pkg"), outDir = join(here, "../build/www")] = process.argv.slice(2);
  await buildPage({ pkgDir, outDir });
  console.log(`page built into ${outDir}`);
}
