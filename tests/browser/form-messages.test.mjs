// What is said of the fields of a form and when, and the mends that are offered, in Chromium.
import assert from "node:assert/strict";
import test, { describe } from "node:test";

import { attributes, bindIn, control, DEFAULTS, fillAll, FILLED, FORM, isValid, order, seen, type, visit } from "../support/form.mjs";

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

  test("wait for the release of the pointer, but not for one that the page keeps to itself", async (t) => {
    const page = await visit(t);
    await page.evaluate(() => {
      for (const type of ["pointerup", "pointercancel"]) {
        window.addEventListener(type, (event) => event.stopImmediatePropagation(), { capture: true });
      }
    });
    await type(page, "toAddress.countryCode", "XX");
    await page.waitForSelector("[data-pb-messages] p");
    assert.match((await seen(page)).join(), /“XX”/);
    await control(page, "toAddress.cityTown").fill("x");
    await control(page, "toAddress.cityTown").fill("");
    await page.locator("label", { hasText: "State" }).hover();
    await page.mouse.down();
    assert.doesNotMatch((await seen(page)).join(), /town is missing/);
    await page.keyboard.press("Tab");
    await page.waitForSelector('[name="toAddress.cityTown"][aria-invalid]');
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
    const street = nodes.find(({ role, name }) => role?.value === "textbox" && name?.value.trim() === "Street");
    assert.ok(street, "a message is no part of a label");
    assert.deepEqual(
      await page.locator("[data-pb-messages]").evaluateAll((boxes) => [...new Set(boxes.map((box) => box.getAttribute("aria-live")))]),
      ["polite"],
    );
  });

  test("appear where those who cannot see the page are listening already", async (t) => {
    const page = await visit(t);
    const client = await page.context().newCDPSession(page);
    /** By node, the texts of the regions that are listened to. */
    const regions = async () => {
      const { nodes } = await client.send("Accessibility.getFullAXTree");
      const isLive = ({ ignored, properties }) =>
        !ignored && properties.some(({ name, value }) => name === "live" && value.value === "polite");
      const byId = new Map(nodes.map((node) => [node.nodeId, node]));
      const text = (node) => (node.role.value === "StaticText" ? node.name.value : node.childIds.map((id) => text(byId.get(id))).join(""));
      return new Map(nodes.filter(isLive).map((node) => [node.backendDOMNodeId, text(node)]));
    };
    const before = await regions();
    assert.equal(before.size, 12, "one for each field, and the summary");
    assert.deepEqual([...new Set(before.values())], [""]);
    await type(page, "toAddress.countryCode", "UK");
    const told = [...(await regions())].filter(([, text]) => text !== "");
    assert.equal(told.length, 1);
    assert.match(told[0][1], /“UK”/);
    assert.ok(before.has(told[0][0]), "it was there before");
  });

  test("take no room before there are any", async (t) => {
    const html = `<form id="checkout"><div class="row"><input name="clientOrderId"><input name="toAddress.name"></div>
      <div class="grid"><label for="town">Town</label><input id="town" name="toAddress.cityTown"><label for="zip">Code</label>
      <input id="zip" name="toAddress.postalCode"></div>One <input name="clientId"> two <input name="customerOrderId"> three</form>`;
    const page = await visit(t, { html, bind: false });
    const layout = () =>
      page.evaluate(() => {
        for (const [name, display] of [
          ["row", "flex"],
          ["grid", "grid"],
        ]) {
          Object.assign(document.querySelector(`.${name}`).style, { display, gap: "20px", gridTemplateColumns: "10em 10em" });
        }
        return [...document.querySelectorAll("form, input, label")].map((element) => JSON.stringify(element.getBoundingClientRect()));
      });
    const before = await layout();
    await bindIn(page, {});
    assert.equal(await page.locator("[data-pb-messages]").count(), 7);
    assert.deepEqual(await layout(), before);
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

  test("of the whole are there after the page has made the content of its form anew", async (t) => {
    for (const own of [false, true]) {
      const html = own ? FORM.replace("<table>", "<section data-pb-summary></section><table>") : FORM;
      const page = await visit(t, { html, options: { defaults: { ...DEFAULTS, clientId: undefined } } });
      await page.evaluate((html) => {
        const anew = new DOMParser().parseFromString(html, "text/html").forms[0];
        document.forms[0].replaceChildren(...anew.childNodes);
      }, html);
      await fillAll(page);
      await page.getByRole("button", { name: "Send" }).click();
      assert.match((await seen(page)).join(), /client id is missing/i);
      if (own) assert.match(await page.locator("section").textContent(), /client id is missing/i);
      assert.equal(await page.title(), "form");
    }
  });

  test("are not copied with what the page copies", async (t) => {
    const page = await visit(t);
    await type(page, "toAddress.cityTown", "x");
    await type(page, "toAddress.cityTown", "");
    await page.evaluate(() => {
      const form = document.forms[0];
      const town = form.elements.town.cloneNode();
      Object.assign(town, { id: "", name: "billingAddress.cityTown" });
      form.append(town, form.elements.town.nextElementSibling.cloneNode(true), form.firstElementChild.cloneNode(true));
    });
    await control(page, "billingAddress.cityTown").fill("Salem");
    assert.equal((await seen(page)).length, 1);
    assert.equal(await page.locator("[data-pb-summary]").count(), 1);
    const { "aria-describedby": ids, "aria-invalid": invalid } = await attributes(page, "billingAddress.cityTown");
    assert.match(ids, /^pb-messages-\d+$/);
    assert.equal(await page.locator(`[id="${ids}"]`).count(), 1);
    assert.equal(invalid, undefined);
  });

  test("stay where the page prevents a reset", async (t) => {
    const page = await visit(t);
    await type(page, "toAddress.countryCode", "UK");
    await page.evaluate(() => {
      document.forms[0].addEventListener("reset", (event) => event.preventDefault());
      document.forms[0].reset();
    });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    assert.match((await seen(page)).join(), /“UK”/);
  });

  test("do not change while a word is put together by an input method", async (t) => {
    const page = await visit(t);
    const client = await page.context().newCDPSession(page);
    const compose = (text) => client.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    const value = () => control(page, "toAddress.countryCode").inputValue();
    await type(page, "toAddress.countryCode", "UK", { leave: false });
    await compose("x");
    assert.deepEqual([await value(), await seen(page)], ["UKx", []]);
    await client.send("Input.insertText", { text: "" });
    await page.keyboard.press("Tab");
    assert.match((await seen(page)).join(), /“UK”/);

    await control(page, "toAddress.countryCode").focus();
    await page.keyboard.press("End");
    const before = await seen(page);
    await compose("か");
    await compose("かん");
    assert.deepEqual([await value(), await seen(page)], ["UKかん", before]);
    assert.equal(await page.locator("[data-pb-fix]").count(), 1);
    assert.equal((await order(page)).toAddress.countryCode, "UKかん", "it is checked all the same");
    await client.send("Input.insertText", { text: "缶" });
    assert.equal(await value(), "UK缶");
    assert.match((await seen(page)).join(), /“UK缶”/);
    assert.equal(await page.locator("[data-pb-fix]").count(), 0);
  });

  test("go while a word is put together that is right", async (t) => {
    const page = await visit(t);
    const client = await page.context().newCDPSession(page);
    await type(page, "toAddress.cityTown", "x");
    await type(page, "toAddress.cityTown", "");
    assert.match((await seen(page)).join(), /town is missing/);
    await control(page, "toAddress.cityTown").focus();
    await client.send("Input.imeSetComposition", { text: "B", selectionStart: 1, selectionEnd: 1 });
    assert.deepEqual(await seen(page), []);
  });

  test("go away with a reset", async (t) => {
    const page = await visit(t);
    await page.evaluate(() => globalThis.binding.reportValidity());
    assert.notDeepEqual(await seen(page), []);
    await page.evaluate(() => document.forms[0].reset());
    await page.waitForFunction(() => !document.querySelector("[data-pb-messages] p"));
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

  test("have the words of the page, if it has any", async (t) => {
    const page = await visit(t, { bind: false, complaint: /no word/ });
    await bindIn(page, (defaults) => ({
      defaults,
      fixLabel({ fix: { value } }) {
        if (value === "GB") throw new Error("no word");
        return `Correct to ${value}`;
      },
    }));
    await type(page, "toAddress.countryCode", "usa");
    assert.equal(await page.locator("[data-pb-fix]").textContent(), "Correct to US");
    await type(page, "toAddress.countryCode", "UK");
    assert.equal(await page.locator("[data-pb-fix]").textContent(), "Use “GB”");
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
