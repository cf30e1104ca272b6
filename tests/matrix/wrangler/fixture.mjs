import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { Miniflare } from "miniflare";

import { tool, versionOf } from "../support.mjs";

export const title = "Cloudflare Workers (wrangler)";
export const version = await versionOf("wrangler");
export const note = "the token in a Durable Object";

const wrangler = tool("wrangler", "bin/wrangler.js");
// It asks nobody for news, for who it is or where.
const env = { CI: "1", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

export const ways = {
  // Bundled by wrangler as it would be deployed, and run in workerd.
  async build({ t, folder, run }) {
    await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", "out"], { env });
    const files = (await readdir(join(folder, "out"))).filter((name) => /\.(js|wasm)$/.test(name));
    assert.deepEqual(files.map((name) => /[a-z]+\.[a-z]+$/.exec(name)[0]).sort(), ["core.wasm", "server.wasm", "worker.js"]);
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
  async dev({ started }) {
    const args = [
      wrangler,
      "dev",
      "--local",
      "--ip",
      "127.0.0.1",
      "--port",
      "0",
      "--inspector-port",
      "0",
      "--show-interactive-dev-session=false",
    ];
    const [, origin] = await started(process.execPath, args, { ready: /Ready on (http:\S+)/, env });
    return (await fetch(origin)).json();
  },
};
