// The broker's ledger, in real Durable Objects: what comes twice is sent once, also when the Worker has died meanwhile.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { FulfillmentClient } from "../../pkg/index.node.js";
import { ORIGIN, orders, start } from "./support.mjs";

const KEY = { "idempotency-key": '"the-key"' };
const RESEND = { ...KEY, "x-pb-fulfillment-resend": "true" };

/** A folder that the Durable Objects are kept in. */
function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "pb-fulfillment-ledger-"));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

async function isProblem(answer, status, code, processed) {
  const problem = await answer.json();
  assert.deepEqual([answer.status, problem.code, problem.processed], [status, code, processed]);
  return problem;
}

test("the same request at once and later is sent once, and other bytes are refused", { timeout: 60_000 }, async (t) => {
  const shop = start(t);
  await shop.setFaults({ script: [{ fault: "none", latencyMs: 1000, on: "orders" }] });
  const [first, second] = await Promise.all([shop.bulk({ orders: orders() }, KEY), shop.bulk({ orders: orders() }, KEY)]);
  const [sent, told] = first.status === 200 ? [first, second] : [second, first];
  assert.equal(sent.status, 200);
  assert.equal(sent.headers.get("idempotency-replayed"), null);
  await isProblem(told, 409, "in_progress", "unknown");
  const seconds = Number(told.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 2, `${seconds}`);

  const again = await shop.bulk({ orders: orders() }, KEY);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.match(again.headers.get("access-control-expose-headers"), /\bIdempotency-Replayed\b/);
  assert.equal(again.headers.get("x-pb-transactionid"), sent.headers.get("x-pb-transactionid"));
  assert.equal(await again.text(), await sent.text());

  await isProblem(await shop.bulk({ orders: orders(1, 2) }, KEY), 422, "key_reused", "unknown");
  const other = await shop.bulk({ orders: orders(1, 2) }, { ...KEY, authorization: "Bearer another" });
  assert.equal(other.status, 200, "the same key of another caller");
  assert.equal(await shop.bulkCalls(), 2);
});

test("the Worker is killed and started again, and answers what was answered before", { timeout: 60_000 }, async (t) => {
  const persist = folder(t);
  const before = start(t, { persist });
  const first = await before.bulk({ orders: orders(0, 3) }, KEY);
  assert.equal(first.status, 200);
  await before.kill();

  const after = start(t, { persist });
  const again = await after.bulk({ orders: orders(0, 3) }, KEY);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(await again.text(), await first.text());
  await isProblem(await after.bulk({ orders: orders(0, 2) }, KEY), 422, "key_reused", "unknown");
  assert.equal(await after.bulkCalls(), 0, "the API of this life was not asked");
});

test("a Worker killed over a request leaves it in doubt, and nothing is sent again unasked", { timeout: 60_000 }, async (t) => {
  const [persist, limits] = [folder(t), { requestTimeout: 8000, upstreamTimeout: 5000 }];
  const before = start(t, { persist, limits });
  assert.equal((await before.bulk({ orders: orders(1, 2) })).status, 200, "a token is there");
  await before.setFaults({ script: [{ fault: "none", latencyMs: 4900, on: "orders" }] });
  const lost = before.bulk({ orders: orders() }, KEY).then(
    () => assert.fail("it was answered"),
    () => undefined,
  );
  while ((await before.bulkCalls()) < 2) await wait(20);
  await before.kill();
  await lost;

  const after = start(t, { persist, limits });
  let told = await after.bulk({ orders: orders() }, KEY);
  while (told.headers.has("retry-after")) {
    await isProblem(told, 409, "in_progress", "unknown");
    await wait(1000 * Number(told.headers.get("retry-after")));
    told = await after.bulk({ orders: orders() }, KEY);
  }
  await isProblem(told, 409, "in_doubt", "unknown");
  assert.equal(await after.bulkCalls(), 0);
  assert.equal((await after.bulk({ orders: orders() }, RESEND)).status, 200);
  assert.equal((await after.bulk({ orders: orders() }, KEY)).headers.get("idempotency-replayed"), "true");
  assert.equal((await after.stored()).length, 1);
});

test("what was not processed leaves nothing in storage, and an entry that has ended neither", { timeout: 60_000 }, async (t) => {
  const shop = start(t, { limits: { ledgerKeep: 2000 } });
  const [order] = orders();
  await isProblem(await shop.bulk({ orders: [{ ...order, remarks: "unpaid" }] }, KEY), 403, "not_approved", "no");
  assert.deepEqual(await shop.entry("the-key"), { keys: [], alarm: null });

  assert.equal((await shop.bulk({ orders: [order] }, KEY)).status, 200);
  const kept = await shop.entry("the-key");
  assert.deepEqual([kept.keys.length, typeof kept.alarm], [1, "number"]);
  let entry = kept;
  for (let turn = 0; entry.keys.length > 0 && turn < 100; turn += 1) {
    await wait(100);
    entry = await shop.entry("the-key");
  }
  assert.deepEqual(entry, { keys: [], alarm: null });
  assert.equal((await shop.bulk({ orders: orders(1, 2) }, KEY)).status, 200, "the key is free");
});

test(
  "a page that lost its answer submits again under the same id, and learns what became of its orders",
  { timeout: 60_000 },
  async (t) => {
    const shop = start(t);
    let lose = true;
    const road = async (request) => {
      const answer = await shop.fetch(request);
      if (!lose) return answer;
      lose = false;
      throw new TypeError("the connection was cut");
    };
    const submit = (options) => {
      const client = new FulfillmentClient({ baseURL: `${ORIGIN}/api`, headers: { authorization: "Bearer somebody" }, fetch: road });
      return client.submitOrders(orders(0, 5), { submissionId: "checkout-7", ...options });
    };
    assert.equal((await submit()).counts.unknown, 5);
    const { counts, results } = await submit();
    assert.equal(counts.accepted, 5);
    const stored = await shop.stored();
    assert.deepEqual(
      results.map(({ orderId }) => orderId),
      stored.map(({ orderId }) => orderId),
    );
    assert.equal(await shop.bulkCalls(), 1);
  },
);
