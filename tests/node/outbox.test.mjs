// What stands before the outboxes, through the built package; tests/workerd has the outboxes themselves.
import assert from "node:assert/strict";
import test from "node:test";

import { createOutbox } from "../../pkg/outbox.node.js";
import { order } from "./support.mjs";

/** Sends an order to an outbox whose object cannot be reached; gives the answer. */
async function send(spoil) {
  const [failed, limits] = [[], {}];
  const outbox = createOutbox({
    upstream: "sandbox",
    credentials: () => ({ apiKey: "key", apiSecret: "secret" }),
    vault: () => undefined,
    outbox: () => {
      throw new Error("the object is overloaded");
    },
    authorize: () => ({ subject: "me", clientIds: [order().clientId], scopes: ["orders:write"] }),
    onHookError: (hook) => failed.push(hook),
    log: () => undefined,
    limits,
  });
  spoil(limits);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ orders: [order()] });
  const answer = await outbox.fetch(new Request("https://shop.example/v1/outbox/orders", { method: "POST", headers, body }), {});
  const { requestId, ...problem } = await answer.json();
  const type = [answer.headers.get("content-type"), answer.headers.get("retry-after")];
  return { status: answer.status, type, problem, failed };
}

test("a desk that cannot answer says what one says whose outbox cannot be reached", async () => {
  const away = await send(() => undefined);
  assert.deepEqual([away.status, away.problem.code, away.failed], [503, "outbox_unavailable", ["outbox"]]);
  // An option that was right when it was checked.
  const broken = await send((limits) => (limits.maxOrders = "many"));
  assert.deepEqual(broken, away);
});
