// The tarball in a page: without a bundler, built by Vite, and under Vite's development server.
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { build, createServer, preview } from "vite";

import { launch, open, serve } from "../support/browser.mjs";
import { EXPECTED, project } from "./support.mjs";

const SCRIPT = '<script type="module" src="/page.js"></script>';
const INLINE = '<script type="module" src="/page-inline.js"></script>';
const IMPORTS =
  '<script type="importmap">{"imports": {"pb-fulfillment": "/node_modules/pb-fulfillment/index.js", "pb-fulfillment/inline": "/node_modules/pb-fulfillment/inline.js"}}</script>';
const html = (...tags) => `<!doctype html><title>consumer</title><link rel="icon" href="data:,">${tags.join("")}`;

test("a page", { timeout: 180_000 }, async (t) => {
  const folder = await project(t, "orders.mjs", "page.js", "page-inline.js");
  await writeFile(join(folder, "index.html"), html(SCRIPT));
  const browser = await launch(t);
  const vite = { root: folder, configFile: false, logLevel: "error", build: { target: "es2022" } };
  const address = { host: "127.0.0.1", port: 0 };

  /** What the page ends up with. */
  async function outcome(url) {
    const { page, strays } = await open(browser, url);
    await page.waitForFunction(() => window.outcome !== undefined, undefined, { timeout: 30_000 });
    const outcome = await page.evaluate(() => window.outcome);
    await page.close();
    assert.deepEqual(strays, []);
    return outcome;
  }

  await t.test("without a bundler, by an import map", async (t) => {
    const origin = await serve(t, folder, { pages: { "/": html(IMPORTS, SCRIPT) } });
    assert.deepEqual(await outcome(origin), EXPECTED);
  });

  await t.test("without a bundler, /inline: no program is fetched", async (t) => {
    const fetched = [];
    const answer = (path) => path.endsWith(".wasm") && fetched.push(path) < 0;
    const origin = await serve(t, folder, { pages: { "/": html(IMPORTS, INLINE) }, answer });
    assert.deepEqual(await outcome(origin), EXPECTED);
    assert.deepEqual(fetched, []);
  });

  await t.test("built by Vite: the program is one asset, and that of broker and emulator none", async (t) => {
    await build(vite);
    const assets = await readdir(join(folder, "dist", "assets"));
    const programs = assets.filter((name) => name.endsWith(".wasm"));
    assert.equal(programs.length, 1, programs.join());
    assert.match(programs[0], /^core-/);
    const server = await preview({ ...vite, preview: address });
    t.after(() => server.close());
    assert.deepEqual(await outcome(server.resolvedUrls.local[0]), EXPECTED);
  });

  await t.test("under Vite's development server, with the option that the README names", async (t) => {
    const server = await createServer({ ...vite, optimizeDeps: { exclude: ["pb-fulfillment"] }, server: address });
    t.after(() => server.close());
    await server.listen();
    assert.deepEqual(await outcome(server.resolvedUrls.local[0]), EXPECTED);
  });

  await t.test("under Vite's development server without any option, by either entry", async (t) => {
    await writeFile(join(folder, "inline.html"), html(INLINE));
    // With a cache of its own, so that nothing is left of how another server has treated the package.
    const server = await createServer({ ...vite, cacheDir: join(folder, "vite-cache"), server: address });
    t.after(() => server.close());
    await server.listen();
    assert.deepEqual(await outcome(new URL("/inline.html", server.resolvedUrls.local[0]).href), EXPECTED);
    assert.deepEqual(await outcome(server.resolvedUrls.local[0]), EXPECTED);
  });
});
