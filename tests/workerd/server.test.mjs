// Broker, vault and emulator of the package, in workerd: the runtime of Cloudflare Workers.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";

import { FulfillmentClient } from "../../pkg/index.node.js";
import { KEY, ORIGIN, SECRET, forms, orders, start } from "./support.mjs";

const clientOf = (shop, options) =>
  new FulfillmentClient({ baseURL: `${ORIGIN}/api`, headers: { authorization: "Bearer somebody" }, fetch: shop.fetch, ...options });

test("orders travel from a client through the broker to the API, with one token for all", async (t) => {
  const shop = start(t);
  const submission = await clientOf(shop).submitOrders(orders(0, 830));
  assert.deepEqual(submission.counts, { accepted: 830, rejected: 0, invalid: 0, failed: 0, unknown: 0 });
  const stored = await shop.stored();
  assert.deepEqual(
    new Map(submission.results.map((result) => [result.clientOrderId, result.orderId])),
    new Map(stored.map((order) => [order.clientOrderId, order.orderId])),
  );
  assert.equal(await shop.tokenCalls(), 1);
});

test("the same in Workers with an old compatibility date, which have no FinalizationRegistry", async (t) => {
  const shop = start(t, { options: { compatibilityDate: "2024-09-23" } });
  assert.equal((await clientOf(shop).submitOrders(orders(0, 3))).counts.accepted, 3);
});

test("requests at once wait for the same token call", async (t) => {
  const shop = start(t);
  const answers = await Promise.all([0, 1, 2, 3].map((index) => shop.bulk({ orders: orders(index, index + 1) })));
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200, 200, 200],
  );
  assert.equal(await shop.tokenCalls(), 1);
});

test("a token that the API refuses is renewed once, and the request repeated", async (t) => {
  const shop = start(t);
  assert.equal((await shop.bulk({ orders: orders() })).status, 200);
  await shop.setFaults({ script: ["expire"] });
  const answer = await shop.bulk({ orders: orders(1, 2) });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-pb-transactionid").split(", ").length, 2);
  assert.equal(await shop.tokenCalls(), 2);
});

test("a token that is about to run out is renewed before it is used", async (t) => {
  const shop = start(t, { tokenLifetime: 20 });
  for (const index of [0, 1]) assert.equal((await shop.bulk({ orders: orders(index, index + 1) })).status, 200);
  assert.equal(await shop.tokenCalls(), 2);
});

test("the vault remembers its token when it has been away", async (t) => {
  // In the last two minutes of a token's life the broker asks the vault each time.
  const shop = start(t, { tokenLifetime: 119 });
  assert.equal((await shop.bulk({ orders: orders() })).status, 200);
  // The token call fails, so what serves now is what was stored.
  await shop.setFaults({ random: { probability: 1, faults: [{ fault: "unavailable", on: "token" }] } });
  await shop.evict();
  assert.equal((await shop.bulk({ orders: orders(1, 2) })).status, 200);
  assert.equal(await shop.tokenCalls(), 2);
});

test("the program breaks, and broker and vault go on", async (t) => {
  const shop = start(t);
  await shop.breakWhen("asked");
  const unsent = await shop.bulk({ orders: orders() });
  assert.equal(unsent.status, 500);
  assert.equal(unsent.headers.get("access-control-allow-origin"), ORIGIN);
  const problem = await unsent.json();
  assert.deepEqual([problem.code, problem.processed], ["internal", "no"]);

  await shop.breakWhen("sent");
  const sent = await shop.bulk({ orders: orders(1, 2) });
  assert.equal(sent.status, 500);
  assert.equal((await sent.json()).processed, "unknown");
  assert.deepEqual(
    (await shop.stored()).map((order) => order.clientOrderId),
    orders(1, 2).map((order) => order.clientOrderId),
  );

  await shop.breakWhen("sent");
  const { results } = await clientOf(shop).submitOrders(orders(2, 4));
  assert.deepEqual(
    results.map((result) => result.outcome),
    ["unknown", "unknown"],
  );
  const after = await clientOf(shop).submitOrders(orders(4, 6));
  assert.equal(after.counts.accepted, 2);
  const records = (await shop.lines()).filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  assert.equal(records.filter((record) => record.failed === "broker").length, 3);
});

