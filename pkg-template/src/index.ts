export { applyFixes, batchOrders, buildOrder, describeField, loadValidator, validateOrders } from "./calls.js";
export { FulfillmentClient } from "./client.js";
export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export { createTransactionId } from "./ids.js";
export { bulkOrdersSchema, orderSchema, type OrderSchema, type SchemaResult, type SingleOrderSchema } from "./schemas.js";
export type * from "./generated/model.js";
export type * from "./types.js";
