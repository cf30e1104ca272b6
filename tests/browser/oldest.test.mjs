// The oldest browsers that will do: what is younger than any of them is taken away from Chromium, and everything still works.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { pkg, root } from "../../scripts/lib/paths.mjs";
import { checkOutcome } from "../packaging/support.mjs";
import { launch, serve } from "../support/browser.mjs";

const ORDERS = readFileSync(join(root, "tests", "matrix", "shared", "orders.mjs"));

/** What came after Chrome 96, Firefox 92 or Safari 16.4, whichever had it last (MDN, browser compatibility data). */
const YOUNGER = {
  globalThis: [
    "structuredClone",
    "reportError",
    "Iterator",
    "TransformStream",
    "WritableStream",
    "CompressionStream",
    "DecompressionStream",
  ],
  AbortSignal: ["any", "timeout"],
  "AbortSignal.prototype": ["reason", "throwIfAborted"],
  Array: ["fromAsync"],
  "Array.prototype": ["findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"],
  "Uint8Array.prototype.__proto__": ["findLast", "findLastIndex", "toReversed", "toSorted", "with"],
  Uint8Array: ["fromBase64", "fromHex"],
  "Uint8Array.prototype": ["toBase64", "toHex"],
  Object: ["groupBy"],
  Map: ["groupBy"],
  Promise: ["try", "withResolvers"],
  RegExp: ["escape"],
  "Set.prototype": ["union", "intersection", "difference", "isSubsetOf", "isSupersetOf", "isDisjointFrom", "symmetricDifference"],
  "String.prototype": ["isWellFormed", "toWellFormed"],
  "ArrayBuffer.prototype": ["transfer", "transferToFixedLength", "resize"],
  URL: ["canParse", "parse"],
  Response: ["json"],
  "Response.prototype": ["bytes"],
  "Request.prototype": ["bytes"],
  "Blob.prototype": ["bytes"],
  ReadableStream: ["from"],
  "ReadableStream.prototype": ["pipeTo", "pipeThrough", "values"],
  "Crypto.prototype": ["randomUUID"],
  "Element.prototype": ["checkVisibility", "setHTML"],
  Atomics: ["waitAsync"],
};

/** Takes it away, in the page, before anything of it runs. Gives what could not be taken. */
function age(younger) {
  const kept = [];
  for (const [path, names] of Object.entries(younger)) {
    const owner = path.split(".").reduce((object, name) => object?.[name], globalThis);
    for (const name of names) if (owner && name in owner && !(delete owner[name] && !(name in owner))) kept.push(`${path}.${name}`);
  }
  delete ReadableStream.prototype[Symbol.asyncIterator];
  window.kept = kept;
}

const FORM = `<form><input name="toAddress.name" value="Ann Lee"><input name="toAddress.addressLines"><input name="orderLines.0.sku">
  <button>Order</button></form>`;
const pages = { "/": `<!doctype html><title>oldest</title><link rel="icon" href="data:,">${FORM}` };

test("the oldest browsers", async (t) => {
  const browser = await launch(t);
  const orders = (path, response) =>
    path === "/orders.mjs" && response.setHeader("content-type", "text/javascript").end(ORDERS) !== undefined;
  const origin = await serve(t, pkg, { pages, answer: orders });
  const page = await browser.newPage();
  await page.addInitScript(age, YOUNGER);
  await page.goto(origin);
  assert.deepEqual(await page.evaluate(() => window.kept), []);

  for (const entry of ["index", "inline", "slim"]) {
    await t.test(`send orders by ${entry}.js, with broker and emulator in the page`, async () => {
      checkOutcome(
        await page.evaluate(async (entry) => {
          const [pkg, broker, emulator, { brokerOf, throughBroker }] = await Promise.all(
            [`/${entry}.js`, "/broker.js", "/emulator.js", "/orders.mjs"].map((path) => import(path)),
          );
          await pkg.initialize?.(fetch("/core.wasm"));
          return throughBroker(pkg, brokerOf(broker, emulator));
        }, entry),
      );
    });
  }

  await t.test("check, mend and build by validate.js", async () => {
    const [fixed, built] = await page.evaluate(async () => {
      const { validateOrders, applyFixes, buildOrder } = await import("/validate.js");
      const orders = [{ clientId: "1", clientOrderId: "2", isGift: "true" }];
      const { order } = await buildOrder({ orderLines: [{ sku: "TEA", unitPrice: "0.10", orderedQuantity: 3 }] });
      return [(await applyFixes(orders, await validateOrders(orders))).orders[0].isGift, order.orderLines[0].lineTotal];
    });
    assert.deepEqual([fixed, built], [true, 0.3]);
  });

  await t.test("bind a form, and let it go by a signal", async () => {
    const outcome = await page.evaluate(async () => {
      const [{ bindForm }, { orderSchema }] = await Promise.all([import("/form.js"), import("/validate.js")]);
      const controller = new AbortController();
      const stray = [];
      console.error = (error) => stray.push(error.message);
      const onReport = () => {
        throw new Error("in onReport");
      };
      const [form] = document.forms;
      const binding = await bindForm(form, orderSchema, { signal: controller.signal, onReport });
      form.elements[1].value = "1 Main St";
      form.elements[1].dispatchEvent(new InputEvent("input", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      const { name, addressLines } = binding.order.toAddress;
      const shown = binding.reportValidity();
      controller.abort();
      const again = await bindForm(form, orderSchema, { signal: controller.signal }).catch((error) => error.name);
      return { name, addressLines, shown, again, stray: stray[0] };
    });
    assert.deepEqual(outcome, {
      name: "Ann Lee",
      addressLines: ["1 Main St"],
      shown: false,
      again: "AbortError",
      stray: "in onReport",
    });
  });
});
