import { FulfillmentClient, validateOrders } from "/node_modules/pb-fulfillment/index.js";

import { outcome } from "./orders.mjs";

outcome(new FulfillmentClient({ baseURL: "/api" }), validateOrders)
  .catch(String)
  .then((result) => postMessage(result));
