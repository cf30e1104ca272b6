// Streams in a page in Chromium, and what ten thousand of anything cost it.
import assert from "node:assert/strict";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";
import { launch, open, serve } from "../support/browser.mjs";
import { grows } from "../support/memory.mjs";

test("streams and memory, Chromium", async (t) => {
  const origin = await serve(t, root, { pages: { "/": "<!doctype html><title>streams</title>" } });
  const browser = await launch(t);
  const { page, strays } = await open(browser, origin);

  await t.test("a file is validated and sent as a stream", async () => {
    const { report, submission, results, asked } = await page.evaluate(async () => {
      const { FulfillmentClient, validateOrders } = await import("/pkg/streams.js");
      const { order } = await import("/tests/matrix/shared/orders.mjs");
      const orders = Array.from({ length: 1000 }, (_, index) => order({ clientOrderId: index === 700 ? "" : `A-${index}` }));
      const file = new File([orders.map((order) => `${JSON.stringify(order)}\n`).join("")], "orders.ndjson");
      const report = await validateOrders(file.stream());
      let asked = 0;
      const fetch = async (request) => {
        asked += 1;
        const { orders } = await request.json();
        return Response.json({
          orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: clientOrderId })),
        });
      };
      const sent = new FulfillmentClient({ baseURL: "/api", fetch }).submitOrders(file.stream(), { onInvalid: "skip" });
      const results = [];
      for await (const { orderIndex, outcome } of sent) results.push([orderIndex, outcome]);
      return { report, submission: await sent, results, asked };
    });
    assert.deepEqual([report.orderCount, report.errorCount, report.issues[0].orderIndex], [1000, 1, 700]);
    assert.deepEqual(submission.counts, { accepted: 999, rejected: 0, invalid: 1, failed: 0, unknown: 0 });
    assert.deepEqual([results.length, asked, results.find(([, outcome]) => outcome === "invalid")], [1000, 5, [700, "invalid"]]);
  });

  for (const entry of ["inline", "slim"]) {
    await t.test(`a page that has all at once, by /${entry}, reads streams`, async () => {
      const count = await page.evaluate(async (entry) => {
        const { initialize, validateOrders } = await import(`/pkg/${entry}.js`);
        await initialize?.(fetch("/pkg/core.wasm"));
        return (await validateOrders(new Blob(["[{}, {}]"]).stream())).orderCount;
      }, entry);
      assert.equal(count, 2);
    });
  }

  await t.test("what a page without streams loads names the entry that reads them", async () => {
    const messages = await page.evaluate(async () => {
      const messages = [];
      for (const entry of ["index", "validate"]) {
        const { validateOrders } = await import(`/pkg/${entry}.js`);
        const noted = (error) => messages.push(`${error.name}: ${error.message}`);
        await validateOrders(new Blob(["[]"]).stream()).catch(noted);
        try {
          for await (const part of validateOrders(new Blob(["[]"]).stream())) messages.push(JSON.stringify(part));
        } catch (error) {
          noted(error);
        }
      }
      return messages;
    });
    assert.equal(messages.length, 4);
    for (const message of messages) assert.match(message, /^TypeError: .*pb-fulfillment\/streams/);
  });

  await t.test("ten thousand validations, submissions and streams grow neither the heap nor the memory of the program", async (t) => {
    const { page } = await open(browser, origin);
    const devtools = await page.context().newCDPSession(page);
    const names = await page.evaluate(async () => {
      const { memories, rounds } = await import("/tests/support/memory.mjs");
      globalThis.wasm = memories();
      const pkg = await import("/pkg/streams.js");
      const { order } = await import("/tests/matrix/shared/orders.mjs");
      globalThis.rounds = rounds(pkg, order);
      return Object.keys(globalThis.rounds);
    });
    const measure = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { usedSize } = await devtools.send("Runtime.getHeapUsage");
      return { heap: usedSize, wasm: await page.evaluate(() => globalThis.wasm.bytes()) };
    };
    for (const name of names) {
      const run = (times) =>
        page.evaluate(
          async ([name, times]) => {
            for (let count = 0; count < times; count += 1) await globalThis.rounds[name]();
          },
          [name, times],
        );
      const { told, grew } = await grows(run, measure);
      t.diagnostic(`${name}: ${told}`);
      assert.ok(!grew, `${name}: ${told}`);
    }
  });

  await t.test("no error went past the caller to the page", () => assert.deepEqual(strays, []));
});
