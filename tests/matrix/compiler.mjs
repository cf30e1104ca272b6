// The ways of webpack and of Rspack, which has its interface.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { html, script } from "./support.mjs";

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

/** `compilerOf` makes a compiler from its options; `DevServer` is the development server that goes with it. */
export const waysOf = (compilerOf, DevServer) => ({
  async build({ folder, served }) {
    const compiler = compilerOf(options(folder, "production"));
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
      compilerOf(options(folder, "development")),
    );
    t.after(() => server.stop());
    await server.start();
    return elsewhere(`http://127.0.0.1:${server.server.address().port}/`);
  },
});
