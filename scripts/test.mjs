// Sets up what is missing and runs everything: `npm test`. With names (`npm test -- rust node`) only those parts.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { build, buildBreakable } from "./build.mjs";
import { root } from "./lib/paths.mjs";
import { Explained, main, run, say, since, step } from "./lib/run.mjs";
import { setUp, setUpBrowser } from "./setup.mjs";
import { checkSize } from "./size.mjs";

const WASM = ["--target", "wasm32-unknown-unknown", "--no-default-features", "--features", "panic-for-tests,server"];

/** The parts, in the order in which they fail soonest. Each is a list of what is done and how. */
const PARTS = {
  format: [
    ["Rust is formatted", () => run("cargo", ["fmt", "--check"])],
    ["JavaScript is formatted", () => node("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".")],
  ],
  clippy: [
    ["Clippy, native", () => run("cargo", ["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"])],
    ["Clippy, WebAssembly", () => run("cargo", ["clippy", "--quiet", "--lib", ...WASM, "--", "-D", "warnings"])],
  ],
  rust: [["Native tests", () => run("cargo", ["test", "--quiet"])]],
  build: [
    ["Building the package", build],
    ["Building the package that can be broken", buildBreakable],
    ["Size", checkSize],
  ],
  node: [["The package in Node", () => tests("node")]],
  workerd: [["The package in workerd", () => tests("workerd")]],
  browser: [["The package in Chromium", () => tests("browser")]],
  packaging: [["The packed tarball", () => tests("packaging")]],
};

function node(script, ...args) {
  return run(process.execPath, [join(root, script), ...args]);
}

/** Runs the test files of a folder of tests/. */
async function tests(folder) {
  const path = join(root, "tests", folder);
  const files = existsSync(path) ? (await readdir(path)).filter((name) => name.endsWith(".test.mjs")) : [];
  if (files.length === 0) throw new Explained(`tests/${folder} has no tests.`);
  const paths = files.sort().map((name) => join("tests", folder, name));
  // One after another: two cores, and some of these start a browser or workerd.
  await run(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=dot", ...paths]);
}

await main(async () => {
  const start = performance.now();
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in PARTS));
  if (unknown) throw new Explained(`There is no part ${unknown}. There are: ${Object.keys(PARTS).join(", ")}.`);
  await setUp();
  await setUpBrowser();
  for (const [name, steps] of Object.entries(PARTS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for (const [text, action] of steps) await step(text, action);
  }
  say(`Everything holds. It took ${since(start)}.`);
});
