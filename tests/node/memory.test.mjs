// Ten thousand of anything grow no memory. In a process of its own, that can collect garbage when it wants to.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

const script = `
import { grows, memories, rounds } from ${JSON.stringify(new URL("../support/memory.mjs", import.meta.url).href)};
const wasm = memories();
const pkg = await import(${JSON.stringify(new URL("../../pkg/index.node.js", import.meta.url).href)});
const { order } = await import(${JSON.stringify(new URL("../matrix/shared/orders.mjs", import.meta.url).href)});
const measure = async () => {
  // What finalizers free is gone after the next turn.
  for (let turn = 0; turn < 3; turn += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { heap: process.memoryUsage().heapUsed, wasm: wasm.bytes() };
};
const found = {};
for (const [name, round] of Object.entries(rounds(pkg, order))) {
  const run = async (times) => {
    for (let count = 0; count < times; count += 1) await round();
  };
  found[name] = await grows(run, measure);
}
console.log(JSON.stringify(found));`;

test("ten thousand validations, submissions and streams grow neither the heap nor the memory of the program", async (t) => {
  const args = ["--expose-gc", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 180_000 });
  for (const [name, { grew, told }] of Object.entries(JSON.parse(stdout))) {
    t.diagnostic(`${name}: ${told}`);
    assert.ok(!grew, `${name}: ${told}`);
  }
});
