// That the entries agree with each other, and what is theirs alone.
import * as pkg from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";
import * as inline from "pb-fulfillment/inline";
import * as slim from "pb-fulfillment/slim";
import * as streams from "pb-fulfillment/streams";
import * as validate from "pb-fulfillment/validate";

same<typeof inline, typeof pkg>();
same<typeof streams, typeof pkg>();
same<Omit<typeof slim, "initialize">, { [Name in keyof typeof pkg]: (typeof pkg)[Name] }>();
same<typeof validate, Omit<typeof pkg, "FulfillmentClient" | "createTransactionId">>();
same<typeof broker.FulfillmentError, typeof pkg.FulfillmentError>();
same<typeof emulator.isFulfillmentError, typeof pkg.isFulfillmentError>();
same<broker.Order, pkg.Order>();
same<emulator.Order, pkg.Order>();

takes<slim.ProgramSource>(new WebAssembly.Module(new Uint8Array(8)), new Response(), new ArrayBuffer(8), new Uint8Array(8));
// @ts-expect-error A path or an address is fetched or read first.
takes<slim.ProgramSource>("core.wasm");
same<typeof slim.initialize, (source: slim.ProgramSource | Promise<slim.ProgramSource>) => Promise<void>>();
