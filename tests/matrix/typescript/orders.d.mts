import type * as pkg from "pb-fulfillment";
import type * as server from "pb-fulfillment/broker";
import type * as api from "pb-fulfillment/emulator";

export declare function brokerOf(broker: typeof server, emulator: typeof api): server.Broker<unknown>;
export declare function throughBroker(fulfillment: typeof pkg, broker: server.Broker<unknown>): Promise<object>;
