// What binds a form.
import { bulkOrdersSchema, orderSchema, type Order, type ValidationReport } from "pb-fulfillment";
import * as form from "pb-fulfillment/form";

declare const element: HTMLFormElement;

takes<form.BindFormOptions>(
  {},
  {
    defaults: { clientId: "100", createDate: new Date() },
    build: true,
    onReport: ({ valid }) => console.log(valid),
    onSubmit: async ({ json }) => console.log(json.length),
    fixLabel: ({ help }) => help ?? "",
    signal: AbortSignal.timeout(1),
    severity: { postal_code: "error" },
    messages: { required: "is missing" },
  },
);
// @ts-expect-error There is no such option.
takes<form.BindFormOptions>({ onsubmit: () => undefined });
same<
  form.FormSubmission,
  { readonly order: Order; readonly json: string; readonly report: ValidationReport; readonly event: SubmitEvent }
>();
same<form.FormBinding["order"], Order>();
same<form.FormBinding["validate"], () => ValidationReport>();
same<form.FormBinding["applyFixes"], () => number>();
same<ReturnType<typeof form.bindForm>, Promise<form.FormBinding>>();
void form.bindForm(element, orderSchema, { build: true });
// @ts-expect-error A form is one order.
void form.bindForm(element, bulkOrdersSchema);
// @ts-expect-error What is not found is no form.
void form.bindForm(document.querySelector("form"), orderSchema);
