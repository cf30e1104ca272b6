// A page downloads the parts of the program that it uses, when it first uses them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { breakablePkg, pkg, root } from "../../scripts/lib/paths.mjs";
import { launch, open, serve } from "../support/browser.mjs";

const pages = { "/": "<!doctype html><title>parts</title><form></form>" };

test("parts of the program", async (t) => {
  const browser = await launch(t);

  /**
   * A page with an `order`, `clientOf(pkg)` and `send(client)`, which gives the outcome of the order; `sent` counts its requests. `asked()`
   * is which programs the page has asked for since that was asked last. `answer` is that of the server.
   */
  async function visit(t, { folder = pkg, answer = () => false } = {}) {
    const asked = [];
    const noted = (path, response) => {
      if (path.endsWith(".wasm")) asked.push(path.slice(1));
      return answer(path, response);
    };
    const sources = async (path, response) => {
      if (path !== "/orders.mjs") return noted(path, response);
      response.setHeader("content-type", "text/javascript").end(await readFile(join(root, "tests", "matrix", "shared", "orders.mjs")));
      return true;
    };
    const { page, strays } = await open(browser, await serve(t, folder, { pages, answer: sources }));
    await page.evaluate(async () => {
      const { order } = await import("/orders.mjs");
      globalThis.order = order();
      globalThis.sent = 0;
      const fetch = async (request) => {
        globalThis.sent += 1;
        const { orders } = await request.json();
        return Response.json({ orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: "1" })) });
      };
      globalThis.clientOf = ({ FulfillmentClient }) => new FulfillmentClient({ baseURL: "/api", fetch });
      globalThis.send = (client) => client.submitOrders([order()]).then(({ results }) => results[0].outcome);
    });
    t.after(() => assert.deepEqual(strays, [], "no error went past the caller to the page"));
    return { page, asked: () => asked.splice(0).sort() };
  }

  await t.test("come one after the other, and once", async (t) => {
    const { page, asked } = await visit(t);
    const run = (action) => page.evaluate(action);
    await run(async () => {
      globalThis.pkg = await import("/index.js");
      globalThis.client = globalThis.clientOf(globalThis.pkg);
    });
    assert.deepEqual(asked(), [], "importing the package and making a client asks for nothing");
    assert.equal(await run(async () => (await globalThis.pkg.validateOrders([globalThis.order])).valid), true);
    assert.deepEqual(asked(), ["check.wasm"]);
    await run(async () => {
      const { applyFixes, loadValidator, orderSchema, validateOrders } = globalThis.pkg;
      const orders = [{ ...globalThis.order, isGift: "true" }];
      await applyFixes(orders, await validateOrders(orders));
      await orderSchema["~standard"].validate(globalThis.order);
      const { bindForm } = await import("/form.js");
      await bindForm(document.forms[0], orderSchema);
      (await loadValidator()).validateOrder(globalThis.order);
    });
    assert.deepEqual(asked(), [], "what checks and mends is there, for forms too");
    assert.equal(await run(async () => (await globalThis.pkg.buildOrder(globalThis.order)).report.valid), true);
    assert.deepEqual(asked(), ["build.wasm"]);
    assert.equal(await run(async () => (await globalThis.pkg.batchOrders([globalThis.order])).length), 1);
    assert.deepEqual(asked(), []);
    assert.equal(await run(() => globalThis.send(globalThis.client)), "accepted");
    assert.deepEqual(asked(), ["send.wasm"]);
    assert.equal(await run(() => globalThis.send(globalThis.clientOf(globalThis.pkg))), "accepted");
    assert.deepEqual(asked(), []);
  });

  await t.test("are fetched side by side, and what sends ahead if that is asked for", async (t) => {
    const held = [];
    const { page, asked } = await visit(t, {
      // Neither is answered before both have been asked for.
      answer: async (path, response) => {
        if (!path.endsWith(".wasm")) return false;
        held.push(() => readFile(join(pkg, path)).then((bytes) => response.setHeader("content-type", "application/wasm").end(bytes)));
        if (held.length === 2) await Promise.all(held.map((answer) => answer()));
        return true;
      },
    });
    const outcome = await page.evaluate(async () => {
      const client = globalThis.clientOf(await import("/index.js"));
      await Promise.all([client.load(), client.load()]);
      return globalThis.sent;
    });
    assert.equal(outcome, 0);
    assert.deepEqual(asked(), ["check.wasm", "send.wasm"]);
    assert.equal(await page.evaluate(async () => globalThis.send(globalThis.clientOf(await import("/index.js")))), "accepted");
    assert.deepEqual(asked(), []);
  });

  await t.test("of streams come without what sends, if nothing is sent, and bear its coming between", async (t) => {
    const { page, asked } = await visit(t);
    const run = (action) => page.evaluate(action);
    const count = await run(async () => {
      globalThis.pkg = await import("/streams.js");
      return (await globalThis.pkg.validateOrders(new Blob([JSON.stringify([globalThis.order])]).stream())).orderCount;
    });
    assert.equal(count, 1);
    assert.deepEqual(asked(), ["check.wasm", "streams.wasm"]);
    const parts = await run(async () => {
      const report = globalThis.pkg.validateOrders(Array(600).fill(globalThis.order).values());
      const parts = [];
      for await (const { firstOrder } of report) {
        parts.push(firstOrder);
        if (firstOrder === 0) await globalThis.send(globalThis.clientOf(globalThis.pkg));
      }
      return [parts.length > 1, (await report).orderCount, globalThis.sent];
    });
    assert.deepEqual(parts, [true, 600, 1]);
    assert.deepEqual(asked(), ["send.wasm"]);
  });

  await t.test("that cannot be loaded fail the call that needs them, with nothing sent, and are tried anew by the next", async (t) => {
    let failures = 1;
    const { page } = await visit(t, {
      answer: (path, response) => path === "/send.wasm" && failures-- > 0 && response.writeHead(503).end() !== undefined,
    });
    const outcome = await page.evaluate(async () => {
      const { isFulfillmentError, validateOrders, ...pkg } = await import("/index.js");
      const client = globalThis.clientOf(pkg);
      const error = await globalThis.send(client).catch((error) => error);
      const { valid } = await validateOrders([globalThis.order]);
      const failed = { ours: isFulfillmentError(error), code: error.code, message: error.message, status: error.status };
      return { failed, sent: globalThis.sent, valid, next: await globalThis.send(client) };
    });
    const { failed, ...others } = outcome;
    assert.deepEqual([failed.ours, failed.code, failed.status], [true, "wasm_not_found", 503]);
    assert.match(failed.message, /send\.wasm answered with status 503/);
    assert.deepEqual(others, { sent: 0, valid: true, next: "accepted" });
  });

  for (const part of ["check.wasm", "send.wasm"]) {
    await t.test(`that are of another version are named, with nothing sent: ${part}`, async (t) => {
      const { page } = await visit(t, {
        answer: async (path, response) => {
          if (path !== `/${part}`) return false;
          response.setHeader("content-type", "application/wasm").end(await readFile(join(breakablePkg, path)));
          return true;
        },
      });
      const failed = await page.evaluate(async () => {
        const error = await globalThis.send(globalThis.clientOf(await import("/index.js"))).catch((error) => error);
        return { code: error.code, message: error.message, sent: globalThis.sent };
      });
      assert.deepEqual([failed.code, failed.sent], ["wasm_not_found", 0]);
      assert.match(failed.message, /another version.*Load the page anew/);
    });
  }

  await t.test("are there again after a fault, whether it came before them, between or behind", async (t) => {
    const { page, asked } = await visit(t, { folder: breakablePkg });
    await page.evaluate(async () => {
      const { engine, validateOrders, ...pkg } = await import("/index.js");
      globalThis.client = globalThis.clientOf(pkg);
      globalThis.break = async () => {
        (await engine()).run("breakLater", { how: "panic" }).catch(() => undefined);
        // The next call finds it dead, and makes another.
        await new Promise((resolve) => setTimeout(resolve, 50));
        await validateOrders([globalThis.order]);
      };
      await validateOrders([globalThis.order]);
      await globalThis.break();
      // A fault while the part is being added to the instance that dies of it.
      const { instantiate } = WebAssembly;
      const adding = new Promise((begun) => {
        WebAssembly.instantiate = async (...what) => {
          WebAssembly.instantiate = instantiate;
          begun();
          await globalThis.broken;
          return instantiate(...what);
        };
      });
      globalThis.broken = adding.then(globalThis.break);
      globalThis.first = globalThis.send(globalThis.client);
    });
    assert.equal(await page.evaluate(() => globalThis.first), "accepted");
    const later = await page.evaluate(async () => {
      await globalThis.break();
      return globalThis.send(globalThis.client);
    });
    assert.equal(later, "accepted");
    assert.deepEqual(asked(), ["check.wasm", "send.wasm"]);
  });
});
