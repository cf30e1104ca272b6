/** An order form that is checked while it is filled in. Without a framework; the rules come with the schema. */
import { Binding } from "./form/binding.js";
import { own } from "./form/own.js";
import { checkBindOptions, throwIfAborted, type BindFormOptions, type FormBinding } from "./form/options.js";
import { nameOf } from "./options.js";
import type { SingleOrderSchema } from "./schemas.js";

export type { BindFormOptions, FormBinding, FormSubmission } from "./form/options.js";

const bound = new WeakSet<HTMLFormElement>();

/**
 * Checks a form while it is filled in. Its controls are named after fields of the order: `toAddress.postalCode`, `orderLines.0.sku`
 * or `orderLines[0].sku`; others are left alone, and rows may come and go. From the moment of the call the form is not submitted
 * unchecked: who submits it before it can be checked waits for that.
 *
 * @param schema `orderSchema`, of whichever entry of the package the page uses
 * @throws TypeError (as a rejection) for a call that cannot be meant, such as a form that is bound already; FulfillmentError if the
 * validator, or for `build` the builder, cannot be loaded. The form is then as it was.
 */
export async function bindForm(form: HTMLFormElement, schema: SingleOrderSchema, options: BindFormOptions = {}): Promise<FormBinding> {
  const given: unknown = form;
  if (own(Object(given) as HTMLFormElement, "localName") !== "form") {
    throw new TypeError(
      `bindForm: the first argument must be a form element, not ${nameOf(given)}. Is the page loaded when you look for it?`,
    );
  }
  if (typeof (schema as Partial<SingleOrderSchema> | undefined)?.loadBuilder !== "function") {
    throw new TypeError('bindForm: the second argument must be orderSchema, from "pb-fulfillment".');
  }
  checkBindOptions(options);
  throwIfAborted(options.signal);
  if (bound.has(form)) throw new TypeError("bindForm: this form is bound already. Call unbind() of that binding first.");
  bound.add(form);
  const binding = new Binding(form, options, () => bound.delete(form));
  try {
    const [validator, builder] = await Promise.all([schema.loadValidator(), options.build ? schema.loadBuilder() : undefined]);
    binding.start(validator, builder);
    return binding;
  } catch (error) {
    binding.unbind();
    throw error;
  }
}
