/** The orders as schemas of the Standard Schema, for form libraries, routers and the like (standardschema.dev). */
import { loadBuilder } from "./builder.js";
import { loadValidator } from "./calls.js";
import { core } from "./core.js";
import { bulkSchema, type JsonSchema } from "./fields.js";
import type { BulkOrdersRequest, Order } from "./generated/model.js";
import { encode, stringify } from "./input.js";
import type { Builder, Issue, ValidateOptions, Validator } from "./types.js";
import { validatorOver } from "./validator.js";

/** A schema of Standard Schema v1 that also gives its JSON Schema (`StandardSchemaV1`, `StandardJSONSchemaV1`). */
export interface OrderSchema<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "pb-fulfillment";
    /** At once when the package is loaded, as it always is in Node and Workers; a promise before. Only errors are issues. */
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly input: T; readonly output: T };
    /** The JSON Schema, for the targets `draft-2020-12` and `draft-07`. */
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/** The schema of one order, with the validator and the builder behind it: what `bindForm` of `pb-fulfillment/form` works with. */
export interface SingleOrderSchema extends OrderSchema<Order> {
  /** Loads the validator, once. */
  readonly loadValidator: () => Promise<Validator>;
  /** Loads the builder, once. */
  readonly loadBuilder: () => Promise<Builder>;
}

/** What a schema says of a value. */
export type SchemaResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly (Issue | { readonly message: string })[] };

/** One order. */
export const orderSchema: SingleOrderSchema = /* @__PURE__ */ single();

/** The body of one bulk request: at most 200 orders. */
export const bulkOrdersSchema: OrderSchema<BulkOrdersRequest> = /* @__PURE__ */ schema<BulkOrdersRequest>(false, bulkSchema, {
  maxOrders: 200,
});

function single(): SingleOrderSchema {
  const order = schema<Order>(true, () => {
    const { $defs, $schema } = bulkSchema();
    return { $schema, title: "Order", ...($defs["Order"] as object), $defs };
  });
  return { ...order, loadValidator, loadBuilder };
}

function schema<T>(order: boolean, describe: () => JsonSchema, options?: ValidateOptions): OrderSchema<T> {
  const jsonSchema = ({ target }: { readonly target?: string } = {}): JsonSchema => {
    if (target === "draft-2020-12") return describe();
    if (target === "draft-07") return asDraft07(describe());
    throw new TypeError(`The JSON Schema is not given for the target ${String(target)}, only for draft-2020-12 and draft-07.`);
  };
  return {
    "~standard": {
      version: 1,
      vendor: "pb-fulfillment",
      validate(value) {
        let bytes: Uint8Array;
        try {
          bytes = encode(stringify(value, order ? "The order" : "The request"));
        } catch (error) {
          return { issues: [{ message: (error as TypeError).message }] };
        }
        const judge = (loaded: Exclude<ReturnType<typeof core>, Promise<unknown>>): SchemaResult<T> => {
          const validator = validatorOver(loaded);
          const report = order ? validator.validateOrder(bytes, options) : validator.validateOrders(bytes, options);
          if (report.valid) return { value: value as T };
          return { issues: report.issues.filter((issue) => issue.severity === "error") };
        };
        const loaded = core();
        return loaded instanceof Promise ? loaded.then(judge) : judge(loaded);
      },
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

/** Draft 7 has `definitions` for `$defs`, and passes over what stands beside a `$ref`. */
function asDraft07(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" });
  return JSON.parse(text.replaceAll('"$defs":', '"definitions":').replaceAll('"#/$defs/', '"#/definitions/')) as JsonSchema;
}
