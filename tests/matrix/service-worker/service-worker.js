import { FulfillmentClient, validateOrders } from "/node_modules/pb-fulfillment/index.js";

import { outcome } from "./orders.mjs";

self.addEventListener("message", (event) => {
  const sending = outcome(new FulfillmentClient({ baseURL: "/api" }), validateOrders).catch(String);
  event.waitUntil(sending.then((result) => event.source.postMessage(result)));
});
