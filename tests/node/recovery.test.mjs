// The package gets over its own faults in Node, from `import` and from `require`.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

import * as esm from "../../build/breakable/pkg/index.node.js";
import { scenarios } from "../recovery/scenarios.mjs";

const cjs = createRequire(import.meta.url)("../../build/breakable/pkg/index.cjs");

for (const [kind, pkg] of Object.entries({ esm, cjs })) {
  test(`recovery, ${kind}`, async (t) => {
    const strays = [];
    const note = (error) => strays.push(error);
    process.on("uncaughtException", note).on("unhandledRejection", note);
    for (const [name, scenario] of Object.entries(scenarios(pkg))) await t.test(name, scenario);
    await t.test("no error went past the caller to the process", () => assert.deepEqual(strays, []));
    process.off("uncaughtException", note).off("unhandledRejection", note);
  });
}
