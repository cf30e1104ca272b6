import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import webpack from "webpack";
import DevServer from "webpack-dev-server";

import { html, script, versionOf } from "../support.mjs";

export const title = "webpack";
export const version = await versionOf("webpack");
export const files = ["page.js"];

const options = (folder, mode) => ({
  mode,
  context: folder,
  entry: "./page.js",
  output: { path: join(folder, "dist"), filename: "main.js" },
  // Its advice on size is for the page as a whole; `npm run size` has the package's budget.
  performance: false,
  stats: "errors-warnings",
  infrastructureLogging: { level: "error" },
});
const page = html(script("main.js", "defer"));

export const ways = {
  async build({ folder, served }) {
    const compiler = webpack(options(folder, "production"));
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    if (errors.length + warnings.length > 0) throw new Error([...errors, ...warnings].map(({ message }) => message).join("\n"));
    return served("dist", { pages: { "/": page } });
  },
  async dev({ t, folder, elsewhere }) {
    await writeFile(join(folder, "index.html"), page);
    const server = new DevServer(
      { host: "127.0.0.1", port: 0, static: folder, hot: false, liveReload: false },
      webpack(options(folder, "development")),
    );
    t.after(() => server.stop());
    await server.start();
    return elsewhere(`http://127.0.0.1:${server.server.address().port}/`);
  },
};
