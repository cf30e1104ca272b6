export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export type * from "./generated/model.js";
