import { join } from "node:path";

import { nodeResolve } from "@rollup/plugin-node-resolve";
import { importMetaAssets } from "@web/rollup-plugin-import-meta-assets";
import { rollup, VERSION } from "rollup";

import { html, script } from "../support.mjs";

export const title = "Rollup";
export const version = VERSION;
export const note =
  "`@rollup/plugin-node-resolve` finds the package, `@web/rollup-plugin-import-meta-assets` takes the WebAssembly along; `/inline` goes without the latter";
export const files = ["page.js", "page-inline.js"];

/** What a page that Rollup has built ends up with. A warning of Rollup is a failure. */
async function built({ folder, served }, file, plugins) {
  const onwarn = ({ message }) => {
    throw new Error(message);
  };
  const bundle = await rollup({ input: join(folder, file), plugins, onwarn });
  await bundle.write({ dir: join(folder, "dist"), format: "es", entryFileNames: "main.js" });
  await bundle.close();
  return served("dist", { pages: { "/": html(script("/main.js")) } });
}

export const ways = {
  build: (context) => built(context, "page.js", [nodeResolve({ browser: true }), importMetaAssets()]),
  "build `/inline`": (context) => built(context, "page-inline.js", [nodeResolve({ browser: true })]),
};
