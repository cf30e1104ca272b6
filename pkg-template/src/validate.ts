/** All of the package that checks, builds and mends orders, without what sends them. */
export { batchOrders } from "./batches.js";
export { buildOrder, loadBuilder } from "./builder.js";
export { applyFixes, describeField, loadValidator, validateOrders } from "./calls.js";
export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export { bulkOrdersSchema, orderSchema, type OrderSchema, type SchemaResult, type SingleOrderSchema } from "./schemas.js";
export type * from "./generated/model.js";
export type * from "./streams/types.js";
export type * from "./types.js";
