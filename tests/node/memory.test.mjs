// Ten thousand of anything grow no memory. In a process of its own, that can collect garbage when it wants to.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

import { MOST } from "../support/memory.mjs";

const script = `
import { growth, memories, rounds } from ${JSON.stringify(new URL("../support/memory.mjs", import.meta.url).href)};
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
const grown = { memory: wasm.bytes() };
for (const [name, round] of Object.entries(rounds(pkg, order))) {
  grown[name] = await growth(round, { warmUp: 1_000, times: 10_000, measure });
}
grown.memory = wasm.bytes();
console.log(JSON.stringify(grown));`;

test("ten thousand validations, submissions and streams grow neither the heap nor the memory of the program", async (t) => {
  const args = ["--expose-gc", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 180_000 });
  const { memory, ...grown } = JSON.parse(stdout);
  t.diagnostic(stdout.trim());
  assert.ok(memory > 0, "the memory of the program was seen");
  for (const [name, { heap, wasm }] of Object.entries(grown)) {
    assert.equal(wasm, 0, `${name}: the memory of the program grew by ${wasm} bytes`);
    assert.ok(heap < MOST, `${name}: the heap grew by ${heap} bytes`);
  }
});
