import * as pkg from "pb-fulfillment";
import * as server from "pb-fulfillment/broker";
import * as api from "pb-fulfillment/emulator";

import { brokerOf, throughBroker } from "./orders.mjs";

const broker = brokerOf(server, api, { vault: (env) => env.TOKEN_VAULT });

export const { TokenVault } = broker;

export default {
  fetch: async (_request, env) => Response.json(await throughBroker(pkg, broker, env)),
};
