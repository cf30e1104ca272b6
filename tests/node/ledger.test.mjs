// The broker's ledger where only its glue can be at fault: objects over storage in memory, in one process.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createBroker } from "../../pkg/broker.node.js";
import { createEmulator } from "../../pkg/emulator.node.js";
import { client, orders, Storage } from "./support.mjs";

/** A broker whose ledger takes its time to answer; `settled` resolves when all that a request has left to do is done. */
function brokerWith({ beginsAfter }) {
  const credentials = { apiKey: "key", apiSecret: "secret" };
  const emulator = createEmulator({ credentials });
  const storages = [];
  const entries = new Map();
  const pending = [];
  const namespace = {
    idFromName: (name) => name,
    get(name) {
      if (!entries.has(name)) {
        const storage = new Storage();
        storages.push(storage);
        entries.set(name, new broker.Ledger({ id: name, storage }, {}));
      }
      const entry = entries.get(name);
      return {
        async begin(...asked) {
          const begun = await entry.begin(...asked);
          await new Promise((resolve) => setTimeout(resolve, beginsAfter()));
          return begun;
        },
        settle: (...told) => entry.settle(...told),
      };
    },
  };
  const broker = createBroker({
    credentials: () => credentials,
    upstream: () => emulator,
    ledger: () => namespace,
    authorize: () => ({ subject: "me", clientIds: ["100"], scopes: ["orders:write"] }),
    approveOrders: () => [],
    allowedOrigins: [],
    allowMissingOrigin: true,
    basePath: "/api",
    limits: { ledgerTimeout: 200 },
    log: () => undefined,
  });
  const fetch = (request) => broker.fetch(request, {}, { waitUntil: (promise) => pending.push(promise) });
  return { emulator, storages, fetch, settled: () => Promise.all(pending) };
}

test("a right to send that comes too late is handed back: nothing was sent, and the next may send", async () => {
  let begun = 0;
  const { emulator, storages, fetch, settled } = brokerWith({ beginsAfter: () => (begun++ === 0 ? 500 : 0) });
  const submit = () => client({ fetch, maxRetries: 0 }).submitOrders(orders(1), { submissionId: "late" });
  const late = await submit();
  assert.deepEqual([late.results[0].outcome, late.results[0].error.code], ["failed", "ledger_unavailable"]);
  await settled();
  assert.deepEqual([storages.length, storages[0].kept.size, storages[0].alarm], [1, 0, null]);
  assert.equal((await submit()).results[0].outcome, "accepted");
  assert.equal((await emulator.orders()).length, 1);
});
