// Runs tests and counts them.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { root } from "./paths.mjs";
import { Explained, run } from "./run.mjs";

/** What a test may take, in milliseconds; one that hangs ends as failed. */
const TIMEOUT = 240_000;

/** How many tests have passed and failed so far. */
export const counts = { passed: 0, failed: 0 };

/** Counts the tests of Cargo by the lines of its output. */
export function countCargo(line) {
  const [, passed, failed] = /^test result: .*?(\d+) passed; (\d+) failed/.exec(line) ?? [];
  counts.passed += Number(passed ?? 0);
  counts.failed += Number(failed ?? 0);
}

/** Runs the native tests. */
export async function cargoTests() {
  // All of them, although one fails: the number of failures is worth knowing.
  await run("cargo", ["test", "--quiet", "--no-fail-fast"], { onLine: countCargo });
}

/** Runs the test files of a folder of tests/. `timeout` is that of a file, in milliseconds. */
export async function nodeTests(folder, { timeout = TIMEOUT, env = {} } = {}) {
  const path = join(root, "tests", folder);
  const files = (await readdir(path).catch(() => [])).filter((name) => name.endsWith(".test.mjs"));
  if (files.length === 0) throw new Explained(`tests/${folder} has no tests.`);
  const paths = files.sort().map((name) => join("tests", folder, name));
  const onLine = (line) => {
    const [, what, number] = /^\u2139 (pass|fail|cancelled) (\d+)$/.exec(line) ?? [];
    if (what === "pass") counts.passed += Number(number);
    else if (what) counts.failed += Number(number);
  };
  // One after another: some of these start a browser or workerd, which want the machine for themselves. A leak ends the process.
  const args = ["--test", "--test-concurrency=1", `--test-timeout=${timeout}`, "--test-reporter=spec"];
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --max-old-space-size=2048`.trim();
  await run(process.execPath, [...args, ...paths], { env: { NODE_OPTIONS, ...env }, onLine });
}
