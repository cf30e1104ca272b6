// The outbox in real Durable Objects: its alarm, its table on disk, its vault, its hook and its queue.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { many, order, Outside, startOutbox, until } from "./outbox-support.mjs";

const MINUTE = { timeout: 60_000 };
const ALL = "orders:write orders:read dead-letters:write";

/** A folder that the Durable Objects are kept in. */
function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "pb-fulfillment-outbox-"));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** The contents of what the API has stored, by id. */
async function stored(outside) {
  const orders = await outside.emulator.orders();
  const found = new Map(orders.map(({ clientOrderId, order }) => [clientOrderId, order]));
  assert.equal(found.size, orders.length, "nothing is doubled");
  return found;
}

test("orders are stored, sent by the alarm as they were checked, and told", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 300 } });
  const orders = many(0, 5);
  const began = performance.now();
  const receipts = await outbox.call("enqueue", orders);
  assert.deepEqual(
    receipts.map(({ clientOrderId, number, state, repeated }) => [clientOrderId, number, state, repeated]),
    orders.map(({ clientOrderId }, index) => [clientOrderId, index + 1, "pending", false]),
  );
  const { outside } = outbox;
  await until(() => outside.outcomes.length === 5);
  assert.equal(outside.calls.length, 1);
  assert.ok(outside.calls[0] - began >= 250, `${outside.calls[0] - began}`);
  assert.deepEqual(await outbox.states(orders), Array(5).fill("accepted"));
  const found = await stored(outside);
  for (const order of orders) assert.deepEqual(found.get(order.clientOrderId), order);
  assert.deepEqual(
    outside.outcomes.map(({ clientOrderId, outcome }) => [clientOrderId, outcome]),
    orders.map(({ clientOrderId }) => [clientOrderId, "accepted"]),
  );

  const again = await outbox.call("enqueue", JSON.stringify(orders));
  assert.deepEqual(
    again.map(({ number, state, repeated }) => [number, state, repeated]),
    orders.map((_, index) => [index + 1, "accepted", true]),
  );
  const { error } = await outbox.try("enqueue", [{ ...orders[0], remarks: "other" }]);
  assert.deepEqual(
    [error.name, error.code, error.status, error.problem.code],
    ["FulfillmentError", "outbox_refused", 409, "order_conflict"],
  );
  assert.equal((await outbox.try("enqueue", "{")).error.problem.code, "malformed");
  assert.equal(await outbox.call("status", "NORTHWIND", "never"), undefined);
});

test("two hundred leave at once, whatever the delay", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 600_000 } });
  await outbox.call("enqueue", many(0, 250));
  await until(() => outbox.outside.outcomes.length === 200);
  assert.deepEqual([outbox.outside.calls.length, (await stored(outbox.outside)).size], [1, 200]);
  assert.deepEqual(await outbox.states([order(199), order(200)]), ["accepted", "pending"]);
});

test("over HTTP each route takes its scope, and a page is refused", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0 } });
  const [first] = many(0, 1);
  const { status, value, headers } = await outbox.ask("POST", "/orders", "orders:write", { orders: [first] });
  assert.deepEqual([status, value.orders[0].number], [202, 1]);
  assert.match(headers.get("x-request-id"), /^[0-9a-f-]{36}$/);
  await until(async () => (await outbox.ask("GET", "/orders/NORTHWIND/W-0", "orders:read")).value.state === "accepted");
  const codes = [
    await outbox.ask("GET", "/orders/NORTHWIND/W-0", "orders:write"),
    await outbox.ask("GET", "/orders/NORTHWIND/W-0"),
    await outbox.ask("GET", "/orders/ELSEWHERE/W-0", ALL),
    await outbox.ask("POST", "/orders", "orders:write", { orders: [{ ...first, toAddress: undefined }] }),
    await outbox.ask("GET", "/dead-letters?clientId=NORTHWIND", "orders:read"),
  ].map(({ status, value }) => [status, value.code]);
  assert.deepEqual(codes, [
    [403, "forbidden_scope"],
    [401, "unauthorized"],
    [403, "forbidden_client"],
    [422, "invalid"],
    [403, "forbidden_scope"],
  ]);
  const page = await outbox.fetch("/api/v1/outbox/orders/NORTHWIND/W-0", {
    headers: { authorization: ALL, origin: "https://shop.example" },
  });
  assert.equal((await page.json()).code, "origin_not_allowed");
});

test("dead letters are looked at, mended, sent again and dismissed", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0 } });
  const { outside } = outbox;
  await outside.emulator.setFaults({ script: [{ fault: "refuse_orders", clientOrderIds: ["W-1", "W-2", "W-3"] }] });
  await outbox.call("enqueue", many(0, 4));
  await until(() => outside.outcomes.length === 4);
  const { orders } = await outbox.call("list", "dead-letters", "NORTHWIND");
  assert.deepEqual(
    orders.map(({ clientOrderId, state, errors, order }) => [clientOrderId, state, errors[0].errorCode, order]),
    many(1, 4).map((order) => [order.clientOrderId, "rejected", "emulator.refused", order]),
  );
  const { value } = await outbox.ask("GET", "/dead-letters?clientId=NORTHWIND&limit=2", ALL);
  assert.deepEqual([value.orders.length, value.next], [2, "0.3"]);

  const mended = { ...order(1), remarks: "mended" };
  assert.equal((await outbox.ask("POST", "/orders/NORTHWIND/W-1/resend", ALL, mended)).status, 202);
  await outbox.call("resend", "NORTHWIND", "W-2");
  await outbox.call("dismiss", "NORTHWIND", "W-3");
  await until(() => outside.outcomes.length === 6);
  assert.deepEqual(await outbox.states(many(0, 4)), ["accepted", "accepted", "accepted", "rejected"]);
  assert.deepEqual((await stored(outside)).get("W-1"), mended);
  assert.deepEqual(await outbox.call("list", "dead-letters", "NORTHWIND"), { orders: [] });
});

