// The tarball in a Worker: bundled by wrangler as it would be deployed, and run in workerd.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { Miniflare } from "miniflare";

import { root } from "../../scripts/lib/paths.mjs";
import { EXPECTED, output, project } from "./support.mjs";

test("a Worker: orders are sent, with the token in a Durable Object", { timeout: 120_000 }, async (t) => {
  const folder = await project(t, "orders.mjs", "worker.mjs", "wrangler.jsonc");
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  await output(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", "out"], {
    cwd: folder,
    env: { WRANGLER_SEND_METRICS: "false", CI: "1" },
  });
  const files = (await readdir(join(folder, "out"))).filter((name) => /\.(js|wasm)$/.test(name));
  assert.deepEqual(files.map((name) => /[a-z]+\.[a-z]+$/.exec(name)[0]).sort(), ["core.wasm", "server.wasm", "worker.js"]);

  const contents = (name) => readFile(join(folder, "out", name));
  const miniflare = new Miniflare({
    compatibilityDate: "2026-04-01",
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/worker.js", contents: String(await contents("worker.js")) },
      ...(await Promise.all(
        files
          .filter((name) => name.endsWith(".wasm"))
          .map(async (name) => ({ type: "CompiledWasm", path: `/${name}`, contents: await contents(name) })),
      )),
    ],
    durableObjects: { TOKEN_VAULT: { className: "TokenVault", useSQLite: true } },
  });
  t.after(() => miniflare.dispose());
  const answer = await miniflare.dispatchFetch("https://worker.test/");
  assert.deepEqual(await answer.json(), EXPECTED);
});
