// Broker and emulator of the packed package as a handler of Node's server, for the pages.
import { buffer } from "node:stream/consumers";

import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";

import { brokerOf } from "./orders.mjs";

/** Answers as the broker of a page with this origin. */
export function brokerFor(origin) {
  const { fetch } = brokerOf(broker, emulator, { basePath: "/api", allowedOrigins: [origin], allowMissingOrigin: false });
  return async (request, response) => {
    const { method, headers, url } = request;
    const body = method === "POST" ? await buffer(request) : undefined;
    const answer = await fetch(new Request(new URL(url, `http://${headers.host}`), { method, headers, body }), {});
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
}
