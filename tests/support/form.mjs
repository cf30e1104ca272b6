// Forms that are bound, in Chromium, under a strict Content-Security-Policy.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { pkg } from "../../scripts/lib/paths.mjs";
import { launch, serve } from "./browser.mjs";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'self'";

export const FORM = `
<form id="checkout" action="/sent">
  <label>Order <input name="clientOrderId"></label>
  <label>Name <input name="toAddress.name"></label>
  <label>Street <textarea name="toAddress.addressLines"></textarea></label>
  <label for="town">Town</label> <input id="town" name="toAddress.cityTown">
  <label>State <input name="toAddress.stateProvince"></label>
  <label>Postal code <input name="toAddress.postalCode"></label>
  <label>Country <input name="toAddress.countryCode"></label>
  <table><tbody id="lines">
    <tr><td><input name="orderLines.0.sku" aria-label="SKU"></td>
      <td><input name="orderLines.0.orderedQuantity" type="number" aria-label="Quantity"></td>
      <td><input name="orderLines.0.unitPrice" aria-label="Price"></td></tr>
  </tbody></table>
  <label>Gift <input type="checkbox" name="isGift"></label>
  <input name="coupon"><input type="hidden" name="csrf" value="x">
  <button>Send</button>
</form>`;

export const DEFAULTS = {
  clientId: "100",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
  createDate: "2026-03-01T10:00:00Z",
};

export const FILLED = {
  clientOrderId: "A-1",
  "toAddress.name": "Ann Lee",
  "toAddress.addressLines": "1 Main St\nFlat 2",
  "toAddress.cityTown": "Boston",
  "toAddress.stateProvince": "MA",
  "toAddress.postalCode": "02110",
  "toAddress.countryCode": "US",
  "orderLines.0.sku": "TEA",
  "orderLines.0.orderedQuantity": "2",
  "orderLines.0.unitPrice": "19.90",
};

/** The browser of the test file. */
export let browser;
const closing = [];
before(async () => {
  browser = await launch({ after: (close) => closing.push(close) });
});
after(async () => {
  for (const close of closing) await close();
});

/**
 * Opens a page with the form, and binds it unless `bind` is false. What the page complains of fails the test, unless it is the
 * `complaint` that is expected of it, once or more often.
 */
export async function visit(t, { html = FORM, options = { defaults: DEFAULTS }, bind = true, answer, complaint } = {}) {
  const pages = { "/": `<!doctype html><title>form</title>${html}`, "/sent": "<!doctype html><title>sent</title>" };
  const origin = await serve(t, pkg, { pages, headers: { "content-security-policy": POLICY }, ...(answer && { answer }) });
  const context = await browser.newContext({ timezoneId: "America/New_York" });
  t.after(() => context.close());
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/favicon/.test(message.location().url) && trouble.push(message.text()));
  await page.goto(origin);
  t.after(() => {
    if (complaint) assert.ok(trouble.length > 0, "the page has complained");
    assert.deepEqual(
      trouble.filter((text) => !complaint?.test(text)),
      [],
    );
  });
  if (bind) await bindIn(page, options);
  return page;
}

/**
 * Binds the form of the page. What is submitted is kept where `keep` is set. Options that JSON cannot hold are given as a function
 * that makes them in the page, of `DEFAULTS`.
 */
export async function bindIn(page, options, { keep = false } = {}) {
  const made = typeof options === "function" ? await page.evaluateHandle(options, DEFAULTS) : options;
  return page.evaluate(
    async ([options, keep]) => {
      const [{ bindForm }, { orderSchema }] = await Promise.all([import("/form.js"), import("/index.js")]);
      globalThis.bindForm = bindForm;
      globalThis.orderSchema = orderSchema;
      globalThis.submissions = [];
      const onSubmit = ({ order, json }) => void globalThis.submissions.push({ order, json });
      globalThis.binding = await bindForm(document.forms[0], orderSchema, keep ? { ...options, onSubmit } : options);
    },
    [made, keep],
  );
}

/** The control, or controls, of that name. */
export const control = (page, name) => page.locator(`[name="${name}"]`);
/** Types as a person does, key by key, and leaves the field. */
export async function type(page, name, text, { leave = true } = {}) {
  await control(page, name).click();
  await control(page, name).press("ControlOrMeta+a");
  if (text === "") await page.keyboard.press("Delete");
  else await page.keyboard.type(text);
  if (leave) await page.keyboard.press("Tab");
}
export async function fillAll(page, values = FILLED) {
  for (const [name, value] of Object.entries(values)) await control(page, name).fill(value);
}
/** The messages that are seen, by what they are for. */
export const seen = (page) => page.locator("[data-pb-messages] p:visible").allTextContents();
export const order = (page) => page.evaluate(() => globalThis.binding.order);
export const json = (page) => page.evaluate(() => globalThis.binding.json);
export const attributes = (page, name) =>
  control(page, name)
    .first()
    .evaluate((element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])));
export const isValid = (page, name) =>
  control(page, name)
    .first()
    .evaluate((element) => element.validity.valid);
