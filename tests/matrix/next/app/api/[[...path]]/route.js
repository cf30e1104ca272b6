import * as pkg from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";

import { brokerOf, throughBroker } from "../../../orders.mjs";

let shop;

/** The broker of the shop's page, which is at this very origin. */
export function POST(request) {
  const origin = `http://${request.headers.get("host")}`;
  shop ??= brokerOf(broker, emulator, { basePath: "/api", allowedOrigins: [origin], allowMissingOrigin: false });
  return shop.fetch(request, {});
}

/** Sends the orders from here. */
export async function GET() {
  return Response.json(await throughBroker(pkg, brokerOf(broker, emulator)));
}
