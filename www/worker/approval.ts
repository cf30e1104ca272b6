// Where a shop would look up whether an order is paid and its items are those that were bought. The development server
// approves all orders but those that the page's development panel names, to show what a refusal looks like.

import { problem, secured } from "./headers.ts";

let refused: readonly string[] = [];

const MOST = 1000;

/** The shop's say on the orders of one request: names those that may not be sent. */
export function approveOrders(
  _principal: unknown,
  orders: readonly { readonly clientOrderId?: string }[],
): { refuse: { index: number; reason: string }[] } {
  const refuse = orders.flatMap((order, index) =>
    order.clientOrderId !== undefined && refused.includes(order.clientOrderId)
      ? [{ index, reason: "The shop has not approved this order." }]
      : [],
  );
  return { refuse };
}

/** `GET` tells which orders are refused, `PUT` with a list of their ids sets it. Development only. */
export async function settingsResponse(request: Request): Promise<Response> {
  if (request.method === "PUT") {
    const ids: unknown = await request.json().catch(() => undefined);
    if (!Array.isArray(ids) || ids.length > MOST || !ids.every((id) => typeof id === "string")) {
      return problem(400, "A list of order ids was expected.");
    }
    refused = ids;
  } else if (request.method !== "GET") {
    return problem(405, "Only GET and PUT are known here.", { allow: "GET, PUT" });
  }
  return secured(Response.json(refused, { headers: { "cache-control": "no-store" } }));
}
