// The type of each thing that can be called, as its users see it, and that the entries agree on them; it is only compiled.
import * as pkg from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";
import * as inline from "pb-fulfillment/inline";
import * as slim from "pb-fulfillment/slim";
import * as streams from "pb-fulfillment/streams";
import * as validate from "pb-fulfillment/validate";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => undefined;

holds<Equal<ReturnType<typeof pkg.validateOrders>, Promise<pkg.ValidationReport>>>();
holds<Equal<Parameters<typeof pkg.validateOrders>[0], pkg.OrdersInput>>();
holds<Equal<NonNullable<Parameters<typeof pkg.validateOrders>[1]>, pkg.ValidateOptions>>();
holds<Equal<ReturnType<typeof pkg.loadValidator>, Promise<pkg.Validator>>>();
holds<Equal<ReturnType<typeof pkg.describeField>, Promise<pkg.FieldDescription | undefined>>>();
holds<Equal<ReturnType<typeof pkg.buildOrder>, Promise<pkg.BuiltOrder>>>();
holds<Equal<ReturnType<typeof pkg.applyFixes>, Promise<pkg.FixedOrders>>>();
holds<Equal<ReturnType<typeof pkg.batchOrders>, Promise<pkg.OrderBatch[]>>>();
holds<Equal<ReturnType<typeof pkg.createTransactionId>, string>>();
holds<Equal<ReturnType<pkg.FulfillmentClient["submitOrders"]>, Promise<pkg.Submission>>>();
holds<Equal<ConstructorParameters<typeof pkg.FulfillmentClient>, [options: pkg.ClientOptions]>>();
holds<Equal<pkg.FulfillmentError["code"], pkg.FulfillmentErrorCode>>();
holds<Equal<pkg.Outcome, keyof pkg.OutcomeCounts>>();
holds<Equal<pkg.OrderResult["outcome"], pkg.Outcome>>();
holds<Equal<typeof pkg.orderSchema, pkg.SingleOrderSchema>>();
holds<Equal<typeof pkg.bulkOrdersSchema, pkg.OrderSchema<pkg.BulkOrdersRequest>>>();
holds<Equal<ReturnType<typeof broker.createBroker<{ a: 1 }>>, broker.Broker<{ a: 1 }>>>();
holds<Equal<ReturnType<typeof emulator.createEmulator>, emulator.Emulator>>();

// The entries differ only in how they load.
holds<Equal<typeof inline, typeof pkg>>();
holds<Equal<typeof streams, typeof pkg>>();
holds<Equal<Omit<typeof slim, "initialize">, { [Name in keyof typeof pkg]: (typeof pkg)[Name] }>>();
holds<Equal<ReturnType<typeof slim.initialize>, Promise<void>>>();
holds<Equal<typeof validate, Omit<typeof pkg, "FulfillmentClient" | "createTransactionId">>>();
holds<Equal<typeof broker.FulfillmentError, typeof pkg.FulfillmentError>>();
holds<Equal<typeof emulator.isFulfillmentError, typeof pkg.isFulfillmentError>>();

export const sources: slim.ProgramSource[] = [
  new WebAssembly.Module(new Uint8Array(8)),
  new Response(),
  new ArrayBuffer(8),
  new Uint8Array(8),
];

export function told(error: unknown): pkg.FulfillmentErrorCode | undefined {
  return pkg.isFulfillmentError(error) ? error.code : undefined;
}
