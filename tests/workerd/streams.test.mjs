// Streams in workerd: the body of a request is validated and sent on as it comes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Miniflare } from "miniflare";

import { pkg } from "../../scripts/lib/paths.mjs";
import { order } from "../matrix/shared/orders.mjs";

const worker = `
import { FulfillmentClient, validateOrders } from "./index.workerd.js";

async function accept(request) {
  const { orders } = await request.json();
  return Response.json({ orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: clientOrderId })) });
}

export default {
  async fetch(request) {
    const [checked, sent] = request.body.tee();
    const client = new FulfillmentClient({ baseURL: "https://broker.test", fetch: accept });
    const [report, submission] = await Promise.all([validateOrders(checked), client.submitOrders(sent, { onInvalid: "skip" })]);
    return Response.json({ report, submission });
  },
};
`;

test("a Worker reads the body of a request as a stream of orders", async (t) => {
  const miniflare = new Miniflare({
    compatibilityDate: "2026-04-01",
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/worker.mjs", contents: worker },
      { type: "ESModule", path: "/index.workerd.js", contents: readFileSync(join(pkg, "index.workerd.js"), "utf8") },
      { type: "CompiledWasm", path: "/core.wasm", contents: readFileSync(join(pkg, "core.wasm")) },
    ],
  });
  t.after(() => miniflare.dispose());
  const orders = Array.from({ length: 1000 }, (_, index) => order({ clientOrderId: index === 700 ? "" : `A-${index}` }));
  const body = orders.map((order) => `${JSON.stringify(order)}\n`).join("");
  const answer = await miniflare.dispatchFetch("http://localhost/", { method: "POST", body });
  const { report, submission } = await answer.json();
  assert.deepEqual([report.orderCount, report.errorCount, report.issues[0].pointer], [1000, 1, "/700/clientOrderId"]);
  assert.deepEqual(submission.counts, { accepted: 999, rejected: 0, invalid: 1, failed: 0, unknown: 0 });
});
