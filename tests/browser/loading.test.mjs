// A page that cannot load the program is told why, in words that say what to do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { breakablePkg } from "../../scripts/lib/paths.mjs";
import { launch, open, serve } from "../support/browser.mjs";

const pages = { "/": "<!doctype html><title>loading</title>" };

/** Loads the package in a page and gives the error of the first call, or "loaded". */
async function firstCall(browser, origin) {
  const { page } = await open(browser, origin);
  const outcome = await page.evaluate(async () => {
    const { engine, isFulfillmentError } = await import("/index.js");
    const error = await engine().then(
      () => undefined,
      (error) => error,
    );
    return error ? { ours: isFulfillmentError(error), code: error.code, message: error.message, status: error.status } : "loaded";
  });
  await page.close();
  return outcome;
}

test("loading", async (t) => {
  const browser = await launch(t);

  await t.test("a strict policy with wasm-unsafe-eval lets it run", async (t) => {
    const headers = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" };
    assert.equal(await firstCall(browser, await serve(t, breakablePkg, { pages, headers })), "loaded");
  });

  await t.test("a policy without wasm-unsafe-eval is named", async (t) => {
    const headers = { "content-security-policy": "script-src 'self'" };
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, headers }));
    assert.deepEqual([error.ours, error.code], [true, "wasm_blocked"]);
    assert.match(error.message, /'wasm-unsafe-eval'.*script-src/);
  });

  await t.test("a policy that forbids the fetch is named", async (t) => {
    const headers = { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'" };
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, headers }));
    assert.deepEqual([error.ours, error.code], [true, "wasm_unreachable"]);
    assert.match(error.message, /connect-src/);
  });

  await t.test("an HTML page in its place is named", async (t) => {
    const answer = (path, response) => path === "/core.wasm" && response.setHeader("content-type", "text/html").end("<!doctype html>");
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, answer }));
    assert.deepEqual([error.ours, error.code], [true, "wasm_not_found"]);
    assert.match(error.message, /core\.wasm is an HTML page.*optimizeDeps/);
  });

  await t.test("404 is named", async (t) => {
    const answer = (path, response) => path === "/core.wasm" && response.writeHead(404).end();
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, answer }));
    assert.deepEqual([error.ours, error.code, error.status], [true, "wasm_not_found", 404]);
  });

  await t.test("a server that does not know the type will do", async (t) => {
    const wasm = readFileSync(join(breakablePkg, "core.wasm"));
    const answer = (path, response) => path === "/core.wasm" && response.setHeader("content-type", "application/octet-stream").end(wasm);
    assert.equal(await firstCall(browser, await serve(t, breakablePkg, { pages, answer })), "loaded");
  });

  await t.test("a load that failed is tried anew by the next call", async (t) => {
    let failures = 1;
    const answer = (path, response) => path === "/core.wasm" && failures-- > 0 && response.writeHead(503).end();
    const { page } = await open(browser, await serve(t, breakablePkg, { pages, answer }));
    const outcomes = await page.evaluate(async () => {
      const { engine } = await import("/index.js");
      const attempt = () =>
        engine().then(
          () => "loaded",
          (error) => error.code,
        );
      return [await attempt(), await attempt()];
    });
    assert.deepEqual(outcomes, ["wasm_not_found", "loaded"]);
  });
});
