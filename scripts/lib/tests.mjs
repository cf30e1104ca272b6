// Runs tests and counts them.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { BROWSER_ARGS, setUpBrowser, tool } from "../setup.mjs";
import { build, root } from "./paths.mjs";
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

/** How Cargo is told of tests/wasm: they use each part of the crate. */
export const WASM_TESTS = ["--test", "wasm", "--target", "wasm32-unknown-unknown", "--features", "wasm"];

/** Runs tests/wasm in Node or in the browser, by the runner of wasm-bindgen. */
export async function wasmTests(where) {
  // A list, since a path by itself would be divided at its spaces.
  const runner = `target.wasm32-unknown-unknown.runner=[${JSON.stringify(tool("wasm-bindgen-test-runner"))}]`;
  const env = where === "browser" ? await browserOfRunner() : {};
  let ended = false;
  const onLine = (line) => {
    countCargo(line);
    ended ||= line.startsWith("test result: ");
  };
  await run("cargo", ["test", "--config", runner, ...WASM_TESTS], { env, onLine });
  // When nothing is left that could wake a test, Node ends as if all were well.
  if (!ended) throw new Explained("The tests have not come to their end: one of them waits for something that never comes.");
}

/** What leads the runner to the browser of the tests. */
async function browserOfRunner() {
  const { chrome, driver } = await setUpBrowser();
  const capabilities = join(build, "webdriver.json");
  await mkdir(build, { recursive: true });
  await writeFile(capabilities, JSON.stringify({ "goog:chromeOptions": { binary: chrome, args: BROWSER_ARGS } }));
  return {
    CHROMEDRIVER: driver,
    WASM_BINDGEN_TEST_TIMEOUT: String(TIMEOUT / 1000),
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: capabilities,
    WASM_BINDGEN_USE_BROWSER: "1",
  };
}

/** Runs the test files of a folder of tests/, or those that are named. `timeout` is that of a file, in milliseconds. */
export async function nodeTests(folder, { timeout = TIMEOUT, env = {}, names = [] } = {}) {
  const path = join(root, "tests", folder);
  const isWanted = (file) => file.endsWith(".test.mjs") && (names.length === 0 || names.includes(file.slice(0, -".test.mjs".length)));
  const files = (await readdir(path).catch(() => [])).filter(isWanted);
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
