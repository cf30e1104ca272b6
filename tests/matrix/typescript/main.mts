import * as pkg from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";
import type core from "pb-fulfillment/core.wasm";
import * as emulator from "pb-fulfillment/emulator";
import type { ProgramSource } from "pb-fulfillment/slim";
import type server from "pb-fulfillment/server.wasm";

import { brokerOf, throughBroker } from "./orders.mjs";

// The programs have types as modules; like any program that is imported, only for ES modules.
export type Programs = [typeof core, typeof server] extends [WebAssembly.Module & ProgramSource, WebAssembly.Module] ? true : never;
export const programs: Programs = true;

console.log(JSON.stringify(await throughBroker(pkg, brokerOf(broker, emulator))));
