// The ways in which `npm run simulate -- --mutations` breaks the code still fit the code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";
import { MUTATIONS } from "../simulation/mutations.mjs";

test("each mutation has its one place in the code", () => {
  const moved = MUTATIONS.filter(({ file, from }) => readFileSync(join(root, file), "utf8").split(from).length !== 2);
  assert.deepEqual(
    moved.map(({ name }) => name),
    [],
  );
});

test("a name that no mutation has is told, and nothing passes for it", () => {
  const simulate = (...args) => spawnSync(process.execPath, [join(root, "scripts", "simulate.mjs"), ...args], { encoding: "utf8" });
  for (const name of ["no such mutation", ""]) {
    const { status, stderr } = simulate("--mutations", MUTATIONS[0].name, name);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`There is no mutation “${name}”[^]*${MUTATIONS[0].name}`));
  }
  const { status, stderr } = simulate(MUTATIONS[0].name);
  assert.equal(status, 1);
  assert.match(stderr, /without --mutations/);
});
