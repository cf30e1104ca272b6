// The example with React is installed, compiled, built and filled in, in Chromium.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";
import { output } from "../packaging/support.mjs";
import { launch, open, serve } from "../support/browser.mjs";

test("the form with React says what is wrong where it is, and gives the order", async (t) => {
  const folder = join(root, "examples", "react-form");
  await output("npm", ["ci", "--no-audit", "--no-fund", "--silent"], { cwd: folder });
  await output("npm", ["run", "build", "--silent"], { cwd: folder });
  const { page, strays } = await open(await launch(t), await serve(t, join(folder, "dist"), { pages: await index(folder) }));
  const field = (label) => page.getByRole("textbox", { name: label, exact: true });
  const described = (label) =>
    field(label).evaluate((input) => document.getElementById(input.getAttribute("aria-describedby")).textContent);
  const send = page.getByRole("button", { name: "Send" });

  await send.click();
  await page.waitForSelector('[aria-invalid="true"]');
  assert.match(await described("Order id"), /[Oo]rder id is missing/);
  assert.match(await described("Town"), /town is missing/);
  assert.match(await described("SKU"), /SKU is missing/);
  assert.equal(await described("State"), "", "what is only doubtful does not keep it back");
  assert.equal(await field("Order id").evaluate((input) => input === document.activeElement), true);

  for (const [label, value] of Object.entries({
    "Order id": "W-1",
    Name: "Ann Lee",
    Street: "1 Main St",
    Town: "Boston",
    State: "MA",
    "Postal code": "02110",
    Country: "US",
    SKU: "TEA",
    Quantity: "0",
  })) {
    await field(label).fill(value);
  }
  await field("Quantity").blur();
  await page.waitForFunction(() => document.querySelectorAll('[aria-invalid="true"]').length === 1);
  assert.match(await described("Quantity"), /[Qq]uantity is 0/);
  await field("Quantity").fill("3");
  await page.waitForFunction(() => document.querySelectorAll('[aria-invalid="true"]').length === 0);

  await page.getByRole("button", { name: "Remove line 1" }).click();
  await send.click();
  await page.getByRole("alert").filter({ hasText: "there is no order line" }).waitFor();
  await page.getByRole("button", { name: "Add a line" }).click();
  await field("SKU").fill("CUP");
  await send.click();
  const { createDate, ...order } = JSON.parse(await page.locator("output").textContent());
  assert.match(createDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "as the API documents it");
  assert.deepEqual(order, {
    clientId: "1234",
    clientOrderId: "W-1",
    inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
    orderLines: [{ sku: "CUP", orderedQuantity: 1 }],
    toAddress: {
      name: "Ann Lee",
      addressLines: ["1 Main St"],
      cityTown: "Boston",
      stateProvince: "MA",
      postalCode: "02110",
      countryCode: "US",
    },
  });
  assert.deepEqual(strays, []);
});

/** The page that the build has made, for the path that a browser asks for. */
async function index(folder) {
  return { "/": await readFile(join(folder, "dist", "index.html"), "utf8") };
}
