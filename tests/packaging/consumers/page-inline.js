import { FulfillmentClient, validateOrders } from "pb-fulfillment/inline";

import { outcome } from "./orders.mjs";

/** Stands in for the broker. */
async function answer(request) {
  const { orders } = await request.json();
  return Response.json({
    orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: `PB-${clientOrderId}` })),
  });
}

window.outcome = await outcome(new FulfillmentClient({ baseURL: "/api", fetch: answer }), validateOrders).catch(String);
