import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { html, script, tool, versionOf } from "../support.mjs";

export const title = "Parcel";
export const version = await versionOf("parcel");
export const files = ["page.js"];

const OPTIONS = ["--no-autoinstall", "--no-cache", "--log-level", "info", "--config", tool("@parcel/config-default", "index.json")];

/** Its command on the page. */
async function parcel(folder, command, ...options) {
  await writeFile(join(folder, "index.html"), html(script("./page.js")));
  return [tool("parcel", "lib/bin.js"), command, "index.html", ...OPTIONS, ...options];
}

export const ways = {
  async build({ folder, run, served }) {
    await run(process.execPath, await parcel(folder, "build", "--no-source-maps"));
    return served("dist", { path: "/index.html" });
  },
  async dev({ folder, started, elsewhere }) {
    const args = await parcel(folder, "serve", "--host", "127.0.0.1", "--no-hmr");
    const [, origin] = await started(process.execPath, args, { ready: /running at (http:\S+)[^]*Built in/ });
    return elsewhere(`${origin}/`);
  },
};
