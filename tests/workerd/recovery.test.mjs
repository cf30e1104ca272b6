// The package gets over its own faults in workerd, the runtime of Cloudflare Workers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Miniflare } from "miniflare";

import { breakablePkg, root } from "../../scripts/lib/paths.mjs";

const worker = `
import * as pkg from "./index.workerd.js";
import { runScenarios, scenarios } from "./scenarios.mjs";

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/all") return Response.json(await runScenarios(pkg));
    const engine = await pkg.engine();
    if (pathname === "/slow") {
      const answer = await engine.run("sleep", { ms: 200 }).then(() => "done", (error) => error.code);
      return new Response(answer);
    }
    const error = await engine.run("breakLater", { how: "panic" }).catch((error) => error);
    return new Response(error.code);
  },
};
`;

test("recovery, workerd", async (t) => {
  const module = (path, file) => ({ type: "ESModule", path, contents: readFileSync(file, "utf8") });
  const miniflare = new Miniflare({
    compatibilityDate: "2026-04-01",
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/worker.mjs", contents: worker },
      module("/index.workerd.js", join(breakablePkg, "index.workerd.js")),
      module("/scenarios.mjs", join(root, "tests", "recovery", "scenarios.mjs")),
      { type: "CompiledWasm", path: "/core.wasm", contents: readFileSync(join(breakablePkg, "core.wasm")) },
    ],
  });
  t.after(() => miniflare.dispose());

  const get = async (path) => (await miniflare.dispatchFetch(`http://localhost${path}`)).text();
  for (const { name, failure } of JSON.parse(await get("/all"))) await t.test(name, () => assert.equal(failure, undefined));

  await t.test("two requests at once: both are answered when one of them breaks the instance", async () => {
    const slow = get("/slow");
    assert.equal(await get("/break"), "internal");
    assert.equal(await slow, "internal");
    assert.equal(await get("/slow"), "done", "and the next is served");
  });
});
