// The order that a form makes, and the rows that it is made of, in Chromium.
import assert from "node:assert/strict";
import test, { describe } from "node:test";

import { attributes, control, DEFAULTS, fillAll, isValid, json, order, seen, visit } from "../support/form.mjs";

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

  test("that come after an attempt to submit are not called wrong before they are filled in", async (t) => {
    const page = await visit(t);
    await page.getByRole("button", { name: "Send" }).click();
    assert.match((await seen(page)).join(), /SKU is missing/);
    await fillAll(page);
    await addRow(page, 1);
    assert.equal(await isValid(page, "orderLines.1.sku"), false);
    assert.deepEqual(await seen(page), []);
    await page.getByRole("button", { name: "Send" }).click();
    assert.match((await seen(page)).join(), /line 2.*SKU is missing/);
  });

  test("that the page makes anew keep what was said of them", async (t) => {
    const page = await visit(t);
    await page.getByRole("button", { name: "Send" }).click();
    const before = await seen(page);
    await page.evaluate(() => {
      const row = document.querySelector("#lines tr");
      row.replaceWith(row.cloneNode(true));
    });
    await page.waitForSelector('[name="orderLines.0.sku"][aria-invalid]');
    assert.deepEqual(await seen(page), before);
    // A row that is gone and comes again is another.
    await fillAll(page);
    await page.evaluate(() => {
      globalThis.row = document.querySelector("#lines tr");
      globalThis.row.remove();
    });
    assert.equal("orderLines" in (await order(page)), false);
    await page.evaluate(() => {
      const row = globalThis.row.cloneNode(true);
      for (const input of row.querySelectorAll("input")) input.value = "";
      document.querySelector("#lines").append(row);
    });
    assert.equal("orderLines" in (await order(page)), true);
    assert.deepEqual(await seen(page), []);
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
