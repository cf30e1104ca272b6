import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { html, script, tool, versionOf } from "../support.mjs";

export const title = "Parcel";
export const version = await versionOf("parcel");
export const files = ["page.js"];

export const ways = {
  async build({ folder, run, served }) {
    await writeFile(join(folder, "index.html"), html(script("./page.js")));
    const config = tool("@parcel/config-default", "index.json");
    const args = ["build", "index.html", "--no-autoinstall", "--no-source-maps", "--no-cache", "--log-level", "warn", "--config", config];
    await run(process.execPath, [tool("parcel", "lib/bin.js"), ...args]);
    return served("dist", { path: "/index.html" });
  },
};