test("a fault in one order of many is named, and what the shop refuses is not sent", async (t) => {
  const shop = start(t);
  const [paid, unpaid] = orders(0, 2);
  const refused = await (await shop.bulk({ orders: [paid, { ...unpaid, remarks: "unpaid" }] })).json();
  assert.equal(refused.code, "not_approved");
  assert.deepEqual(refused.errors, [{ detail: "It is not paid.", pointer: "/orders/1" }]);
  const invalid = await (await shop.bulk({ orders: [{ ...paid, clientOrderId: "" }] })).json();
  assert.equal(invalid.code, "invalid");
  assert.equal(invalid.errors[0].pointer, "/orders/0/clientOrderId");
  const trouble = await shop.bulk({ orders: [paid] }, { authorization: "Bearer trouble" });
  assert.equal((await trouble.json()).code, "hook_failed");
  assert.equal((await shop.bulk({ orders: [paid] }, { authorization: "" })).status, 401);
  assert.equal((await shop.bulk({ orders: [paid] }, { origin: "https://evil.example" })).status, 403);
  assert.deepEqual(await shop.stored(), []);
});

/** Begins a request to the bulk route by hand, which `fetch` would not send. */
async function begin(shop, framing) {
  const { hostname, port } = await shop.url();
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  const fields = [
    "Host: shop.example",
    `Origin: ${ORIGIN}`,
    "Content-Type: application/json",
    'Idempotency-Key: "a-key"',
    "X-PB-Fulfillment-Client: test",
    "Authorization: Bearer somebody",
    framing,
  ];
  socket.write(`POST /api/v1/orders/bulk HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
  return socket;
}

/** Waits until the broker has logged a record of that code. */
async function logged(shop, code) {
  for (let turn = 0; turn < 100; turn += 1) {
    const record = (await shop.lines()).find((line) => line.includes(`"code":"${code}"`));
    if (record) return JSON.parse(record);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`nothing was logged of ${code}`);
}

test("a body that is too large is refused, with and without a length", { timeout: 20_000 }, async (t) => {
  const shop = start(t);
  assert.equal((await shop.bulk(" ".repeat(2 << 20))).status, 413);
  const socket = await begin(shop, "Transfer-Encoding: chunked");
  // Two of these are above the limit; the request itself never ends.
  const chunk = `${(600_000).toString(16)}\r\n${" ".repeat(600_000)}\r\n`;
  socket.write(chunk + chunk);
  const [head] = await once(socket, "data");
  assert.match(String(head), /^HTTP\/1\.1 413 /);
  socket.destroy();
});

test("a caller who goes away in the middle of the body is logged, and nothing is sent", { timeout: 20_000 }, async (t) => {
  const shop = start(t);
  const socket = await begin(shop, "Content-Length: 1000");
  socket.write('{"orders": [');
  setTimeout(() => socket.destroy(), 200);
  const record = await logged(shop, "malformed");
  assert.deepEqual([record.failed, record.status, record.sent], ["body", 400, 0]);
});

test("each way in which the API fails reaches the client as what it is", { timeout: 30_000 }, async (t) => {
  const shop = start(t);
  const cases = {
    refuse: ["unknown", "upstream_cut"],
    cut_after: ["unknown", "upstream_cut"],
    cut_body: ["unknown", "upstream_cut"],
    html: ["unknown", "upstream_garbled"],
    truncated: ["unknown", "upstream_garbled"],
    unavailable: ["failed", "upstream_unavailable"],
    refuse_orders: ["rejected", "rejected"],
  };
  let index = 0;
  for (const [fault, expected] of Object.entries(cases)) {
    await shop.setFaults({ script: [{ fault, every: 1 }] });
    const { results } = await clientOf(shop, { maxRetries: 0 }).submitOrders(orders(index, index + 1));
    assert.deepEqual([results[0].outcome, results[0].error.code], expected, fault);
    index += 1;
  }
});

test("no answer and no line of a log holds the secret, the key or a token", async (t) => {
  const shop = start(t);
  await clientOf(shop).submitOrders(orders(0, 3));
  for (const fault of ["unauthorized", "expire", "server_error", "throttled", "cut_body", "html"]) {
    await shop.setFaults({ script: [fault, fault] });
    await shop.bulk({ orders: orders(3, 4) });
  }
  for (const when of ["asked", "sent"]) {
    await shop.breakWhen(when);
    await shop.bulk({ orders: orders(4, 5) });
  }
  await shop.setFaults({ script: [{ fault: "unauthorized", on: "token" }, "expire"] });
  await shop.bulk({ orders: orders(5, 6) });
  await shop.bulk("{", { authorization: "Bearer trouble" });
  await shop.ask("/api/health");
  await shop.ask("/api/elsewhere?token=1");

  const told = [...shop.answers, ...(await shop.lines())].join("\n");
  assert.ok(told.length > 5000, "there is something to search");
  const tokens = await shop.tokens();
  assert.ok(tokens.length > 1);
  for (const secret of [SECRET, KEY, `${KEY}:${SECRET}`, ...tokens]) {
    for (const form of forms(secret)) assert.ok(!told.includes(form), `a form of a secret shows: ${form}`);
  }
});
