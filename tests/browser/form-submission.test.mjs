// What becomes of the submission of a form, in Chromium.
import assert from "node:assert/strict";
import test, { describe } from "node:test";

import { pkg } from "../../scripts/lib/paths.mjs";
import { attributes, bindIn, control, DEFAULTS, fillAll, FILLED, FORM, seen, visit } from "../support/form.mjs";

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

  /** A page whose validator is not loaded before `release`; `bound` is the binding that waits for it. */
  async function early(t, html = FORM) {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const answer = (path, response) => {
      if (path !== "/check.wasm") return false;
      void held.then(async () => {
        const { readFile } = await import("node:fs/promises");
        response.writeHead(200, { "content-type": "application/wasm" }).end(await readFile(`${pkg}/check.wasm`));
      });
      return true;
    };
    const page = await visit(t, { html, bind: false, answer });
    const bound = bindIn(page, { defaults: DEFAULTS }, { keep: true });
    await page.waitForFunction(() => globalThis.submissions);
    return { page, bound, release };
  }

  test("waits for the validator", async (t) => {
    const { page, bound, release } = await early(t);
    await fillAll(page, { ...FILLED, "toAddress.countryCode": "UK" });
    await page.getByRole("button", { name: "Send" }).click();
    assert.deepEqual([await page.title(), await page.evaluate(() => globalThis.submissions)], ["form", []]);
    release();
    await bound;
    assert.equal((await page.evaluate(() => globalThis.submissions)).length, 1);
    assert.match((await seen(page)).join(), /“UK”/, "what was typed meanwhile is checked, and may be said");
  });

  for (const [where, html, focused] of [
    ["in a field", FORM, (page) => control(page, "toAddress.countryCode")],
    [
      "in a field that is not to be seen",
      FORM.replace('<label>Country <input name="toAddress.countryCode"></label>', '<input hidden name="toAddress.countryCode">'),
      (page) => page.locator("[data-pb-summary]"),
    ],
  ]) {
    test(`that has waited for the validator says what is wrong ${where}`, async (t) => {
      const { page, bound, release } = await early(t, html);
      const { "toAddress.countryCode": _, ...values } = FILLED;
      await fillAll(page, values);
      await page.getByRole("button", { name: "Send" }).click();
      release();
      await bound;
      assert.match((await seen(page)).join(), /country is missing/);
      assert.equal(await focused(page).evaluate((element) => element === document.activeElement), true);
      assert.deepEqual([await page.title(), await page.evaluate(() => globalThis.submissions)], ["form", []]);
    });
  }

  test("works with controls that are named as what the form itself has", async (t) => {
    const names = await (
      await visit(t, { bind: false })
    ).evaluate(() => {
      const names = ["constructor"];
      for (const name in document.forms[0]) names.push(name);
      return names;
    });
    assert.ok(["action", "addEventListener", "elements", "localName", "prepend"].every((name) => names.includes(name)));
    const others = names.map((name) => `<input type="hidden" name="${name}">`).join("");
    const { page, bound, release } = await early(t, FORM.replace("<button>", `${others}<button>`));
    // Playwright asks the form itself, too.
    const fill = (values) =>
      page.evaluate((values) => {
        for (const [name, value] of Object.entries(values)) {
          const control = document.querySelector(`[name="${name}"]`);
          control.value = value;
          control.dispatchEvent(new Event("input", { bubbles: true }));
        }
      }, values);
    const press = (text) =>
      page.evaluate((text) => [...document.querySelectorAll("button")].find((b) => b.textContent === text).click(), text);
    const told = () => page.evaluate(() => [...document.querySelectorAll("[data-pb-messages] p")].map((p) => p.textContent).join());

    const { "toAddress.cityTown": town, ...values } = FILLED;
    await fill({ ...values, "toAddress.countryCode": "UK" });
    await press("Send");
    release();
    await bound;
    assert.match(await told(), /town.* is missing.*“UK”/);
    assert.equal((await attributes(page, "toAddress.cityTown")).autocomplete, "shipping address-level2");
    await press("Use “GB”");
    await fill({ "toAddress.cityTown": town, "toAddress.postalCode": "SW1Y 4JH", "toAddress.stateProvince": "" });
    await press("Send");
    const [{ order }] = await page.evaluate(() => globalThis.submissions);
    assert.deepEqual([order.toAddress.cityTown, order.toAddress.countryCode], [town, "GB"]);
    await page.evaluate(() => globalThis.binding.unbind());
    assert.equal(await told(), "");
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

  test("is not locked by an onSubmit that gives something other than a promise", async (t) => {
    const page = await visit(t, { bind: false });
    await bindIn(page, (defaults) => {
      globalThis.sent = 0;
      return { defaults, onSubmit: () => (globalThis.sent += 1) };
    });
    await fillAll(page);
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("button", { name: "Send" }).click();
    assert.equal(await page.evaluate(() => globalThis.sent), 2);
  });

  for (const [what, options] of Object.entries({
    "what belongs to the order cannot be read": (defaults) => ({
      get defaults() {
        if (globalThis.broken) throw new Error("broken");
        return defaults;
      },
    }),
    "what belongs to the order is no JSON": (defaults) => ({
      get defaults() {
        return { ...defaults, ...(globalThis.broken && { clientId: 1n }) };
      },
    }),
    "a word of the page's own fails": (defaults) => ({
      defaults,
      messages: {
        country_code: () => {
          throw new Error("broken");
        },
      },
    }),
  })) {
    test(`does not go unchecked where ${what}`, async (t) => {
      const page = await visit(t, { bind: false, complaint: /broken|BigInt/ });
      await bindIn(page, options);
      await fillAll(page);
      await control(page, "toAddress.countryCode").evaluate((input) => {
        globalThis.broken = true;
        input.value = "XX";
      });
      await page.getByRole("button", { name: "Send" }).click();
      assert.equal(await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100, document.title))), "form");
    });
  }

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
