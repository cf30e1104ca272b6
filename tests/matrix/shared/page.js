import { FulfillmentClient, validateOrders } from "pb-fulfillment";

import { outcome } from "./orders.mjs";

// The broker is where the page is, unless the page is told of another.
const baseURL = new URLSearchParams(location.search).get("api") ?? "/api";
outcome(new FulfillmentClient({ baseURL }), validateOrders)
  .catch(String)
  .then((result) => (window.outcome = result));
