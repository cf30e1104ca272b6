// orderSchema is a Standard Schema, so react-hook-form takes it as it is: each issue arrives at the field that it is about.
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { orderSchema, type Order } from "pb-fulfillment";
import { useId, useState } from "react";
import { useFieldArray, useForm, type FieldPath, type UseFormRegisterReturn } from "react-hook-form";

/** What the shop knows and the shopper does not fill in. */
const KNOWN = {
  clientId: "1234",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
};
const LINE = { sku: "", orderedQuantity: 1 };

/** Now, as the API documents a moment: without the milliseconds, which the validator warns of. */
const now = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");

/** What nobody has filled in is left out of the order, and numbers are numbers. */
const text = { setValueAs: (value?: string) => value || undefined };
const number = { setValueAs: (value?: string | number) => (value === "" || value === undefined ? undefined : Number(value)) };

export function OrderForm({ onOrder }: { readonly onOrder: (order: Order) => void }) {
  const [sent, setSent] = useState<Order>();
  const { control, formState, getFieldState, handleSubmit, register } = useForm<Order>({
    resolver: standardSchemaResolver(orderSchema),
    mode: "onTouched", // a message comes when a field is left, and goes while it is mended
    defaultValues: { ...KNOWN, createDate: now(), orderLines: [LINE], toAddress: { addressLines: [""] } },
  });
  const lines = useFieldArray({ control, name: "orderLines" });
  const field = (name: FieldPath<Order>, as: object = text) => ({
    input: register(name, as),
    message: getFieldState(name, formState).error?.message,
  });
  const submit = handleSubmit((order) => {
    setSent(order);
    onOrder(order);
  });

  return (
    <form onSubmit={submit} noValidate>
      <Field label="Order id" {...field("clientOrderId")} />
      <Field label="Name" {...field("toAddress.name")} />
      <Field label="Street" {...field("toAddress.addressLines.0")} />
      <Field label="Town" {...field("toAddress.cityTown")} />
      <Field label="State" {...field("toAddress.stateProvince")} />
      <Field label="Postal code" {...field("toAddress.postalCode")} />
      <Field label="Country" {...field("toAddress.countryCode")} />
      {lines.fields.map(({ id }, index) => (
        <fieldset key={id}>
          <legend>Line {index + 1}</legend>
          <Field label="SKU" {...field(`orderLines.${index}.sku`)} />
          <Field label="Quantity" {...field(`orderLines.${index}.orderedQuantity`, number)} />
          <button type="button" onClick={() => lines.remove(index)}>
            Remove line {index + 1}
          </button>
        </fieldset>
      ))}
      <button type="button" onClick={() => lines.append(LINE)}>
        Add a line
      </button>
      <p role="alert">{formState.errors.orderLines?.root?.message ?? formState.errors.orderLines?.message}</p>
      <button>Send</button>
      {sent && <output>{JSON.stringify(sent)}</output>}
    </form>
  );
}

interface FieldProps {
  readonly label: string;
  readonly input: UseFormRegisterReturn;
  readonly message: string | undefined;
}

function Field({ label, input, message }: FieldProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} aria-invalid={message !== undefined} aria-describedby={`${id}-error`} />
      <p id={`${id}-error`} aria-live="polite">
        {message}
      </p>
    </div>
  );
}
