// The package gets over its own faults in a page in Chromium.
import assert from "node:assert/strict";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";
import { launch, open, serve } from "../support/browser.mjs";

test("recovery, Chromium", async (t) => {
  const origin = await serve(t, root, { pages: { "/": "<!doctype html><title>recovery</title>" } });
  const { page, strays } = await open(await launch(t), origin);
  const results = await page.evaluate(async () => {
    const pkg = await import("/build/breakable/pkg/index.js");
    const { runScenarios } = await import("/tests/recovery/scenarios.mjs");
    return runScenarios(pkg);
  });
  for (const { name, failure } of results) await t.test(name, () => assert.equal(failure, undefined));
  await t.test("no error went past the caller to the page", () => assert.deepEqual(strays, []));
});
