import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { build, version } from "esbuild";

import { html, script } from "../support.mjs";

export { version };
export const title = "esbuild";
export const note = "moves no files: copy `pb-fulfillment/core.wasm` to where the bundle is, or import `/inline`";
export const files = ["page.js", "page-inline.js"];

/** Bundles a page's script into dist/. */
const bundle = (folder, file) =>
  build({
    entryPoints: [join(folder, file)],
    outfile: join(folder, "dist", "main.js"),
    bundle: true,
    minify: true,
    format: "esm",
    logLevel: "error",
  });
const pages = { "/": html(script("/main.js")) };

export const ways = {
  async build({ folder, served }) {
    await bundle(folder, "page.js");
    await copyFile(join(folder, "node_modules", "pb-fulfillment", "core.wasm"), join(folder, "dist", "core.wasm"));
    return served("dist", { pages });
  },
  async "build `/inline`"({ folder, served }) {
    await bundle(folder, "page-inline.js");
    return served("dist", { pages });
  },
};