test("a lost answer is reported and not sent again, unless that is asked for", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0 } });
  await outbox.outside.emulator.setFaults({ script: ["cut_after"] });
  await outbox.call("enqueue", many(0, 1));
  await until(() => outbox.outside.outcomes.length === 1);
  const { orders } = await outbox.call("list", "unknown", "NORTHWIND");
  assert.deepEqual([orders[0].clientOrderId, orders[0].code], ["W-0", "upstream_cut"]);
  assert.equal(outbox.outside.calls.length, 1);

  const other = await startOutbox(t, { options: { delay: 0, onAmbiguous: "resend" } });
  await other.outside.emulator.setFaults({ script: ["cut_before"] });
  await other.call("enqueue", many(0, 1));
  await until(() => other.outside.outcomes.length === 1);
  assert.deepEqual([other.outside.outcomes[0].outcome, other.outside.calls.length], ["accepted", 2]);
});

test("a Worker that is killed leaves nothing behind but what was on its way", MINUTE, async (t) => {
  const [persist, outside] = [folder(t), await Outside.start(t)];
  outside.latency = 5000;
  const before = await startOutbox(t, { persist, outside, options: { delay: 3000 } });
  await before.call("enqueue", many(0, 200));
  await until(() => outside.calls.length === 1);
  await before.call("enqueue", many(200, 203));
  await before.kill();

  outside.latency = 0;
  const after = await startOutbox(t, { persist, outside, options: { delay: 3000 } });
  // Nobody asks the object: the alarm alone wakes it.
  await until(() => outside.outcomes.length >= 203);
  assert.deepEqual(await after.states([order(0), order(199), order(200), order(202)]), ["unknown", "unknown", "accepted", "accepted"]);
  await wait(5000);
  assert.equal((await stored(outside)).size, 203, "it had arrived after all, once");
});

test("an object that is put out of memory goes on", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 1000 } });
  await outbox.call("enqueue", many(0, 3));
  await outbox.evict();
  await until(() => outbox.outside.outcomes.length === 3);
  assert.equal((await stored(outbox.outside)).size, 3);
});

test("the program breaks in the middle of a call, and the outbox goes on", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0 } });
  const { outside } = outbox;
  outside.latency = 1000;
  await outbox.call("enqueue", many(0, 2));
  await until(() => outside.calls.length === 1);
  await outbox.break();
  await until(() => outside.outcomes.length === 2);
  assert.match(outbox.printed, /outbox: .*a clock that breaks/);
  await outbox.call("enqueue", many(2, 4));
  await until(() => outside.outcomes.length === 4);
  assert.deepEqual(await outbox.states(many(0, 4)), ["unknown", "unknown", "accepted", "accepted"]);
  assert.equal((await stored(outside)).size, 4);
});

test("a hook that fails hears the same again, and the queue gets each outcome", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0, queue: true } });
  const { outside } = outbox;
  outside.refuse = 1;
  await outbox.call("enqueue", many(0, 3));
  await until(() => outside.messages.length >= 3);
  const ids = (list) => list.map(({ id }) => id);
  assert.equal(new Set(ids(outside.outcomes)).size, 3);
  assert.ok(outside.outcomes.length > 3, "the first was told again");
  assert.deepEqual([...new Set(ids(outside.messages))].sort(), [...new Set(ids(outside.outcomes))].sort());
});

test("buyers' data is purged, and ids and outcome stay", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0, purgeAfter: 1500 } });
  const [first] = many(0, 1);
  const name = first.toAddress.name ?? first.toAddress.company;
  await outbox.call("enqueue", [first]);
  await until(() => outbox.outside.outcomes.length === 1);
  const holds = async () => (await outbox.rows()).some(([, value]) => value.includes(name));
  assert.ok(await holds());
  await until(async () => !(await holds()));
  const record = await outbox.call("status", first.clientId, first.clientOrderId);
  assert.deepEqual([record.state, record.purged, typeof record.orderId], ["accepted", true, "string"]);
});

test("throttling and Retry-After are obeyed, and an outbox that is full says so", MINUTE, async (t) => {
  const outbox = await startOutbox(t, { options: { delay: 0, limits: { maxPending: 3 } } });
  const { outside } = outbox;
  await outside.emulator.setFaults({ script: [{ fault: "throttled", retryAfter: "2" }] });
  await outbox.call("enqueue", many(0, 3));
  await until(() => outside.calls.length === 1);
  const full = await outbox.ask("POST", "/orders", ALL, { orders: many(3, 4) });
  assert.deepEqual([full.status, full.value.code], [503, "outbox_full"]);
  assert.ok(Number(full.headers.get("retry-after")) >= 1);
  await until(() => outside.outcomes.length === 3);
  assert.ok(outside.calls[1] - outside.calls[0] >= 1900, `${outside.calls[1] - outside.calls[0]}`);
});

test("the objects of several clients keep the rate together", MINUTE, async (t) => {
  const options = { delay: 0, shards: 20, limits: { callsPerSecond: 10 } };
  const outbox = await startOutbox(t, { options });
  const { outside } = outbox;
  const orders = [...many(0, 30, "A"), ...many(0, 30, "B")];
  await outbox.call("enqueue", orders);
  await until(() => outside.outcomes.length === orders.length);
  const { calls } = outside;
  const most = Math.max(...calls.map((from) => calls.filter((at) => at >= from && at < from + 1000).length));
  assert.ok(calls.length > 12 && most <= 10, `${calls.length} calls, ${most} within a second`);
});
