import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build, context, version } from "esbuild";

import { html, script } from "../support.mjs";

export { version };
export const title = "esbuild";
export const note =
  "moves no files: copy the parts that are used, such as `pb-fulfillment/check.wasm` and `send.wasm`, to where the bundle is, or import `/inline`";
export const files = ["page.js", "page-inline.js"];

/** Bundles a page's script into dist/. */
const options = (folder, file) => ({
  entryPoints: [join(folder, file)],
  outfile: join(folder, "dist", "main.js"),
  bundle: true,
  format: "esm",
  logLevel: "error",
});
const bundle = (folder, file) => build({ ...options(folder, file), minify: true });
const pages = { "/": html(script("/main.js")) };

/** Puts the parts of the program where the bundle looks for them. */
async function withProgram(folder) {
  await mkdir(join(folder, "dist"), { recursive: true });
  for (const part of ["check.wasm", "send.wasm"]) {
    await copyFile(join(folder, "node_modules", "pb-fulfillment", part), join(folder, "dist", part));
  }
}

export const ways = {
  async build({ folder, served }) {
    await bundle(folder, "page.js");
    await withProgram(folder);
    return served("dist", { pages });
  },
  async dev({ t, folder, elsewhere }) {
    await withProgram(folder);
    await writeFile(join(folder, "dist", "index.html"), pages["/"]);
    const development = await context(options(folder, "page.js"));
    t.after(() => development.dispose());
    const { port } = await development.serve({ host: "127.0.0.1", servedir: join(folder, "dist") });
    return elsewhere(`http://127.0.0.1:${port}/`);
  },
  async "build `/inline`"({ folder, served }) {
    await bundle(folder, "page-inline.js");
    return served("dist", { pages });
  },
};
