import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build, createServer, version } from "vite";

import { html, script } from "../support.mjs";

export { version };
export const title = "Vite";
export const files = ["page.js", "page-inline.js"];

const options = (folder) => ({ root: folder, configFile: false, logLevel: "error", build: { target: "es2022" } });

/** What a page under the development server ends up with. */
async function developed({ t, folder, elsewhere }, file, more = {}) {
  await writeFile(join(folder, "index.html"), html(script(`/${file}`)));
  const server = await createServer({ ...options(folder), ...more, server: { host: "127.0.0.1", port: 0 } });
  t.after(() => server.close());
  await server.listen();
  return elsewhere(server.resolvedUrls.local[0]);
}

export const ways = {
  async build({ folder, served }) {
    await writeFile(join(folder, "index.html"), html(script("/page.js")));
    await build(options(folder));
    // Each part of the program is an asset, and that of broker and emulator none.
    const programs = (await readdir(join(folder, "dist", "assets"))).filter((name) => name.endsWith(".wasm"));
    assert.deepEqual(
      programs.map((name) => name.split("-")[0]),
      ["build", "check", "send"],
    );
    return served("dist", { path: "/index.html" });
  },
  dev: (context) => developed(context, "page.js"),
  "dev with `optimizeDeps.exclude`": (context) => developed(context, "page.js", { optimizeDeps: { exclude: ["pb-fulfillment"] } }),
  "dev `/inline`": (context) => developed(context, "page-inline.js"),
};
