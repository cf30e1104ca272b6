// Sending orders from the page through broker and emulator.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { data, downloaded, launch, loadSample, open, order, paste, reset, send, serve, setFaults, stored, tally } from "./support.mjs";

let server, browser, opened, page;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  await reset(server.url);
  opened = await open(browser, server.url);
  ({ page } = opened);
});
afterEach(async () => {
  await opened.context.close();
  const trouble = opened.trouble.filter((line) => !/Failed to load resource.*(403|50[0-9])/.test(line));
  assert.deepEqual(trouble, [], "the console stays silent");
});

const heading = () => page.locator("h1:visible").textContent();
const results = async () => JSON.parse(await downloaded(page, "#download-json")).results;

describe("sound orders", () => {
  it("are accepted, all 830 once, with outcomes in input order", async () => {
    await loadSample(page, "northwind-orders.json");
    await send(page);
    assert.equal(await heading(), "All 830 orders were accepted");
    const found = await results();
    const sent = JSON.parse(await data("northwind-orders.json")).orders;
    assert.deepEqual(
      found.map((result) => result.clientOrderId),
      sent.map((each) => each.clientOrderId),
    );
    assert.deepEqual(
      found.map((result) => result.orderIndex),
      sent.map((_, index) => index),
    );
    const inStore = await stored(server.url);
    assert.equal(inStore.length, 830);
    assert.ok(
      inStore.every(({ revisions }) => revisions === 1),
      "each was taken once",
    );
    const storedAs = new Map(inStore.map((each) => [each.clientOrderId, each]));
    assert.equal(storedAs.size, 830);
    for (const [index, result] of found.entries()) {
      assert.equal(result.orderId, storedAs.get(result.clientOrderId).orderId);
      assert.deepEqual(storedAs.get(result.clientOrderId).order, sent[index]);
    }
    assert.equal(new Set(found.flatMap((result) => result.transactionIds)).size, 5, "five batches");
  });

  it("of the reference pass without an error", async () => {
    await loadSample(page, "documented-sample.json");
    assert.equal(await heading(), "This order can be sent");
    await send(page);
    assert.equal(await heading(), "The order was accepted");
  });

  it("that were accepted are not sent again, nor changed", async () => {
    await paste(page, [await order(), await order({ clientOrderId: "NW-2", createDate: "wrong" })]);
    await send(page);
    assert.deepEqual(await tally(page, "send"), { accepted: 1, "has errors": 1 });
    const first = await stored(server.url);
    assert.deepEqual(
      first.map((each) => [each.clientOrderId, each.revisions]),
      [["NW-10248", 1]],
    );
    await page.getByRole("button", { name: "Check", exact: false }).first().click();
    assert.equal(await page.locator("[data-order='0'] .order-head button").count(), 0);
    await page.getByRole("button", { name: "Edit NW-2" }).click();
    await page.locator(".editor .field input").first().fill("1996-07-04T00:00:00Z");
    await page.getByRole("button", { name: "Save and check" }).click();
    await send(page);
    assert.equal(await heading(), "All 2 orders were accepted");
    const [again, second, ...more] = await stored(server.url);
    // Its bytes, its revision, the request that brought it and when: nothing of it has changed.
    assert.equal(JSON.stringify(again), JSON.stringify(first[0]));
    assert.deepEqual([second.clientOrderId, second.revisions, more], ["NW-2", 1, []]);
  });
});

describe("before sending", () => {
  it("warnings are asked about, and nothing goes out until they were looked at", async () => {
    await loadSample(page, "northwind-orders.json");
    await page.click("#send-orders");
    assert.match(await page.getByRole("dialog").textContent(), /orders have warnings/);
    assert.equal(await page.locator("#confirm-send").isDisabled(), true);
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.equal((await stored(server.url)).length, 0);
  });

  it("orders with errors are left out, or stop all: as is chosen", async () => {
    await paste(page, [await order(), await order({ clientOrderId: "NW-2", createDate: "wrong" })]);
    await page.click("#send-orders");
    await page.check("input[value=stop]");
    await page.getByRole("button", { name: "Go and mend 1 order" }).click();
    assert.equal(await page.locator(".order").count(), 1);
    assert.equal((await stored(server.url)).length, 0);
    await send(page);
    assert.deepEqual(await tally(page, "send"), { accepted: 1, "has errors": 1 });
    assert.deepEqual(
      (await stored(server.url)).map((each) => each.clientOrderId),
      ["NW-10248"],
    );
  });
});

