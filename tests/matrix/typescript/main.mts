import * as pkg from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";

import { brokerOf, throughBroker } from "./orders.mjs";

console.log(JSON.stringify(await throughBroker(pkg, brokerOf(broker, emulator))));
