// The promise of the outbox on a real workerd with its state on disk: 20,000 orders enter while the process is killed and started
// again ten times. At the end every order that was acknowledged is at the API once, as it was checked, or on a list.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { many, Outside, startOutbox, until } from "../workerd/outbox-support.mjs";

const ORDERS = 20_000;
const KILLS = 10;
const CLIENTS = ["NORTHWIND", "A", "B", "C"];
/** How many orders enter with one request, and how many requests are under way. */
const [AT_ONCE, SENDERS] = [50, 8];
/** Waits between the requests of a sender, in milliseconds, so that there is time to kill. */
const PAUSE = 400;

/** All entries of a list. */
async function listed(outbox, list, clientId) {
  const found = [];
  let cursor;
  do {
    const page = await outbox.call("list", list, clientId, { limit: 200, ...(cursor && { cursor }) });
    found.push(...page.orders);
    cursor = page.next;
  } while (cursor);
  return found;
}

test("20,000 orders enter while the process is killed ten times, and none is lost or doubled", { timeout: 600_000 }, async (t) => {
  const persist = mkdtempSync(join(tmpdir(), "pb-fulfillment-crash-"));
  t.after(() => rmSync(persist, { recursive: true, force: true, maxRetries: 5 }));
  const outside = await Outside.start(t);
  outside.latency = 200;
  const faults = ["unavailable", "server_error", "throttled", "cut_before", "cut_after", { fault: "refuse_orders", every: 100 }];
  await outside.emulator.setFaults({ random: { seed: 11, probability: 0.1, faults } });
  const start = () => startOutbox(t, { outside, persist, options: { delay: 200 } });
  let outbox = await start();

  const orders = CLIENTS.flatMap((clientId) => many(0, ORDERS / CLIENTS.length, clientId));
  const requests = Array.from({ length: ORDERS / AT_ONCE }, (_, index) => orders.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
  let [acknowledged, refused, next] = [0, 0, 0];
  const began = performance.now();
  async function sender() {
    while (next < requests.length) {
      const body = JSON.stringify({ orders: requests[next++] });
      // The same bytes until there is an acknowledgement, as a client of the outbox does.
      for (;;) {
        try {
          // What was asked of a process that has been killed may never be answered.
          const answer = await Promise.race([outbox.fetch("/test/enqueue", { method: "POST", body }), wait(5000, { status: 504 })]);
          if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
          const count = Number(await answer.text());
          acknowledged += count;
          break;
        } catch {
          refused += 1;
          await wait(100);
        }
      }
      await wait(PAUSE * Math.random());
    }
  }
  async function killer() {
    for (let kill = 0; kill < KILLS; kill += 1) {
      // At random, and all while orders enter.
      const at = (ORDERS * (kill + Math.random())) / KILLS;
      await until(() => acknowledged >= Math.min(at, ORDERS - SENDERS * AT_ONCE), { within: 300_000, every: 5 });
      assert.equal(outbox.processes.length, 1);
      await outbox.kill();
      outbox = await start();
    }
  }
  await Promise.all([killer(), ...Array.from({ length: SENDERS }, sender)]);
  const entered = performance.now();
  assert.equal(acknowledged, ORDERS);

  await until(async () => new Set(outside.outcomes.map(({ id }) => id)).size >= ORDERS, { within: 240_000, every: 500 });
  const ended = performance.now();

  const atApi = new Map();
  for (const { clientId, clientOrderId, orderId, order } of await outside.emulator.orders()) {
    const key = `${clientId}/${clientOrderId}`;
    assert.ok(!atApi.has(key), `${key} is doubled`);
    atApi.set(key, { orderId, order });
  }
  const lists = new Map();
  for (const clientId of CLIENTS) {
    for (const list of ["dead-letters", "unknown"]) {
      for (const letter of await listed(outbox, list, clientId)) lists.set(`${clientId}/${letter.clientOrderId}`, { list, letter });
    }
  }
  const counts = { accepted: 0, rejected: 0, dead: 0, unknown: 0 };
  const records = [];
  for (let at = 0; at < ORDERS; at += 500) records.push(...(await outbox.statuses(orders.slice(at, at + 500))));
  for (const [index, order] of orders.entries()) {
    const key = `${order.clientId}/${order.clientOrderId}`;
    const record = records[index];
    counts[record.state] += 1;
    const [there, listed] = [atApi.get(key), lists.get(key)];
    if (there) assert.deepEqual(there.order, order, key);
    if (record.state === "accepted") assert.equal(record.orderId, there?.orderId, key);
    else {
      assert.deepEqual(listed?.letter.order, order, key);
      assert.equal(listed.list, record.state === "unknown" ? "unknown" : "dead-letters", key);
      if (record.state !== "unknown") assert.equal(there, undefined, key);
    }
  }
  const told = new Map(outside.outcomes.map((outcome) => [`${outcome.clientId}/${outcome.clientOrderId}`, outcome]));
  for (const [key, { letter }] of lists) assert.equal(told.get(key)?.outcome, letter.state, key);
  const seconds = (ms) => (ms / 1000).toFixed(1);
  t.diagnostic(
    `${ORDERS} orders acknowledged in ${seconds(entered - began)} s over ${KILLS} kills, ${refused} requests repeated; all ended ` +
      `${seconds(ended - entered)} s later in ${outside.calls.length} calls: ${JSON.stringify(counts)}, ${atApi.size} at the API, ` +
      `${outside.outcomes.length} outcomes told`,
  );
});
