// The edge runtime compiles no bytes, and is given the program as a module.
import { FulfillmentClient, initialize, validateOrders } from "pb-fulfillment/slim";

import core from "../../node_modules/pb-fulfillment/core.wasm?module";
import { outcome } from "../../orders.mjs";

export const runtime = "edge";

export async function GET(request) {
  await initialize(core);
  const origin = `http://${request.headers.get("host")}`;
  return Response.json(await outcome(new FulfillmentClient({ baseURL: `${origin}/api`, headers: { origin } }), validateOrders));
}
