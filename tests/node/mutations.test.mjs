// The ways in which `npm run simulate -- --mutations` breaks the code still fit the code.
import assert from "node:assert/strict";
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
