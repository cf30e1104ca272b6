// A form that is checked while it is filled in, in Chromium, under a strict Content-Security-Policy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";

import { pkg, root } from "../../scripts/lib/paths.mjs";
import { launch, open, serve } from "../support/browser.mjs";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'self'";

const FORM = `
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

const DEFAULTS = {
  clientId: "100",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
  createDate: "2026-03-01T10:00:00Z",
};

const FILLED = {
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

let browser;
const closing = [];
before(async () => {
  browser = await launch({ after: (close) => closing.push(close) });
});
after(async () => {
  for (const close of closing) await close();
});

/** Opens a page with the form, and binds it unless `bind` is false. Whatever the page complains of fails the test. */
async function visit(t, { html = FORM, options = { defaults: DEFAULTS }, bind = true, answer, timezoneId = "America/New_York" } = {}) {
  const pages = { "/": `<!doctype html><title>form</title>${html}`, "/sent": "<!doctype html><title>sent</title>" };
  const origin = await serve(t, pkg, { pages, headers: { "content-security-policy": POLICY }, ...(answer && { answer }) });
  const context = await browser.newContext({ timezoneId });
  t.after(() => context.close());
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/favicon/.test(message.location().url) && trouble.push(message.text()));
  await page.goto(origin);
  t.after(() => assert.deepEqual(trouble, []));
  if (bind) await bindIn(page, options);
  return page;
}

/** Binds the form of the page. What is submitted is kept where `keep` is set. */
function bindIn(page, options, { keep = false } = {}) {
  return page.evaluate(
    async ([options, keep]) => {
      const [{ bindForm }, { orderSchema }] = await Promise.all([import("/form.js"), import("/index.js")]);
      globalThis.bindForm = bindForm;
      globalThis.orderSchema = orderSchema;
      globalThis.submissions = [];
      const onSubmit = ({ order, json }) => void globalThis.submissions.push({ order, json });
      globalThis.binding = await bindForm(document.forms[0], orderSchema, { ...options, ...(keep && { onSubmit }) });
    },
    [options, keep],
  );
}

const control = (page, name) => page.locator(`[name="${name}"]`);
/** Types as a person does, key by key, and leaves the field. */
async function type(page, name, text, { leave = true } = {}) {
  await control(page, name).click();
  await control(page, name).press("ControlOrMeta+a");
  if (text === "") await page.keyboard.press("Delete");
  else await page.keyboard.type(text);
  if (leave) await page.keyboard.press("Tab");
}
async function fillAll(page, values = FILLED) {
  for (const [name, value] of Object.entries(values)) await control(page, name).fill(value);
}
/** The messages that are seen, by what they are for. */
const seen = (page) => page.locator("[data-pb-messages] p:visible").allTextContents();
const order = (page) => page.evaluate(() => globalThis.binding.order);
const json = (page) => page.evaluate(() => globalThis.binding.json);
const attributes = (page, name) =>
  control(page, name)
    .first()
    .evaluate((element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])));
const isValid = (page, name) =>
  control(page, name)
    .first()
    .evaluate((element) => element.validity.valid);

describe("the order", () => {
  test("has each value in the type of its field, and empty fields are left out", async (t) => {
    const page = await visit(t);
    await fillAll(page);
    await control(page, "isGift").check();
    await control(page, "coupon").fill("SUMMER");
    assert.deepEqual(await order(page), {
      clientOrderId: "A-1",
      toAddress: {
        name: "Ann Lee",
        addressLines: ["1 Main St", "Flat 2"],
        cityTown: "Boston",
        stateProvince: "MA",
        postalCode: "02110",
        countryCode: "US",
      },
      orderLines: [{ sku: "TEA", orderedQuantity: 2, unitPrice: 19.9 }],
      isGift: true,
      ...DEFAULTS,
    });
    await control(page, "toAddress.name").fill("  ");
    assert.equal("name" in (await order(page)).toAddress, false);
  });

  test("has amounts digit for digit", async (t) => {
    const page = await visit(t);
    for (const [typed, exact] of [
      ["19.90", "19.90"],
      ["0.10000000000000000001", "0.10000000000000000001"],
      ["007.50", "7.50"],
      [".5", "0.5"],
      ["5.", "5"],
      ["+5", "5"],
      ["-0.0", "-0.0"],
      ["1e2", "1e2"],
      ["1,5", '"1,5"'],
      ["abc", '"abc"'],
    ]) {
      await control(page, "orderLines.0.unitPrice").fill(typed);
      assert.match(await json(page), new RegExp(`"unitPrice":${exact.replace(/[.+]/g, "\\$&")}[,}]`), typed);
    }
  });

  test("has moments in UTC, from the time where the person is", async (t) => {
    const html = '<form><input type="datetime-local" name="shipOnDate"><input type="date" name="promisedDeliveryDate"></form>';
    const page = await visit(t, { html });
    await control(page, "shipOnDate").fill("2026-03-02T22:30");
    await control(page, "promisedDeliveryDate").fill("2026-07-04");
    const { shipOnDate, promisedDeliveryDate } = await order(page);
    assert.deepEqual([shipOnDate, promisedDeliveryDate], ["2026-03-03T03:30:00Z", "2026-07-04T00:00:00Z"]);
  });

  test("takes radio buttons, choices, several controls of a name, and hidden ones", async (t) => {
    const html = `<form>
      <input type="hidden" name="clientId" value="7"><input type="hidden" name="isGift" value="false"><input type="checkbox" name="isGift">
      <label><input type="radio" name="orderType" value="eCom"> web</label>
      <label><input type="radio" name="orderType" value="Retail"> shop</label>
      <select name="orderHandling"><option value=""><option>X</select>
      <input name="toAddress.addressLines"><input name="toAddress.addressLines">
      <select multiple name="billingAddress.addressLines"><option>a<option>b<option>c</select>
      <fieldset disabled><input name="brand" value="Off"></fieldset>
      <input type="file" name="internalNotes">
    </form>`;
    const page = await visit(t, { html, options: {} });
    await page.getByLabel("shop").check();
    await control(page, "orderHandling").selectOption("X");
    await control(page, "toAddress.addressLines").nth(1).fill("2 High St");
    await control(page, "billingAddress.addressLines").selectOption(["a", "c"]);
    assert.deepEqual(await order(page), {
      clientId: "7",
      isGift: false,
      orderType: "Retail",
      orderHandling: "X",
      toAddress: { addressLines: ["2 High St"] },
      billingAddress: { addressLines: ["a", "c"] },
    });
  });

  test("takes names of either form, closes holes, and passes over names of no field", async (t) => {
    const names = ["orderLines[7].sku", "orderLines[3].sku", "toAddress.addressLines.0", "toAddress.addressLines.2"];
    const others = [
      "orderLines.sku",
      "orderLines.0",
      "toAddress",
      "toAddress.name.0",
      "0.sku",
      "__proto__.x",
      "",
      "orderLines..sku",
      "paymentDetails.0",
    ];
    const html = `<form>${[...names, ...others].map((name) => `<input name="${name}" value="${name}">`).join("")}</form>`;
    const page = await visit(t, { html, options: {} });
    assert.deepEqual(await order(page), {
      orderLines: [{ sku: "orderLines[3].sku" }, { sku: "orderLines[7].sku" }],
      toAddress: { addressLines: ["toAddress.addressLines.0", "toAddress.addressLines.2"] },
    });
    // The quantity is missing in the first line of the order, which is the second row: what is said of it stays there.
    await control(page, names[2]).fill("");
    await control(page, names[3]).fill("x".repeat(101));
    assert.deepEqual([await isValid(page, names[2]), await isValid(page, names[3])], [true, false]);
  });

  test("is completed as buildOrder does if that is asked for", async (t) => {
    const page = await visit(t, { options: { defaults: { ...DEFAULTS, createDate: undefined }, build: true } });
    await fillAll(page);
    const built = await order(page);
    assert.deepEqual(built.orderLines, [{ lineId: 1, sku: "TEA", unitPrice: 19.9, orderedQuantity: 2, lineTotal: 39.8 }]);
    assert.equal(built.orderCharges.totalOrderAmount, 39.8);
    assert.match(built.createDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(await page.evaluate(() => globalThis.binding.report.valid), true);
  });
});

describe("controls", () => {
  test("may stand outside of the form", async (t) => {
    const html = `${FORM}<label>PO <input form="checkout" name="customerOrderId"></label>`;
    const page = await visit(t, { html });
    await type(page, "customerOrderId", "x".repeat(51));
    assert.equal(await isValid(page, "customerOrderId"), false);
    assert.match((await seen(page)).join(), /customer's order id/i);
    await page.evaluate(() => globalThis.binding.unbind());
    assert.equal(await isValid(page, "customerOrderId"), true);
    assert.equal(await page.locator("[data-pb-messages]").count(), 0);
  });

  test("that are disabled are no part of the order until they are enabled", async (t) => {
    const html = FORM.replace(
      "<label>Name",
      '<fieldset disabled><input name="billingAddress.countryCode" value="XX"></fieldset><label>Name',
    );
    const page = await visit(t, { html });
    assert.equal("billingAddress" in (await order(page)), false);
    await page.locator("fieldset").evaluate((fieldset) => (fieldset.disabled = false));
    assert.equal((await order(page)).billingAddress.countryCode, "XX");
    assert.equal((await attributes(page, "billingAddress.countryCode")).autocomplete, "billing country");
  });

  test("of a choice are mended as well, and a hidden companion of one is no hindrance", async (t) => {
    const html = `<form id="checkout"><input type="hidden" name="toAddress.stateProvince" value="none">
      <select name="toAddress.stateProvince"><option>Alabama<option>AL<option>AK</select>
      <label><input type="radio" name="toAddress.countryCode" value="usa"> typed</label>
      <label><input type="radio" name="toAddress.countryCode" value="US"> listed</label></form>`;
    const page = await visit(t, { html });
    await page.getByLabel("typed").check();
    assert.match((await seen(page)).join(), /“usa”/);
    await page.getByRole("button", { name: "Use “US”" }).click();
    assert.equal(await page.getByLabel("listed").isChecked(), true);
    await control(page, "toAddress.stateProvince").last().selectOption("AK");
    await control(page, "toAddress.stateProvince").last().selectOption("Alabama");
    await page.getByRole("button", { name: "Use “AL”" }).click();
    assert.equal((await order(page)).toAddress.stateProvince, "AL");
  });

  test("of the page's own making are bound as the browser's are", async (t) => {
    const html = FORM.replace('<input id="town" name="toAddress.cityTown">', "<x-town></x-town>");
    const page = await visit(t, { html, bind: false });
    await page.evaluate(() => {
      class Town extends HTMLElement {
        static formAssociated = true;
        #internals = this.attachInternals();
        value = "";
        name = "toAddress.cityTown";
        get type() {
          return "x-town";
        }
        get validity() {
          return this.#internals.validity;
        }
        get willValidate() {
          return this.#internals.willValidate;
        }
        get validationMessage() {
          return this.#internals.validationMessage;
        }
        setCustomValidity(message) {
          this.#internals.setValidity(message ? { customError: true } : {}, message, this);
        }
      }
      customElements.define("x-town", Town);
    });
    await bindIn(page, { defaults: DEFAULTS });
    assert.equal(await page.locator("x-town").evaluate((town) => town.validity.valid), false);
    await page.locator("x-town").evaluate((town) => {
      town.value = "Boston";
      town.dispatchEvent(new Event("input", { bubbles: true }));
    });
    assert.equal(await page.locator("x-town").evaluate((town) => town.validity.valid), true);
    assert.deepEqual((await order(page)).toAddress, { cityTown: "Boston" });
  });
});

describe("rows", () => {
  const addRow = (page, index) =>
    page.evaluate((index) => {
      const row = document.querySelector("#lines tr").cloneNode(true);
      for (const input of row.querySelectorAll("input")) {
        input.name = input.name.replace(/\d+/, index);
        input.value = "";
      }
      document.querySelector("#lines").append(row);
    }, index);

  test("come and go", async (t) => {
    const page = await visit(t);
    await fillAll(page);
    await addRow(page, 5);
    assert.equal((await attributes(page, "orderLines.5.sku")).required, "");
    assert.equal(await isValid(page, "orderLines.5.sku"), false);
    await control(page, "orderLines.5.sku").fill("CUP");
    await control(page, "orderLines.5.orderedQuantity").fill("0");
    await control(page, "orderLines.5.orderedQuantity").blur();
    assert.match((await seen(page)).join(), /quantity/i);
    assert.deepEqual(
      (await order(page)).orderLines.map(({ sku }) => sku),
      ["TEA", "CUP"],
    );
    await page.evaluate(() => document.querySelector("#lines tr").remove());
    assert.deepEqual((await order(page)).orderLines, [{ sku: "CUP", orderedQuantity: 0 }]);
    await page.evaluate(() => document.querySelector("#lines tr").remove());
    assert.equal("orderLines" in (await order(page)), false);
    assert.equal(await page.locator("[data-pb-messages]").count(), 9);
  });

  test("of which none is left keep the form from being submitted, and the summary says so", async (t) => {
    const page = await visit(t);
    await fillAll(page);
    await page.evaluate(() => document.querySelector("#lines tr").remove());
    assert.equal(await page.evaluate(() => document.forms[0].checkValidity()), false);
    await page.getByRole("button", { name: "Send" }).click();
    assert.equal(await page.title(), "form");
    assert.match((await seen(page)).join(), /[Oo]rder line/);
  });
});

describe("attributes", () => {
  test("come from the tables", async (t) => {
    const page = await visit(t);
    const { required, maxlength } = await attributes(page, "clientOrderId");
    assert.deepEqual([required, maxlength], ["", "100"]);
    const postal = await attributes(page, "toAddress.postalCode");
    assert.deepEqual([postal.required, postal.maxlength, postal.autocomplete], [undefined, "40", "shipping postal-code"]);
    const country = await attributes(page, "toAddress.countryCode");
    assert.deepEqual([country.required, country.maxlength, country.autocomplete], ["", undefined, "shipping country"]);
    const street = await attributes(page, "toAddress.addressLines");
    assert.deepEqual([street.required, street.autocomplete], ["", "shipping street-address"]);
    assert.equal((await attributes(page, "orderLines.0.orderedQuantity")).step, "any");
    assert.equal((await attributes(page, "orderLines.0.unitPrice")).inputmode, "decimal");
    for (const name of ["coupon", "csrf"]) {
      assert.deepEqual(Object.keys(await attributes(page, name)).sort(), name === "csrf" ? ["name", "type", "value"] : ["name"]);
    }
  });

  test("do not refuse what the API takes", async (t) => {
    const page = await visit(t);
    await control(page, "clientOrderId").focus();
    await page.keyboard.insertText("\u{1f600}".repeat(50));
    assert.equal((await order(page)).clientOrderId, "\u{1f600}".repeat(50));
    assert.equal(await isValid(page, "clientOrderId"), true);
    await type(page, "clientOrderId", "x".repeat(51));
    assert.equal(await isValid(page, "clientOrderId"), false);
  });

  test("of the author win", async (t) => {
    const html = `<form><input name="clientOrderId" maxlength="7" aria-describedby="hint"><p id="hint">As on the bill</p>
      <input name="toAddress.postalCode" autocomplete="off" inputmode="numeric">
      <input type="number" name="orderLines.0.orderedQuantity" step="1" min="1"></form>`;
    const page = await visit(t, { html });
    assert.equal((await attributes(page, "clientOrderId")).maxlength, "7");
    assert.match((await attributes(page, "clientOrderId"))["aria-describedby"], /^hint pb-messages-\d+$/);
    const { autocomplete, inputmode } = await attributes(page, "toAddress.postalCode");
    assert.deepEqual([autocomplete, inputmode], ["off", "numeric"]);
    await type(page, "orderLines.0.orderedQuantity", "1.5");
    assert.equal(await isValid(page, "orderLines.0.orderedQuantity"), false);
    assert.notDeepEqual(await seen(page), [], "what the browser has against it is said as well");
  });

  test("offer the values that a field takes, where the page offers none", async (t) => {
    const html = `<form><select name="orderHandling"></select><select name="orderType"><option>eCom</select>
      <input name="billingAddress.name" list="none"><input list="types" name="orderLines.0.inventoryType"><datalist id="types"></datalist></form>`;
    const page = await visit(t, { html });
    assert.deepEqual(await control(page, "orderHandling").locator("option").allTextContents(), ["", "X", "R", "E"]);
    assert.equal(await control(page, "orderType").locator("option").count(), 1);
  });

  test("are put back by unbind, and what was added is taken away", async (t) => {
    const html = FORM.replace(
      "<button>",
      '<select name="orderHandling"></select><output data-pb-for="clientOrderId">hint</output><button>',
    );
    const page = await visit(t, { html, bind: false });
    const content = () => page.evaluate(() => document.body.innerHTML);
    const before = await content();
    await bindIn(page, { defaults: DEFAULTS });
    await type(page, "toAddress.countryCode", "UK");
    await page.evaluate(() => globalThis.binding.reportValidity());
    assert.notEqual(await content(), before);
    await page.evaluate(() => globalThis.binding.unbind());
    assert.equal(await content(), before);
    assert.equal(await page.evaluate(() => document.forms[0].checkValidity()), true);
    await type(page, "toAddress.countryCode", "UK");
    assert.equal(await content(), before);
    await bindIn(page, {});
    await page.evaluate(() => globalThis.binding.unbind());
    assert.equal(await content(), before);
  });
});

describe("messages", () => {
  test("wait until the person has left the field, and are then as quick as they type", async (t) => {
    const page = await visit(t);
    assert.deepEqual(await seen(page), []);
    await type(page, "toAddress.countryCode", "XX", { leave: false });
    assert.deepEqual(await seen(page), []);
    assert.equal(await isValid(page, "toAddress.countryCode"), true, "it is a warning");
    await page.keyboard.press("Tab");
    assert.match((await seen(page)).join(), /“XX”/);
    await type(page, "toAddress.countryCode", "US", { leave: false });
    assert.deepEqual(await seen(page), [], "what is right is not called wrong a moment longer");
    await page.keyboard.type("X");
    assert.deepEqual(await seen(page), [], "and what is not finished is not called wrong again");
    await page.keyboard.press("Tab");
    assert.match((await seen(page)).join(), /“USX”/);
  });

  test("do not come for a field that was only passed through", async (t) => {
    const page = await visit(t);
    await control(page, "clientOrderId").focus();
    await page.keyboard.press("Tab");
    assert.deepEqual(await seen(page), []);
    await type(page, "clientOrderId", "x", { leave: false });
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Tab");
    assert.match((await seen(page)).join(), /[Oo]rder id is missing/);
  });

  test("are part of what is said of the field to those who cannot see it", async (t) => {
    const page = await visit(t);
    const town = page.getByRole("textbox", { name: "Town" });
    await type(page, "toAddress.cityTown", "x");
    await type(page, "toAddress.cityTown", "");
    assert.equal((await attributes(page, "toAddress.cityTown"))["aria-invalid"], "true");
    const client = await page.context().newCDPSession(page);
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const node = nodes.find(({ role, name }) => role?.value === "textbox" && name?.value === "Town");
    assert.match(node.description.value, /town is missing/);
    const property = (name) => node.properties.find((property) => property.name === name)?.value.value;
    assert.deepEqual([property("invalid"), property("required")], ["true", true]);
    await town.fill("Boston");
    assert.equal((await attributes(page, "toAddress.cityTown"))["aria-invalid"], undefined);
    const street = nodes.find(({ name }) => name?.value.trim() === "Street");
    assert.ok(street, "a message is no part of a label");
    assert.deepEqual(
      await page.locator("[data-pb-messages]").evaluateAll((boxes) => [...new Set(boxes.map((box) => box.getAttribute("aria-live")))]),
      ["polite"],
    );
  });

  test("go where the page has a place for them", async (t) => {
    const html = FORM.replace("<table>", '<output data-pb-for="toAddress.countryCode"></output><div data-pb-summary></div><table>');
    const page = await visit(t, { html });
    await type(page, "toAddress.countryCode", "UK");
    assert.match(await page.locator("output").textContent(), /“UK”/);
    assert.equal(await page.locator("output").getAttribute("aria-live"), null);
    await page.evaluate(() => document.querySelector("#lines tr").remove());
    await page.getByRole("button", { name: "Send" }).click();
    assert.match(await page.locator("[data-pb-summary]").textContent(), /[Oo]rder line/);
  });

  test("can have other words, and other severities", async (t) => {
    const options = {
      defaults: DEFAULTS,
      severity: { country_code: "error", address_incomplete: "off" },
      messages: { country_code: "Land?" },
    };
    const page = await visit(t, { options });
    assert.equal((await attributes(page, "toAddress.cityTown")).required, undefined);
    await type(page, "toAddress.countryCode", "XX");
    assert.deepEqual(await seen(page), ["Land?"]);
    assert.equal(await isValid(page, "toAddress.countryCode"), false);
  });

  test("leave alone what the page itself has against a value", async (t) => {
    const page = await visit(t);
    await fillAll(page);
    await control(page, "toAddress.name").evaluate((input) => input.setCustomValidity("Not on our list."));
    await type(page, "toAddress.name", "Bob");
    assert.deepEqual(await seen(page), ["Not on our list."]);
    assert.equal(await control(page, "toAddress.name").evaluate((input) => input.validationMessage), "Not on our list.");
    await control(page, "toAddress.name").evaluate((input) => input.setCustomValidity(""));
    assert.equal(await page.evaluate(() => globalThis.binding.reportValidity()), true);
  });

  test("of the browser are said where it cannot read what was typed", async (t) => {
    const page = await visit(t);
    await fillAll(page);
    await type(page, "orderLines.0.orderedQuantity", "1e");
    const [text, ...more] = await seen(page);
    assert.equal(text, await control(page, "orderLines.0.orderedQuantity").evaluate((input) => input.validationMessage));
    assert.deepEqual(more, []);
    assert.equal(await page.evaluate(() => globalThis.binding.reportValidity()), false);
  });

  test("go away with a reset", async (t) => {
    const page = await visit(t);
    await page.evaluate(() => globalThis.binding.reportValidity());
    assert.notDeepEqual(await seen(page), []);
    await page.evaluate(() => document.forms[0].reset());
    await page.waitForFunction(() => ![...document.querySelectorAll("[data-pb-messages]")].some((box) => box.checkVisibility()));
  });
});

describe("mends", () => {
  test("are offered as buttons, by keyboard too, and frameworks hear of them", async (t) => {
    const page = await visit(t);
    await page.evaluate(() => {
      globalThis.heard = [];
      for (const type of ["input", "change"]) document.addEventListener(type, (event) => globalThis.heard.push([type, event.target.name]));
    });
    await type(page, "toAddress.countryCode", "UK");
    await page.evaluate(() => (globalThis.heard.length = 0));
    const button = page.getByRole("button", { name: "Use “GB”" });
    await control(page, "toAddress.countryCode").focus();
    await page.keyboard.press("Tab");
    assert.equal(await button.evaluate((button) => button === document.activeElement), true, "it is the next stop");
    await page.keyboard.press("Enter");
    assert.equal(await control(page, "toAddress.countryCode").inputValue(), "GB");
    assert.deepEqual(await page.evaluate(() => globalThis.heard), [
      ["input", "toAddress.countryCode"],
      ["change", "toAddress.countryCode"],
    ]);
    assert.equal(await control(page, "toAddress.countryCode").evaluate((input) => input === document.activeElement), true);
    assert.deepEqual(await seen(page), []);
  });

  test("take a click that follows the typing at once", async (t) => {
    const page = await visit(t);
    await type(page, "toAddress.countryCode", "UK");
    await control(page, "toAddress.postalCode").click();
    await page.keyboard.type("1");
    await page.getByRole("button", { name: "Use “GB”" }).click();
    assert.equal(await control(page, "toAddress.countryCode").inputValue(), "GB");
  });

  test("are put in all at once by applyFixes", async (t) => {
    const page = await visit(t);
    await fillAll(page, {
      ...FILLED,
      "toAddress.countryCode": "usa",
      "toAddress.stateProvince": "Massachusetts",
      "toAddress.postalCode": "2110",
    });
    const applied = await page.evaluate(() => globalThis.binding.applyFixes() + globalThis.binding.applyFixes());
    assert.equal(applied, 3);
    const { stateProvince, postalCode, countryCode } = (await order(page)).toAddress;
    assert.deepEqual([stateProvince, postalCode, countryCode], ["MA", "02110", "US"]);
  });

  test("are not offered where the control cannot hold them", async (t) => {
    const html = FORM.replace('<input name="toAddress.countryCode">', '<select name="toAddress.countryCode"><option>UK<option>US</select>');
    const page = await visit(t, { html });
    await control(page, "toAddress.countryCode").selectOption("US");
    await control(page, "toAddress.countryCode").selectOption("UK");
    assert.match((await seen(page)).join(), /“UK”.*Use “GB”/);
    assert.equal(await page.locator("[data-pb-fix]").count(), 0);
  });
});

describe("submission", () => {
  for (const novalidate of [false, true]) {
    test(`is prevented while something is wrong${novalidate ? ", without the browser's bubbles too" : ""}`, async (t) => {
      const html = novalidate ? FORM.replace("<form", "<form novalidate") : FORM;
      const page = await visit(t, { html, bind: false });
      await page.evaluate(() => {
        globalThis.heard = 0;
        document.forms[0].addEventListener("submit", () => (globalThis.heard += 1));
      });
      await bindIn(page, { defaults: DEFAULTS }, { keep: true });
      await fillAll(page, { ...FILLED, clientOrderId: "", "toAddress.cityTown": "" });
      await page.getByRole("button", { name: "Send" }).click();
      assert.equal(await control(page, "clientOrderId").evaluate((input) => input === document.activeElement), true);
      assert.match((await seen(page)).join(), /[Oo]rder id is missing.*town is missing/);
      assert.deepEqual(await page.evaluate(() => [globalThis.heard, globalThis.submissions]), [0, []]);
      // By keyboard alone: what is missing is typed, and Enter sends.
      await page.keyboard.type("A-1");
      await control(page, "toAddress.cityTown").focus();
      await page.keyboard.type("Boston");
      await page.keyboard.press("Enter");
      const [sent, ...more] = await page.evaluate(() => globalThis.submissions);
      assert.deepEqual([sent.order.clientOrderId, sent.order.toAddress.cityTown, more], ["A-1", "Boston", []]);
      assert.match(sent.json, /"unitPrice":19\.90/);
      assert.equal(await page.evaluate(() => globalThis.heard), 1);
      assert.equal(await page.title(), "form");
    });
  }

  test("goes its own way where the page does not take the order", async (t) => {
    const page = await visit(t);
    await fillAll(page, { ...FILLED, "toAddress.countryCode": "XX" });
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForURL(/\/sent\?clientOrderId=A-1/);
  });

  test("waits for the validator", async (t) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const answer = (path, response) => {
      if (path !== "/core.wasm") return false;
      void held.then(async () => {
        const { readFile } = await import("node:fs/promises");
        response.writeHead(200, { "content-type": "application/wasm" }).end(await readFile(`${pkg}/core.wasm`));
      });
      return true;
    };
    const page = await visit(t, { bind: false, answer });
    const bound = bindIn(page, { defaults: DEFAULTS }, { keep: true });
    await page.waitForFunction(() => globalThis.submissions);
    await fillAll(page, { ...FILLED, "toAddress.countryCode": "UK" });
    await page.getByRole("button", { name: "Send" }).click();
    assert.deepEqual([await page.title(), await page.evaluate(() => globalThis.submissions)], ["form", []]);
    release();
    await bound;
    assert.equal((await page.evaluate(() => globalThis.submissions)).length, 1);
    assert.match((await seen(page)).join(), /“UK”/, "what was typed meanwhile is checked, and may be said");
  });

  test("is not repeated while the first is under way", async (t) => {
    const page = await visit(t, { bind: false });
    await page.evaluate(async (defaults) => {
      const [{ bindForm }, { orderSchema }] = await Promise.all([import("/form.js"), import("/index.js")]);
      globalThis.sent = 0;
      const onSubmit = () => new Promise((resolve) => ((globalThis.sent += 1), (globalThis.end = resolve)));
      globalThis.binding = await bindForm(document.forms[0], orderSchema, { defaults, onSubmit });
    }, DEFAULTS);
    await fillAll(page);
    const send = page.getByRole("button", { name: "Send" });
    await send.dblclick();
    assert.equal(await page.evaluate(() => globalThis.sent), 1);
    await page.evaluate(() => globalThis.end());
    await send.click();
    assert.equal(await page.evaluate(() => globalThis.sent), 2);
  });

  test("by a button that asks for no validation is let through", async (t) => {
    const html = FORM.replace("</form>", '<button formnovalidate formaction="/sent">Save</button></form>');
    const page = await visit(t, { html });
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL(/\/sent/);
  });

  test("sees values that the page has set by itself", async (t) => {
    const page = await visit(t, { bind: false });
    await bindIn(page, { defaults: DEFAULTS }, { keep: true });
    await fillAll(page);
    await control(page, "clientOrderId").evaluate((input) => (input.value = ""));
    await page.getByRole("button", { name: "Send" }).click();
    assert.match((await seen(page)).join(), /[Oo]rder id is missing/);
    await control(page, "clientOrderId").evaluate((input) => (input.value = "B-2"));
    await page.getByRole("button", { name: "Send" }).click();
    assert.deepEqual(
      (await page.evaluate(() => globalThis.submissions)).map(({ order }) => order.clientOrderId),
      ["B-2"],
    );
  });

  test("says what is wrong with fields that are not to be seen", async (t) => {
    const html = FORM.replace("<label>Name", '<details><summary>More</summary><input name="customerOrderId"></details><label>Name');
    const page = await visit(t, { html });
    await fillAll(page);
    await control(page, "customerOrderId").evaluate((input) => (input.value = "x".repeat(51)));
    await page.getByRole("button", { name: "Send" }).click();
    assert.match((await seen(page)).join(), /customer.s order id/i);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), (await seen(page)).join(), "the summary has the focus");
    assert.equal(await page.title(), "form");
  });
});

describe("the call", () => {
  const refusal = (page, call) =>
    page.evaluate(async (call) => {
      const [{ bindForm }, { orderSchema, bulkOrdersSchema }] = await Promise.all([import("/form.js"), import("/index.js")]);
      const calls = {
        none: () => bindForm(document.querySelector("#nothing"), orderSchema),
        schema: () => bindForm(document.forms[0], bulkOrdersSchema),
        option: () => bindForm(document.forms[0], orderSchema, { onsubmit: () => undefined }),
        severity: () => bindForm(document.forms[0], orderSchema, { severity: { zip: "off" } }),
        twice: async () => {
          await bindForm(document.forms[0], orderSchema);
          await bindForm(document.forms[0], orderSchema);
        },
        aborted: () => {
          const controller = new AbortController();
          const bound = bindForm(document.forms[0], orderSchema, { signal: controller.signal });
          controller.abort();
          return bound;
        },
      };
      return calls[call]().then(
        () => "bound",
        (error) => `${error.name}: ${error.message}`,
      );
    }, call);

  test("that cannot be meant is refused with a reason, and the form is left as it was", async (t) => {
    const page = await visit(t, { bind: false });
    const before = await page.content();
    assert.match(await refusal(page, "none"), /^TypeError: bindForm: the first argument must be a form element, not null/);
    assert.match(await refusal(page, "schema"), /^TypeError: bindForm: the second argument must be orderSchema/);
    assert.match(await refusal(page, "option"), /^TypeError: bindForm: there is no option onsubmit/);
    assert.match(await refusal(page, "severity"), /^TypeError: .*zip/);
    assert.match(await refusal(page, "aborted"), /^AbortError/);
    assert.equal(await page.content(), before);
    assert.match(await refusal(page, "twice"), /^TypeError: bindForm: this form is bound already/);
  });

  test("may name a signal that unbinds", async (t) => {
    const page = await visit(t, { bind: false });
    const before = await page.evaluate(() => document.body.innerHTML);
    await page.evaluate(async () => {
      const [{ bindForm }, { orderSchema }] = await Promise.all([import("/form.js"), import("/index.js")]);
      const controller = new AbortController();
      await bindForm(document.forms[0], orderSchema, { signal: controller.signal });
      controller.abort();
    });
    assert.equal(await page.evaluate(() => document.body.innerHTML), before);
  });
});

test("a keystroke costs less than 5 ms, whatever else the machine does", async (t) => {
  const page = await visit(t);
  await fillAll(page);
  const { checks, perKey } = await page.evaluate(async () => {
    const input = document.querySelector('[name="toAddress.name"]');
    const times = [];
    for (let round = 0; round < 300; round += 1) {
      input.value = `Ann ${round}`;
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await undefined;
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return { checks: globalThis.binding.order.toAddress.name, perKey: times[150] };
  });
  t.diagnostic(`median of a keystroke: ${perKey.toFixed(3)} ms`);
  assert.equal(checks, "Ann 299");
  assert.ok(perKey < 5, `${perKey} ms`);
});

test("the README's form is filled in, checked and sent", async (t) => {
  const section = /^## A form\n([^]*?)^## /m.exec(readFileSync(join(root, "README.md"), "utf8"))[1];
  const [, html] = /^```html\n([^]*?)^```$/m.exec(section);
  const [, script] = /^```js\n([^]*?)^```$/m.exec(section);
  const imports = JSON.stringify({ imports: { "pb-fulfillment": "/index.js", "pb-fulfillment/form": "/form.js" } });
  const page = `<!doctype html><title>shop</title>${html}<script type="importmap">${imports}</script><script type="module" src="/shop.js"></script>`;
  const bodies = [];
  const answer = (path, response) => {
    if (path !== "/api/v1/orders/bulk") return false;
    response.req
      .on("data", (data) => bodies.push(data))
      .on("end", () => {
        const [{ clientId, clientOrderId }] = JSON.parse(Buffer.concat(bodies)).orders;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ orders: [{ clientId, clientOrderId, orderId: "PB-1", status: "RECEIVED" }] }));
      });
    return true;
  };
  const origin = await serve(t, pkg, { pages: { "/": page, "/shop.js": script }, answer });
  const { page: shop, strays } = await open(browser, origin);
  const { clientOrderId, ...values } = FILLED;
  await fillAll(shop, { ...values, "toAddress.countryCode": "UK", "toAddress.stateProvince": "", "toAddress.postalCode": "SW1Y 4JH" });
  await shop.getByRole("button", { name: "Use “GB”" }).click();
  await shop.getByRole("button", { name: "Order", exact: true }).click();
  await shop.waitForFunction(() => document.querySelector("#outcome").value);
  assert.equal(await shop.locator("#outcome").textContent(), "accepted");
  const body = Buffer.concat(bodies).toString();
  assert.match(body, /"countryCode":"GB"/);
  assert.match(body, /"unitPrice":19\.90,/);
  assert.deepEqual(strays, []);
  await shop.close();
});
