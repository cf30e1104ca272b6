import * as pkg from "pb-fulfillment";
import * as server from "pb-fulfillment/broker";
import * as api from "pb-fulfillment/emulator";

import { throughBroker } from "./orders.mjs";

const vault = (env) => env.TOKEN_VAULT;

// The vault's class belongs to a broker that asks the same API; its emulator is a second one with the same credentials.
const credentials = { apiKey: "key", apiSecret: "secret" };
const emulator = api.createEmulator({ credentials });
export const { TokenVault } = server.createBroker({
  upstream: () => emulator,
  credentials: () => credentials,
  vault,
  allowedOrigins: [],
  allowMissingOrigin: true,
  authorize: () => null,
  approveOrders: () => [],
});

export default {
  fetch: async (_request, env) => Response.json(await throughBroker(pkg, server, api, env, vault)),
};
