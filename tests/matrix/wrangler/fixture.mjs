import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { Miniflare } from "miniflare";

import { tool, versionOf } from "../support.mjs";

export const title = "Cloudflare Workers (wrangler)";
export const version = await versionOf("wrangler");
export const note = "the token in a Durable Object";

export const ways = {
  // Bundled by wrangler as it would be deployed, and run in workerd.
  async build({ t, folder, run }) {
    await run(process.execPath, [tool("wrangler", "bin/wrangler.js"), "deploy", "--dry-run", "--outdir", "out"], {
      env: { WRANGLER_SEND_METRICS: "false", CI: "1" },
    });
    const files = (await readdir(join(folder, "out"))).filter((name) => /\.(js|wasm)$/.test(name));
    assert.deepEqual(files.map((name) => /[a-z]+\.[a-z]+$/.exec(name)[0]).sort(), ["server.wasm", "streams.wasm", "worker.js"]);
    const module = async (name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: `/${name}`,
      contents: await readFile(join(folder, "out", name), name.endsWith(".wasm") ? undefined : "utf8"),
    });
    // What is run comes first.
    const [script, ...programs] = files.sort((a, b) => Number(a.endsWith(".wasm")) - Number(b.endsWith(".wasm")));
    const miniflare = new Miniflare({
      compatibilityDate: "2026-04-01",
      modulesRoot: "/",
      modules: await Promise.all([script, ...programs].map(module)),
      durableObjects: { TOKEN_VAULT: { className: "TokenVault", useSQLite: true } },
    });
    t.after(() => miniflare.dispose());
    return (await miniflare.dispatchFetch("https://worker.test/")).json();
  },
};
