// Sets up what is missing and runs everything: `npm test`, and what takes long besides: `npm run test:full`. With names
// (`npm test -- --only native`) only those parts, and the build before those that test the package; with `--built` they take what is
// built already. The last line is `N passed, N failed`, the tests of all runners together.
import { join } from "node:path";

import { FIXTURES, SLOW } from "../tests/matrix/fixtures.mjs";
import { BLOBS, BREAKABLE, build, buildBreakable } from "./build.mjs";
import { checkTargets } from "./fuzz.mjs";
import { build as out, pkg, root } from "./lib/paths.mjs";
import { Explained, main, run, say, since, step } from "./lib/run.mjs";
import { cargoTests, countCargo, counts, nodeTests, WASM_TESTS, wasmTests } from "./lib/tests.mjs";
import { matrix } from "./matrix.mjs";
import { setUp, setUpBrowser } from "./setup.mjs";
import { checkSize } from "./size.mjs";

/** Each program that is published, since what one uses is dead code in another, and the one that can be broken. */
const PROGRAMS = [...Object.values(BLOBS), BREAKABLE];

/** The tests in tests/node of what a page has in parts. */
const IN_PARTS = ["agreement", "client", "stream", "validator"];

/** Lints a program. */
function clippy(features) {
  const wasm = ["--target", "wasm32-unknown-unknown", "--no-default-features", "--features", features.join(",")];
  return run("cargo", ["clippy", "--quiet", "--lib", ...wasm, "--", "-D", "warnings"]);
}

/** The parts, in the order in which they fail soonest. Each is a list of what is done and how. */
const PARTS = {
  format: [
    ["Rust is formatted", () => run("cargo", ["fmt", "--check"])],
    ["The fuzz targets are formatted", () => run("cargo", ["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"])],
    ["JavaScript is formatted", () => node("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".")],
  ],
  clippy: [
    ["Clippy, native", () => run("cargo", ["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"])],
    ...PROGRAMS.map((features) => [`Clippy, WebAssembly with ${features.join(", ")}`, () => clippy(features)]),
    ["Clippy, the tests in WebAssembly", () => run("cargo", ["clippy", "--quiet", ...WASM_TESTS, "--", "-D", "warnings"])],
  ],
  native: [
    ["Native tests", cargoTests],
    ["The fuzz targets on their seeds", () => checkTargets({ onLine: countCargo })],
  ],
  wasm: [
    ["The border to JavaScript in Node", () => wasmTests("node")],
    ["The border to JavaScript in Chromium", () => wasmTests("browser")],
  ],
  build: [
    ["Building the package", build],
    ["Building the package that can be broken", buildBreakable],
  ],
  size: [["Size", checkSize]],
  node: [
    ["The package in Node", () => nodeTests("node")],
    ["The package in Node, in parts as a page has it", () => nodeTests("node", { names: IN_PARTS, env: { IN_PARTS: "1" } })],
  ],
  workerd: [["The package in workerd", () => nodeTests("workerd")]],
  browser: [["The package in Chromium", () => nodeTests("browser")]],
  packaging: [["The packed tarball", () => nodeTests("packaging")]],
  examples: [["The examples", () => nodeTests("examples")]],
  matrix: [["Where the tarball runs", () => matrix(FIXTURES.filter((name) => !SLOW.includes(name)))]],
  page: [
    ["Types of the page", () => typeCheck("www")],
    ["Types of the page's Worker", () => typeCheck("www/worker")],
    ["Building the page", page],
    ["The page", () => nodeTests("page")],
  ],
};

/** The parts that take long. They follow the others in a full run, and are run alone when they are named. */
const LONG_PARTS = {
  "matrix-slow": [["Where the tarball runs, the slow half", () => matrix(SLOW)]],
  outage: [["The outbox in workerd, killed ten times", () => nodeTests("full", { timeout: 900_000 })]],
};

function node(script, ...args) {
  return run(process.execPath, [join(root, script), ...args]);
}

/** Builds the page, as `npm start` does. */
async function page() {
  // It needs esbuild, which is there only once set-up has run.
  const { buildPage } = await import("../www/build.mjs");
  await buildPage({ pkgDir: pkg, outDir: join(out, "www") });
}

const typeCheck = (folder) => node("node_modules/typescript/bin/tsc", "-p", folder);

/** What needs no package. */
const WITHOUT_PACKAGE = ["format", "clippy", "native", "wasm", "build"];

/**
 * The parts that are asked for: their names, with or without `--only`; if there are none, all, the long ones only with `--full`. What
 * tests the package is led by its build, so that no stale one is tested.
 */
function parts(args) {
  const all = { ...PARTS, ...LONG_PARTS };
  const full = args.includes("--full");
  const names = args.filter((arg) => arg !== "--full" && arg !== "--built").flatMap((arg) => arg.replace(/^--only=?/, "").split(","));
  const asked = names.filter(Boolean);
  const unknown = asked.find((name) => !(name in all));
  if (unknown) throw new Explained(`There is no part ${unknown}. There are: ${Object.keys(all).join(", ")}.`);
  const wanted = asked.length > 0 ? asked : Object.keys(full ? all : PARTS);
  if (!args.includes("--built") && wanted.some((name) => !WITHOUT_PACKAGE.includes(name))) wanted.push("build");
  return Object.entries(all).filter(([name]) => wanted.includes(name));
}

/** Takes one step. One that fails without a test that did counts as one, or the last line would belie the exit code. */
async function holds(text, action) {
  const { failed } = counts;
  try {
    await step(text, action);
    return true;
  } catch (error) {
    console.error(`\u2717 ${text}:`, error instanceof Explained ? error.message : error);
    if (counts.failed === failed) counts.failed += 1;
    return false;
  }
}

await main(async () => {
  const start = performance.now();
  const asked = parts(process.argv.slice(2));
  const failures = [];
  const ready = await holds("Setting up", () => setUp().then(setUpBrowser));
  const steps = ready ? asked.flatMap(([part, steps]) => steps.map((step) => [part, ...step])) : [];
  for (const [part, text, action] of steps) {
    if (await holds(text, action)) continue;
    failures.push(text);
    // Without the package there is nothing to test; any other failure leaves the rest worth knowing.
    if (part === "build") break;
  }
  const ok = ready && failures.length === 0;
  say(ok ? `Everything holds. It took ${since(start)}.` : `${failures.join("; ") || "Setting up"}: failed, after ${since(start)}.`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  if (!ok) process.exitCode = 1;
});