describe("outcomes", () => {
  it("of orders whose answer was lost say what it means, and such orders are not sent again unasked", async () => {
    await setFaults(server.url, { script: ["cut_after"] });
    await paste(page, [await order()]);
    await send(page);
    assert.equal(await heading(), "0 of 1 order accepted");
    assert.match(await page.locator(".results-section .notice").textContent(), /may have stored it, or not/);
    await page.click("#send-rest");
    assert.equal(await page.locator("#confirm-send").isDisabled(), true);
    await page.getByText("Send again too").click();
    if (await page.locator("#confirm-warnings").isVisible()) await page.check("#confirm-warnings");
    assert.equal(await page.locator("#confirm-send").textContent(), "Send 1 order");
  });

  it("of single refused orders give the reason, and are filtered", async () => {
    await setFaults(server.url, { script: [{ fault: "refuse_orders", clientOrderIds: ["NW-2"] }] });
    await paste(page, [await order(), await order({ clientOrderId: "NW-2" }), await order({ clientOrderId: "NW-3" })]);
    await send(page);
    assert.deepEqual(await tally(page, "send"), { accepted: 2, refused: 1 });
    await page.locator('[data-outcome="rejected"]').click();
    const row = page.locator(".results tbody tr");
    assert.equal(await row.count(), 1);
    assert.match(await row.textContent(), /NW-2/);
    assert.ok((await row.locator(".detail").textContent()).length > 5);
  });

  it("of orders that the shop does not approve are failures that say so; the others go on", async () => {
    await fetch(new URL("/dev/approval", server.url), { method: "PUT", body: JSON.stringify(["NW-2"]) });
    await paste(page, [await order(), await order({ clientOrderId: "NW-2" })]);
    await send(page);
    await fetch(new URL("/dev/approval", server.url), { method: "PUT", body: "[]" });
    assert.deepEqual(await tally(page, "send"), { accepted: 1, "not sent": 1 });
    assert.match(await page.locator("[data-outcome-of='1'] .detail").textContent(), /did not approve/);
  });

  it("come in spite of a service that is down for a moment", async () => {
    await setFaults(server.url, { script: [{ fault: "unavailable", retryAfter: "1" }, "unauthorized"] });
    await paste(page, [await order()]);
    await send(page);
    assert.equal(await heading(), "The order was accepted");
    await page.getByText("What happened, line by line").click();
    assert.match(await page.locator(".log").textContent(), /waiting .* before sending again/);
  });

  it("are downloaded as a table in which no cell is a formula", async () => {
    await paste(page, [await order({ clientOrderId: "=HYPERLINK(1)" })]);
    await send(page);
    const table = await downloaded(page, "#download-csv");
    assert.match(table, /^\ufeff"position","clientOrderId","outcome","orderId"/);
    assert.match(table, /"'=HYPERLINK\(1\)","accepted","ORA\d{19}US"/);
  });

  it("come for every order when the sending is stopped", async () => {
    const slow = { fault: "none", latencyMs: 3000 };
    await setFaults(server.url, { random: { seed: 1, probability: 1, faults: [slow] } });
    await loadSample(page, "northwind-orders.json");
    await send(page, { wait: false });
    await page.locator("#stop-sending").click();
    await page.locator("#download-csv").waitFor();
    const counts = await tally(page, "send");
    assert.equal(
      Object.values(counts).reduce((sum, value) => sum + value, 0),
      830,
    );
    assert.ok(counts["not sent"] > 0);
    assert.match(await page.locator(".results-section").textContent(), /stopped before this order’s turn|No answer/);
    await reset(server.url);
  });
});

describe("whatever goes wrong at the service", () => {
  it("every order ends with one outcome, and it is true", async () => {
    await page.locator("#faults summary").click();
    for (const box of await page.locator(".dev-kinds input:not([value=slow])").all()) await box.check();
    await page.getByLabel("How often").fill("60");
    await page.getByLabel("Seed").fill("3");
    await page.getByLabel("Orders the shop does not approve").fill("NW-10250");
    await page.click("#set-faults");
    await page.getByText("The next sending meets these faults.").waitFor();
    await loadSample(page, "northwind-orders.json");
    await send(page);
    const found = await results();
    assert.deepEqual(
      found.map((result) => result.orderIndex),
      Array.from({ length: 830 }, (_, index) => index),
    );
    const counts = await tally(page, "send");
    assert.ok(counts.accepted < 830, JSON.stringify(counts));
    const inStore = new Map((await stored(server.url)).map((each) => [each.clientOrderId, each.orderId]));
    for (const { clientOrderId, outcome, orderId } of found) {
      if (outcome === "accepted") assert.equal(inStore.get(clientOrderId), orderId);
      else if (outcome !== "unknown") assert.ok(!inStore.has(clientOrderId), `${clientOrderId} is ${outcome}, and not stored`);
    }
    await page.locator("#faults summary").scrollIntoViewIfNeeded();
    await page.getByRole("button", { name: "No faults" }).click();
    await page.getByText("The service behaves again.").waitFor();
    await page.click("#send-rest");
    if (counts["no answer"] > 0) await page.getByText("Send again too").click();
    if (await page.locator("#confirm-warnings").isVisible()) await page.check("#confirm-warnings");
    await page.click("#confirm-send");
    await page.getByRole("heading", { name: "All 830 orders were accepted" }).waitFor();
    assert.equal((await stored(server.url)).length, 830);
  });
});

describe("progress", () => {
  it("shows orders and batches, and the keyboard lands on the outcome", async () => {
    await setFaults(server.url, { random: { seed: 1, probability: 1, faults: [{ fault: "none", latencyMs: 700 }] } });
    await loadSample(page, "northwind-orders.json");
    await send(page, { wait: false });
    assert.equal(await heading(), "Sending…");
    await page.locator(".figures", { hasText: /of 830 orders · \d of 5 batches/ }).waitFor();
    await page.locator("#download-csv").waitFor({ timeout: 60_000 });
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    assert.match(await page.locator("[role=status][aria-live=polite]").textContent(), /All 830 orders were accepted/);
    await reset(server.url);
  });
});
