/** The validator's calls for those who would rather wait than load it themselves. */
import { core } from "./core.js";
import { isStream } from "./input.js";
import { validateStream } from "#streams";
import type { OrdersStream, StreamReport, ValidateStreamOptions } from "./streams/types.js";
import type { FieldDescription, FixedOrders, Issue, OrdersInput, ValidateOptions, ValidationReport, Validator } from "./types.js";
import { validatorOver } from "./validator.js";

/** Loads the validator, once. */
export async function loadValidator(): Promise<Validator> {
  return validatorOver(await core());
}

/**
 * Validates a stream of orders, in memory that does not grow with it. In NDJSON, a line that is not JSON is an order with an error; in a
 * list, nothing is read behind such a place. Orders that come again are known for the latest 500,000 at least. Rejects with a
 * FulfillmentError of code `stream_cut` if the source fails or the signal ends it.
 */
export function validateOrders(input: OrdersStream, options?: ValidateStreamOptions): StreamReport;
/** Validates orders: any number of them, the limit of 200 belongs to one request. Never rejects for what is in them. */
export function validateOrders(input: OrdersInput, options?: ValidateOptions): Promise<ValidationReport>;
/** Validates what may be either, with the options that both have. */
export function validateOrders(
  input: OrdersInput | OrdersStream,
  options?: Pick<ValidateOptions, keyof ValidateOptions & keyof ValidateStreamOptions>,
): Promise<ValidationReport> | StreamReport;
export function validateOrders(input: OrdersInput | OrdersStream, options?: ValidateOptions & ValidateStreamOptions): unknown {
  return isStream(input) ? validateStream(input, options) : loadValidator().then((validator) => validator.validateOrders(input, options));
}

/** What a form wants to know of the field at a path such as `toAddress.postalCode`, or at the path of an issue; nothing if there is none. */
export async function describeField(path: string | readonly (string | number)[]): Promise<FieldDescription | undefined> {
  return (await loadValidator()).describeField(path);
}

/** Applies the mends of these issues of `input`, or of all in a report. Rejects if the input is no list of orders. */
export async function applyFixes(input: OrdersInput, chosen: ValidationReport | readonly Issue[]): Promise<FixedOrders> {
  return (await loadValidator()).applyFixes(input, chosen);
}
