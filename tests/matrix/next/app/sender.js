"use client";

import { FulfillmentClient, validateOrders } from "pb-fulfillment";
import { useEffect } from "react";

import { outcome } from "../orders.mjs";

/** Sends the orders when it is in the page. */
export function Sender() {
  useEffect(() => {
    outcome(new FulfillmentClient({ baseURL: "/api" }), validateOrders)
      .catch(String)
      .then((result) => (window.outcome = result));
  }, []);
  return <p>Orders on their way</p>;
}
