// The controls that are bound and the attributes that they get, in Chromium.
import assert from "node:assert/strict";
import test, { describe } from "node:test";

import { attributes, bindIn, control, DEFAULTS, fillAll, FORM, isValid, order, seen, type, visit } from "../support/form.mjs";

const TOWN = FORM.replace('<input id="town" name="toAddress.cityTown">', '<x-town name="toAddress.cityTown"></x-town>');

/** Defines an element of the page's own, with a control of the browser's in a shadow tree if that is asked for. */
const defineTown = (page, { shadow = false, lack } = {}) =>
  page.evaluate(
    ([shadow, lack]) => {
      class Town extends HTMLElement {
        static formAssociated = true;
        #internals = this.attachInternals();
        #input = document.createElement("input");
        constructor() {
          super();
          if (shadow) this.attachShadow({ mode: "open", delegatesFocus: true }).append(this.#input);
        }
        get value() {
          return this.#input.value;
        }
        set value(value) {
          this.#input.value = value;
        }
        get name() {
          return this.getAttribute("name");
        }
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
      delete Town.prototype[lack];
      customElements.define("x-town", Town);
    },
    [shadow, lack],
  );

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

  test("that come and go outside of the form are seen when the order is asked for", async (t) => {
    const page = await visit(t, { html: `${FORM}<div id="aside"></div>` });
    await fillAll(page);
    const [there, gone] = await page.evaluate(() => {
      const aside = document.querySelector("#aside");
      const asked = () => [globalThis.binding.report.valid, globalThis.binding.order.customerOrderId];
      aside.innerHTML = `<input form="checkout" name="customerOrderId" value="${"x".repeat(51)}">`;
      const there = asked();
      aside.replaceChildren();
      return [there, asked()];
    });
    assert.deepEqual(there, [false, "x".repeat(51)]);
    assert.deepEqual(gone, [true, undefined]);
    await page.evaluate(() => {
      globalThis.binding.unbind();
      document.forms[0].replaceChildren();
    });
    assert.equal((await order(page)).clientOrderId, "A-1", "what was found last stays");
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
    const page = await visit(t, { html: TOWN, bind: false });
    await defineTown(page);
    await bindIn(page, { defaults: DEFAULTS });
    assert.equal(await isValid(page, "toAddress.cityTown"), false);
    await control(page, "toAddress.cityTown").evaluate((town) => {
      town.value = "Boston";
      town.dispatchEvent(new Event("input", { bubbles: true }));
    });
    assert.equal(await isValid(page, "toAddress.cityTown"), true);
    assert.deepEqual((await order(page)).toAddress, { cityTown: "Boston" });
  });

  test("of the page's own making may hold a control of the browser's", async (t) => {
    const page = await visit(t, { html: TOWN, bind: false });
    await defineTown(page, { shadow: true });
    await bindIn(page, { defaults: DEFAULTS });
    await control(page, "toAddress.cityTown").locator("input").click();
    await page.keyboard.type("Boston");
    assert.deepEqual((await order(page)).toAddress, { cityTown: "Boston" });
    assert.equal(await isValid(page, "toAddress.cityTown"), true);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
    assert.deepEqual(await seen(page), []);
    await page.keyboard.press("Tab");
    assert.match((await seen(page)).join(), /town is missing/);
  });

  for (const lack of ["validity", "name"]) {
    test(`of the page's own making that have no ${lack} are left alone`, async (t) => {
      const page = await visit(t, { html: TOWN, bind: false });
      await defineTown(page, { lack });
      await bindIn(page, { defaults: DEFAULTS });
      await page.locator("x-town").evaluate((town) => (town.value = "Boston"));
      assert.deepEqual(await page.evaluate(() => (globalThis.binding.validate(), globalThis.binding.order.toAddress)), {});
    });
  }
});

describe("what is ours on a control", () => {
  /** Fills in a field whose message browsers do not give back as it was, and gives whether it is right then. */
  const isMended = async (page) => {
    assert.equal(await isValid(page, "toAddress.cityTown"), false);
    await control(page, "toAddress.cityTown").evaluate((control) => {
      control.value = "Boston";
      control.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return isValid(page, "toAddress.cityTown");
  };

  test("is known by what the browser makes of it", async (t) => {
    const page = await visit(t, { options: { defaults: DEFAULTS, messages: { address_incomplete: "Fill\r\nin" } } });
    assert.equal(await isMended(page), true);
  });

  test("is known where the browser cuts it off", async (t) => {
    const page = await visit(t, { bind: false });
    await page.evaluate(() => {
      const { get } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "validationMessage");
      // As Firefox does.
      Object.defineProperty(HTMLInputElement.prototype, "validationMessage", {
        get() {
          return get.call(this).slice(0, 256);
        },
      });
    });
    await bindIn(page, { defaults: DEFAULTS, messages: { address_incomplete: "x".repeat(300) } });
    assert.equal(await isMended(page), true);
  });

  test("is known where the page's own control does not give it back", async (t) => {
    const page = await visit(t, { html: TOWN, bind: false });
    await defineTown(page, { lack: "validationMessage" });
    await bindIn(page, { defaults: DEFAULTS });
    assert.equal(await isMended(page), true);
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

  test("follow what the page makes of a control, and its messages are put back", async (t) => {
    const page = await visit(t);
    for (const now of [false, true]) {
      await page.evaluate((now) => {
        const { elements } = document.forms[0];
        elements["orderLines.0.orderedQuantity"].type = now ? "number" : "text";
        elements.town.nextElementSibling.remove();
        if (now) globalThis.binding.validate();
      }, now);
      const { step, inputmode } = await attributes(page, "orderLines.0.orderedQuantity");
      assert.deepEqual([step, inputmode], now ? ["any", undefined] : [undefined, "decimal"]);
      assert.equal(await page.locator("#town + [data-pb-messages]").count(), 1);
    }
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
