// A page that cannot load the program is told why, in words that say what to do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { breakablePkg, pkg } from "../../scripts/lib/paths.mjs";
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

/** What the first call of each entry that needs a program comes to in a page: "works", or the error's code and message. */
async function firstCalls(browser, origin) {
  const { page, strays } = await open(browser, origin);
  const outcomes = await page.evaluate(async () => {
    const shop = {
      upstream: "sandbox",
      credentials: () => ({ apiKey: "key", apiSecret: "secret" }),
      allowedOrigins: [location.origin],
      authorize: () => null,
      approveOrders: () => [],
      log: () => undefined,
    };
    const calls = {
      index: ({ validateOrders }) => validateOrders([]),
      validate: ({ validateOrders }) => validateOrders([]),
      inline: ({ validateOrders }) => validateOrders([]),
      slim: ({ initialize }) => initialize(fetch("/core.wasm")),
      form: async ({ bindForm }) => bindForm(document.forms[0], (await import("/index.js")).orderSchema),
      broker: ({ createBroker }) => createBroker(shop).fetch(new Request(location.href), {}),
      emulator: ({ createEmulator }) => createEmulator().orders(),
    };
    const outcomes = {};
    for (const [entry, call] of Object.entries(calls)) {
      outcomes[entry] = await import(`/${entry}.js`).then(call).then(
        () => "works",
        ({ code, message }) => ({ code, message }),
      );
    }
    return outcomes;
  });
  await page.close();
  assert.deepEqual(strays, [], "what failed is told to the caller, and to nobody else");
  return outcomes;
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
    const answer = (path, response) => path === "/check.wasm" && response.setHeader("content-type", "text/html").end("<!doctype html>");
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, answer }));
    assert.deepEqual([error.ours, error.code], [true, "wasm_not_found"]);
    assert.match(error.message, /check\.wasm is an HTML page.*optimizeDeps/);
  });

  await t.test("404 is named", async (t) => {
    const answer = (path, response) => path === "/check.wasm" && response.writeHead(404).end();
    const error = await firstCall(browser, await serve(t, breakablePkg, { pages, answer }));
    assert.deepEqual([error.ours, error.code, error.status], [true, "wasm_not_found", 404]);
  });

  await t.test("a server that does not know the type will do", async (t) => {
    const wasm = readFileSync(join(breakablePkg, "check.wasm"));
    const answer = (path, response) => path === "/check.wasm" && response.setHeader("content-type", "application/octet-stream").end(wasm);
    assert.equal(await firstCall(browser, await serve(t, breakablePkg, { pages, answer })), "loaded");
  });

  await t.test("a load that failed is tried anew by the next call", async (t) => {
    let failures = 1;
    const answer = (path, response) => path === "/check.wasm" && failures-- > 0 && response.writeHead(503).end();
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

  const published = { "/": "<!doctype html><title>loading</title><form></form>" };
  const told = async (t, code, message, options) => {
    const outcomes = await firstCalls(browser, await serve(t, pkg, { pages: published, ...options }));
    const { inline, ...others } = outcomes;
    for (const [entry, error] of Object.entries(others)) {
      assert.equal(error.code, code, `${entry}: ${error.message ?? error}`);
      assert.match(error.message, message);
    }
    return inline;
  };

  await t.test("each entry names a policy without wasm-unsafe-eval", async (t) => {
    const headers = { "content-security-policy": "script-src 'self'" };
    const inline = await told(t, "wasm_blocked", /'wasm-unsafe-eval'.*script-src/, { headers });
    assert.equal(inline.code, "wasm_blocked");
  });

  await t.test("each entry names an HTML page in the place of its program, but /inline, which has none to fetch", async (t) => {
    const answer = (path, response) => path.endsWith(".wasm") && response.setHeader("content-type", "text/html").end("<!doctype html>");
    assert.equal(await told(t, "wasm_not_found", /(core|check|server)\.wasm/, { answer }), "works");
  });

  await t.test("each entry names a program that is missing, but /inline", async (t) => {
    const answer = (path, response) => path.endsWith(".wasm") && response.writeHead(404).end();
    assert.equal(await told(t, "wasm_not_found", /\b404\b/, { answer }), "works");
  });

  await t.test("each entry names a server that is away, but /inline", async (t) => {
    const answer = (path, response) => path.endsWith(".wasm") && response.destroy();
    assert.equal(await told(t, "wasm_unreachable", /could not be (fetched|had)/, { answer }), "works");
  });
});
