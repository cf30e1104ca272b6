// The command line of the packed tarball, as `npx pb-fulfillment` starts it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { order } from "../matrix/shared/orders.mjs";
import { project } from "./support.mjs";

const lines = (orders) => orders.map((order) => `${JSON.stringify(order)}\n`).join("");
const warned = order({ clientOrderId: "A-2", toAddress: { ...order().toAddress, stateProvince: "Maine" } });
const bad = order({ clientOrderId: "" });

test("the command line", async (t) => {
  const folder = await project(t);
  const command = join(folder, "node_modules", ".bin", "pb-fulfillment");

  /** Runs it to its end: the exit code and what was printed. `input` goes to its standard input. */
  const run = (args, { input, file = command } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args, { cwd: folder, timeout: 60_000 });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (data) => (stdout += data));
      child.stderr.on("data", (data) => (stderr += data));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
      child.stdin.end(input);
    });

  await writeFile(join(folder, "good.ndjson"), lines([order(), warned]));
  await writeFile(join(folder, "bad.json"), JSON.stringify({ orders: [order(), bad] }, null, 2));
  await writeFile(join(folder, "broken.ndjson"), `${lines([order()])}{"clientId": oops}\n${lines([bad])}`);

  await t.test("npx starts it", async () => {
    const { version } = JSON.parse(await readFile(join(folder, "node_modules", "pb-fulfillment", "package.json"), "utf8"));
    const { code, stdout } = await run(["--offline", "pb-fulfillment", "--version"], { file: "npx" });
    assert.deepEqual([code, stdout], [0, `${version}\n`]);
  });

  await t.test("each issue is a line with its place, and the exit code tells whether there are errors", async () => {
    const good = await run(["validate", "good.ndjson"]);
    assert.deepEqual([good.code, good.stderr], [0, ""]);
    const [issue, sum, end] = good.stdout.split("\n");
    assert.match(issue, /^good\.ndjson:2:\d+: warning: order 2 \(A-2\): Delivery address: .*“Maine”.*“ME”\. \[state_province\]$/);
    assert.deepEqual([sum, end], ["good.ndjson: 2 orders, 0 errors, 1 warning", ""]);
    const found = await run(["validate", "good.ndjson", "bad.json", "broken.ndjson", "--errors-only"]);
    assert.equal(found.code, 1);
    assert.match(found.stdout, /^bad\.json:\d+:\d+: error: order 2: .*\[required\]$/m);
    assert.match(found.stdout, /^broken\.ndjson:2:14: error: order 2: This is not JSON: line 2, column 14: .* \[json_syntax\]$/m);
    assert.match(found.stdout, /^broken\.ndjson:3:\d+: error: order 3: /m);
    assert.doesNotMatch(found.stdout, /warning:/);
  });

  await t.test("severities, limits and standard input", async () => {
    const input = lines([warned, warned]);
    assert.equal((await run(["validate", "-", "--severity", "state_province=error"], { input })).code, 1);
    const off = ["--severity", "state_province=off", "--severity", "duplicate_order=off"];
    const { code, stdout } = await run(["validate", "-", ...off], { input });
    assert.deepEqual([code, stdout], [0, "-: 2 orders, 0 errors, 0 warnings\n"]);
    const cut = await run(["validate", "-", "--max-issues", "1"], { input });
    assert.match(cut.stdout, /^-:1:\d+: warning: .*\n-: 2 orders, 0 errors, 3 warnings; 2 issues not listed\n$/);
    const large = await run(["validate", "-", "--max-bytes", "100"], { input });
    assert.match(large.stdout, /more than 100 bytes.*\[too_large\]/);
  });

  await t.test("nothing that a file says is a command to a terminal or to a build", async () => {
    const input = lines([
      order({ clientOrderId: "A\u001b[31m\n::error::x", toAddress: { ...order().toAddress, stateProvince: "\u2028\u009b1m" } }),
    ]);
    const name = "::warning::\n.ndjson";
    await writeFile(join(folder, name), input);
    const { stdout, stderr } = await run(["validate", name, "::missing\u001b"]);
    assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|^::/m);
    assert.match(stdout, /^\.\/::warning::\\u000a\.ndjson:1:\d+: .*A\\u001b\[31m\\u000a::error::x/m);
  });

  await t.test("a file without anything in it is an error, an empty list is none", async () => {
    for (const input of ["", " \r\n", "\ufeff\n"]) {
      const { code, stdout } = await run(["validate", "-"], { input });
      assert.equal(code, 1, JSON.stringify(input));
      assert.match(stdout, /^-:1:1: error: This is not JSON: .*the end of the text\. \[json_syntax\]\n-: 0 orders, 1 error, 0 warnings\n$/);
    }
    const { code, stdout } = await run(["validate", "-"], { input: "[]" });
    assert.deepEqual([code, stdout], [0, "-: 0 orders, 0 errors, 0 warnings\n"]);
  });

  await t.test("output that cannot be written ends it with 2 and without a stack", { skip: !existsSync("/dev/full") }, async () => {
    const { code, stderr } = await run(["-c", `'${command}' validate bad.json > /dev/full`], { file: "sh" });
    assert.equal(code, 2);
    assert.match(stderr, /^pb-fulfillment: what was found cannot be written: ENOSPC.*\n$/);
  });

  await t.test("JSON and SARIF are one document each", async () => {
    const json = await run(["validate", "bad.json", "missing.json", "--format", "json"]);
    const { valid, files } = JSON.parse(json.stdout);
    assert.deepEqual([json.code, valid, files.length], [2, false, 2]);
    assert.deepEqual([files[0].orderCount, files[0].errorCount, files[0].issues[0].pointer], [2, 1, "/orders/1/clientOrderId"]);
    assert.match(files[1].failure, /ENOENT/);

    const { code, stdout } = await run(["validate", "bad.json", "--format", "sarif"]);
    const { $schema, version, runs } = JSON.parse(stdout);
    const [{ tool, results, columnKind, invocations }] = runs;
    assert.deepEqual([code, version, columnKind, invocations[0].executionSuccessful], [1, "2.1.0", "unicodeCodePoints", true]);
    assert.match($schema, /sarif-schema-2\.1\.0\.json$/);
    const [{ ruleId, ruleIndex, level, message, locations }] = results;
    assert.deepEqual([ruleId, tool.driver.rules[ruleIndex].id, level], ["required", "required", "error"]);
    assert.ok(tool.driver.rules.every(({ shortDescription, help }) => shortDescription.text && help.text));
    assert.ok(message.text.length > 0);
    const [{ physicalLocation, logicalLocations }] = locations;
    assert.equal(physicalLocation.artifactLocation.uri, "bad.json");
    const line = (await readFile(join(folder, "bad.json"), "utf8")).split("\n")[physicalLocation.region.startLine - 1];
    assert.match(line.slice(physicalLocation.region.startColumn - 1), /^""/, "the region begins at the value");
    assert.equal(logicalLocations[0].fullyQualifiedName, "/orders/1/clientOrderId");
  });

  await t.test("what was called wrongly or cannot be read ends with 2 and says what to do", async () => {
    for (const [args, message] of [
      [[], /say what to do/],
      [["check"], /no command check/],
      [["validate"], /which files/],
      [["validate", "missing.json"], /missing\.json: ENOENT/],
      [["validate", "."], /EISDIR/],
      [["validate", "good.ndjson", "--format", "xml"], /--format must be human or json or sarif/],
      [["validate", "good.ndjson", "--severity", "x"], /CODE=LEVEL/],
      [["validate", "good.ndjson", "--severity", "x=error"], /there is no rule "x"\. There are .*postal_code/],
      [["validate", "good.ndjson", "--severity", "required=fatal"], /--severity must be error/],
      [["validate", "good.ndjson", "--max-issues", "many"], /--max-issues must be a whole number/],
      [["validate", "good.ndjson", "--verbose"], /'--verbose'/],
      [["emulator", "--port", "70000"], /--port must be/],
      [["emulator", "--faults", "missing.json"], /--faults: ENOENT/],
      [["emulator", "--faults", "bad.json"], /faults: .*orders/],
    ]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /, "no stack");
    }
    for (const args of [["--help"], ["validate", "--help"], ["emulator", "-h"]]) {
      const { code, stdout } = await run(args);
      assert.equal(code, 0);
      assert.match(stdout, /Exit codes: 0 no errors, 1 errors were found, 2 wrong use/);
    }
  });

  await t.test("a reader that has read enough ends it without a word", async () => {
    await writeFile(join(folder, "long.ndjson"), lines(Array(20_000).fill(warned)));
    const child = spawn(command, ["validate", "long.ndjson", "--max-issues", "1000000"], { cwd: folder, timeout: 60_000 });
    let stderr = "";
    child.stderr.on("data", (data) => (stderr += data));
    child.stdout.once("data", () => child.stdout.destroy());
    const [code, signal] = await new Promise((resolve) => child.on("close", (...how) => resolve(how)));
    assert.deepEqual([code, signal, stderr], [0, null, ""]);
  });

  await t.test("the emulator answers, cuts connections when it is told to, and ends when it is told to", async () => {
    const child = spawn(command, ["emulator", "--port", "0", "--api-key", "k", "--api-secret", "s"], { cwd: folder, timeout: 60_000 });
    t.after(() => child.kill("SIGKILL"));
    const ended = new Promise((resolve) => child.on("close", (...how) => resolve(how)));
    let told = "";
    await new Promise((resolve) => child.stdout.on("data", (data) => /faults/.test((told += data)) && resolve()));
    assert.match(told, /API key: k\nAPI secret: s\n/);
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(told);
    const token = await fetch(`${origin}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa("k:s")}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    assert.equal(token.status, 200, await token.clone().text());
    assert.equal((await fetch(`${origin}/nowhere`)).status, 404);
    await fetch(`${origin}/emulator/faults`, { method: "PUT", body: JSON.stringify({ script: [{ fault: "cut_before", on: "token" }] }) });
    await assert.rejects(fetch(`${origin}/oauth/token`, { method: "POST" }));
    child.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
  });
});
