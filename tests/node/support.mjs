// What the tests of the built package in Node share.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pkg from "../../pkg/index.node.js";
import { root } from "../../scripts/lib/paths.mjs";

export { pkg };

export const data = (name) => readFileSync(join(root, "tests", "data", name));
export const northwind = () => JSON.parse(data("northwind-orders.json")).orders;

/** A small order without an issue. */
export function order(changes = {}) {
  return {
    clientId: "100",
    clientOrderId: "A-1",
    inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
    createDate: "2026-03-01T10:00:00Z",
    orderLines: [{ sku: "TEA", orderedQuantity: 2 }],
    toAddress: {
      name: "Ann Lee",
      addressLines: ["1 Main St"],
      cityTown: "Boston",
      stateProvince: "MA",
      postalCode: "02110",
      countryCode: "US",
    },
    ...changes,
  };
}

export const orders = (count) => Array.from({ length: count }, (_, index) => order({ clientOrderId: `A-${index + 1}` }));

/** The broker's answer when all is well. */
export async function accept(request) {
  const { orders } = await request.json();
  return Response.json({
    orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: `PB-${clientOrderId}`, status: "RECEIVED" })),
  });
}

export const client = (options = {}) => new pkg.FulfillmentClient({ baseURL: "https://shop.example/api", fetch: accept, ...options });

/** What a promise was rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}
