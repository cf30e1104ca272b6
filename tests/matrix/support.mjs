// What the fixtures have in common: their project, the programs they run, the page they look at, and what must become of the orders.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { open, serve } from "../support/browser.mjs";
import { output, started } from "../packaging/support.mjs";

const here = import.meta.dirname;
const require = createRequire(import.meta.url);

/** The version of an installed tool. */
export const versionOf = async (name) => JSON.parse(await readFile(join(toolFolder(name), "package.json"), "utf8")).version;

/** A file of an installed tool. */
export const tool = (name, path) => join(toolFolder(name), path);

/** Where a tool is: among those of the matrix, or of the workspace. */
function toolFolder(name) {
  const folders = [here, join(here, "..", "..")].map((folder) => join(folder, "node_modules", name));
  const found = folders.find((folder) => exists(join(folder, "package.json")));
  assert.ok(found, `${name} is not installed for ${process.platform}-${process.arch}`);
  return found;
}

function exists(file) {
  try {
    return require.resolve(file) !== "";
  } catch {
    return false;
  }
}

/** A page that loads this script. */
export const html = (...tags) => `<!doctype html><title>matrix</title><link rel="icon" href="data:,">${tags.join("")}`;
export const script = (src, how = 'type="module"') => `<script ${how} src="${src}"></script>`;

/**
 * What a fixture is given.
 *
 * @param t the test that it runs in
 * @param folder a project with the tarball installed, its own
 * @param name the fixture's folder here, whose files are put into the project
 * @param files of shared/, which are put there, too
 * @param browser gives the browser
 */
export async function context(t, { folder, name, files, browser }) {
  // All of it before anything runs: a server of development would notice what comes, or is missing for a moment, later.
  for (const file of ["orders.mjs", "server.mjs", ...files]) await cp(join(here, "shared", file), join(folder, file));
  await cp(join(here, name), folder, { recursive: true, filter: (path) => !path.endsWith("fixture.mjs") });
  const broker = async (origin) => (await import(pathToFileURL(join(folder, "server.mjs")).href)).brokerFor(origin);

  /** What a page ends up with. */
  async function outcomeOf(url) {
    const { page, strays } = await open(await browser(), url);
    try {
      await page.waitForFunction(() => window.outcome !== undefined, undefined, { timeout: 40_000 });
      return await page.evaluate(() => window.outcome);
    } catch (error) {
      throw new Error(`the page came to nothing: ${strays.join("\n") || error.message}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  return {
    t,
    folder,
    outcomeOf,

    /** Runs a program in the project to its end. */
    run: (command, args, options) => output(command, args, { cwd: folder, ...options }),

    /** Starts a program in the project that runs on, and waits until it is ready; it ends with the test. */
    started: (command, args, options) => started(t, command, args, { cwd: folder, ...options }),

    /** Runs a program that prints what became of the orders, and nothing else. */
    async printed(command, args, options) {
      const { stdout, stderr } = await output(command, args, { cwd: folder, ...options });
      assert.equal(stderr, "");
      return JSON.parse(stdout);
    },

    /** Serves a folder of the project, and a broker beside it at /api. Opens a page there; gives what that ends up with. */
    async served(site, { pages = {}, path = "/", answer = () => false } = {}) {
      let handler;
      const asBroker = async (path, response, request) => {
        if (!path.startsWith("/api/")) return answer(path, response, request);
        await handler(request, response);
        return true;
      };
      const origin = await serve(t, join(folder, site), { pages, answer: asBroker });
      handler = await broker(origin);
      return outcomeOf(new URL(path, origin).href);
    },

    /** Opens a page of a server that is not ours, with a broker at an origin of its own. Gives what that ends up with. */
    async elsewhere(url) {
      const server = createServer(await broker(new URL(url).origin));
      t.after(() => server.close());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const api = `http://127.0.0.1:${server.address().port}/api`;
      return outcomeOf(`${url}?api=${encodeURIComponent(api)}`);
    },
  };
}
