// The tarball in Node, as a module and by require: orders go from the client through the broker to the emulator.
import assert from "node:assert/strict";
import test from "node:test";

import { EXPECTED, output, project } from "./support.mjs";

test("Node", async (t) => {
  const folder = await project(t, "orders.mjs", "esm.mjs", "common.cjs");
  for (const file of ["esm.mjs", "common.cjs"]) {
    await t.test(`${file}: orders are sent, without a warning of Node`, async () => {
      const { stdout, stderr } = await output(process.execPath, ["--trace-warnings", file], { cwd: folder });
      assert.deepEqual(JSON.parse(stdout), EXPECTED);
      assert.equal(stderr, "");
    });
  }
});
