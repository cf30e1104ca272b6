// The entries of the tarball: how they are found, how /slim and /inline load, and what an old runtime is told.
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { checkOutcome, output, project } from "./support.mjs";

test("the entries", async (t) => {
  const folder = await project(t, "loading.mjs", "first-call.mjs", "without-simd.mjs");
  const installed = join(folder, "node_modules", "pb-fulfillment");

  await t.test("in every branch of exports types come first and default last, and workerd comes before any other condition", async () => {
    const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    const leaves = [];
    const visit = async (branch) => {
      if (typeof branch === "string") return leaves.push(branch);
      const conditions = Object.keys(branch);
      if (conditions.includes("types")) assert.equal(conditions[0], "types");
      if (conditions.includes("workerd")) assert.equal(conditions[0], "workerd");
      assert.ok(conditions.at(-1) === "default" || conditions.join() === "import,require", conditions.join());
      for (const under of Object.values(branch)) await visit(under);
    };
    for (const entry of Object.values(exports)) await visit(entry);
    const names = [".", "./validate", "./streams", "./form", "./slim", "./inline", "./broker", "./outbox", "./emulator"];
    assert.deepEqual(Object.keys(exports).slice(0, names.length), names);
    for (const leaf of leaves) await readFile(join(installed, leaf));
  });

  await t.test("/validate checks, builds and mends as the main entry does, by import and by require", async () => {
    const script = `
      import * as main from "pb-fulfillment";
      import * as imported from "pb-fulfillment/validate";
      import { createRequire } from "node:module";
      const required = createRequire(import.meta.url)("pb-fulfillment/validate");
      const input = [{ clientId: "1", clientOrderId: "2", orderHandling: "r ", isGift: "true" }];
      const results = [];
      for (const { validateOrders, applyFixes, buildOrder, loadBuilder, orderSchema } of [main, imported, required]) {
        const report = await validateOrders(input);
        const draft = { orderLines: [{ sku: "a", unitPrice: "0.10", orderedQuantity: 3 }] };
        const built = [await buildOrder(draft, { now: 0 }), (await loadBuilder()).buildOrder(draft, { now: 0 })];
        results.push(JSON.stringify([report, await applyFixes(input, report), built, await orderSchema["~standard"].validate(input[0])]));
      }
      console.log(results[0].length > 2000, results[1] === results[0], results[2] === results[0], "FulfillmentClient" in imported);`;
    const { stdout } = await output(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
    assert.equal(stdout, "true true true false\n");
  });

  await t.test("/inline leads a Worker, which compiles no bytes, to the program that is deployed with it", async () => {
    const script = 'console.log(import.meta.resolve("pb-fulfillment/inline"))';
    const args = ["-C", "workerd", "--input-type=module", "-e", script];
    const { stdout } = await output(process.execPath, args, { cwd: folder });
    assert.match(stdout, /\/pb-fulfillment\/index\.workerd\.js\n$/);
  });

  await t.test("/slim takes a module of any realm, bytes, a response or a promise, and it and /inline send orders", async () => {
    const { stdout, stderr } = await output(process.execPath, ["--trace-warnings", "loading.mjs"], { cwd: folder });
    const { early, first, html, missing, path, synchronous, wrong, ...sent } = JSON.parse(stdout);
    assert.equal(stderr, "");
    const all = [
      "module",
      "realm",
      "bytes",
      "buffer",
      "response",
      "promise",
      "mended",
      "righted",
      "second",
      "inline",
      "inlineRequired",
      "slimRequired",
    ];
    assert.deepEqual(Object.keys(sent).sort(), all.sort());
    Object.values(sent).forEach(checkOutcome);
    assert.equal(synchronous, "at once");
    assert.deepEqual([early.name, early.code], ["FulfillmentError", "not_initialized"]);
    assert.match(early.message, /Call initialize\(source\)/);
    assert.equal(html.code, "wasm_not_found");
    assert.match(html.message, /pb-fulfillment\/core\.wasm/);
    assert.deepEqual([missing.code, missing.status], ["wasm_not_found", 404]);
    assert.equal(first.code, "wasm_not_found");
    assert.equal(wrong.length, 6);
    for (const { code, message } of wrong) {
      assert.equal(code, "wasm_not_found", message);
      assert.match(message, /another program, or that of another version/);
    }
    assert.equal(path.name, "TypeError");
    assert.match(path.message, /initialize: give core\.wasm as/);
  });

  await t.test("a runtime without WebAssembly is told what is needed", async () => {
    const { stdout } = await output(process.execPath, ["first-call.mjs", "without-webassembly"], { cwd: folder });
    for (const { ours, code, message } of Object.values(JSON.parse(stdout))) {
      assert.deepEqual([ours, code], [true, "unsupported_runtime"]);
      assert.match(message, /needs WebAssembly, .*Node 20\.19/);
    }
  });

  await t.test(
    "a program with SIMD in a runtime without it: told what is needed",
    { skip: process.arch !== "x64" && "only x64 can go without" },
    async () => {
      const old = ["--no-enable-sse3", "--no-enable-ssse3", "--no-enable-sse4-1"];
      const { stdout } = await output(process.execPath, [...old, "without-simd.mjs"], { cwd: folder });
      const { code, message } = JSON.parse(stdout);
      assert.equal(code, "unsupported_runtime");
      assert.match(message, /SIMD.*Node 20\.19/);
    },
  );

  await t.test("a program that is missing in Node is named, with the ways out", async () => {
    await rm(join(installed, "core.wasm"));
    const { stdout } = await output(process.execPath, ["first-call.mjs"], { cwd: folder });
    const { "pb-fulfillment": whole, "pb-fulfillment/inline": inline } = JSON.parse(stdout);
    assert.equal(whole.code, "wasm_not_found");
    assert.match(whole.message, /core\.wasm could not be read.*pb-fulfillment\/inline/);
    assert.equal(inline, "none");
  });
});
