// Whoever opens the page, and however: by keyboard, on a phone, in the dark; and what the page never does.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, loadSample, open, order, paste, reset, send, serve, silent } from "./support.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
  await reset(server.url);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(options, run) {
  const opened = await open(browser, server.url, options);
  try {
    await run(opened.page, opened);
    assert.deepEqual(opened.trouble, [], silent(opened));
  } finally {
    await opened.context.close();
  }
}

/** Shows the page's three steps, and its dialogs, one after another. */
async function walk(page, look) {
  await look("orders");
  await paste(page, "{ broken");
  await look("not JSON");
  await loadSample(page, "northwind-raw.json");
  await look("check");
  await page.locator(".kind").first().click();
  await look("one kind");
  await page.click("#review-fixes");
  await look("fixes");
  await page.keyboard.press("Escape");
  await page.locator(".order-head button").first().click();
  await page.locator(".whole summary").click();
  await look("editor");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Choose another file" }).click();
  await look("a file is open");
  await loadSample(page, "northwind-orders.json");
  await page.click("#send-orders");
  await look("question");
  await page.keyboard.press("Escape");
  await send(page);
  await look("outcomes");
  await page.locator("#faults summary").click();
  await look("faults");
}

describe("a phone of 360 pixels", () => {
  it("shows every step without scrolling sideways, with targets to hit", async () => {
    await visit({ viewport: { width: 360, height: 740 } }, (page) =>
      walk(page, async (what) => {
        const { wide, small } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          // WCAG 2.2, 2.5.8: at least 24 by 24 pixels.
          small: [...document.querySelectorAll("button, summary, select, input:not([type=file]), label.button")]
            .filter((each) => each.checkVisibility())
            .map((each) => [
              each.textContent || each.id,
              each.closest("label.check") ? each.closest("label.check").getBoundingClientRect() : each.getBoundingClientRect(),
            ])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([name]) => name),
        }));
        assert.equal(wide, 0, `${what} scrolls sideways`);
        assert.deepEqual(small, [], `${what} has targets that are too small`);
      }),
    );
  });
});

for (const colorScheme of ["light", "dark"]) {
  describe(`in ${colorScheme} colours`, () => {
    it("all text has a contrast of at least 4.5 to what is behind it", async () => {
      await visit({ colorScheme }, (page) => walk(page, async (what) => assert.deepEqual(await page.evaluate(faintTexts), [], what)));
    });
  });
}

describe("the keyboard alone", () => {
  it("loads, looks through, sends and reads", async () => {
    await visit({}, async (page) => {
      const focused = () => page.evaluate(() => (document.activeElement.textContent || document.activeElement.id).trim());
      const tabTo = async (pattern) => {
        for (let turn = 0; turn < 60; turn += 1) {
          await page.keyboard.press("Tab");
          if (pattern.test(await focused())) {
            const ring = await page.evaluate(
              () =>
                getComputedStyle(
                  document.activeElement.matches(".visually-hidden") ? document.activeElement.nextElementSibling : document.activeElement,
                ).outlineStyle,
            );
            assert.notEqual(ring, "none", `${pattern} shows the focus`);
            return;
          }
        }
        assert.fail(`${pattern} was not reached`);
      };
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Skip to the orders");
      await tabTo(/^One documented order/);
      await page.keyboard.press("Enter");
      await page.locator(".step-check h1").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
      await tabTo(/^Send orders/);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await page.locator("#confirm-warnings").focus();
      await page.keyboard.press("Space");
      await tabTo(/^Send 1 order/);
      await page.keyboard.press("Enter");
      await page.locator("#download-csv").waitFor();
      assert.equal(await focused(), "The order was accepted");
    });
  });
});

describe("names and structure", () => {
  it("every control has a name, every step one heading of the first level, and the landmarks are there", async () => {
    await visit({}, (page) =>
      walk(page, async (what) => {
        const found = await page.evaluate(() => ({
          nameless: [...document.querySelectorAll("button, input, select, textarea, summary")]
            .filter((each) => each.checkVisibility())
            .filter((each) => !(each.textContent.trim() || each.labels?.length || each.getAttribute("aria-label")))
            .map((each) => each.outerHTML),
          headings: [...document.querySelectorAll("h1")].filter((each) => each.checkVisibility()).length,
          landmarks: ["header", "nav", "main", "footer"].filter((name) => document.querySelectorAll(name).length === 0),
          twice: [...document.querySelectorAll("[id]")].map((each) => each.id).filter((id, at, all) => all.indexOf(id) !== at),
        }));
        assert.deepEqual(found, { nameless: [], headings: 1, landmarks: [], twice: [] }, what);
      }),
    );
  });
});

describe("privacy and safety", () => {
  it("nothing is stored, nothing comes from elsewhere, and no script sees the session", async () => {
    await visit({}, async (page, { requests, context }) => {
      await paste(page, [await order()]);
      await send(page);
      const kept = await page.evaluate(async () => [
        localStorage.length,
        sessionStorage.length,
        (await indexedDB.databases()).length,
        (await caches.keys()).length,
        document.cookie,
      ]);
      assert.deepEqual(kept, [0, 0, 0, 0, ""]);
      assert.deepEqual(
        requests.filter((url) => new URL(url).origin !== new URL(server.url).origin && !url.startsWith("blob:")),
        [],
      );
      for (const cookie of await context.cookies()) assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", cookie.name);
    });
  });

  it("the headers forbid inline code, framing and sniffing", async () => {
    const answer = await fetch(server.url);
    const policy = answer.headers.get("content-security-policy");
    for (const rule of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      assert.ok(policy.includes(rule), rule);
    }
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    for (const path of ["/page.js", "/samples/northwind-orders.json", "/no-such-file"]) {
      assert.ok((await fetch(new URL(path, server.url))).headers.get("content-security-policy"), path);
    }
  });

  it("a visitor gets a new session before the old one runs out, and nobody else does", async () => {
    const renew = (cookie) => fetch(new URL("/session", server.url), { method: "POST", headers: { ...(cookie && { cookie }) } });
    assert.equal((await renew()).status, 401);
    assert.equal((await renew("pbf_visitor=somebody")).status, 401);
    const opened = (await fetch(server.url)).headers.getSetCookie();
    const visitor = opened.find((cookie) => cookie.startsWith("pbf_visitor=")).split(";")[0];
    const answer = await renew(visitor);
    const [session] = answer.headers.getSetCookie();
    assert.equal(answer.status, 204);
    assert.match(session, /^pbf_session=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Max-Age=\d{1,3}; HttpOnly; SameSite=Strict$/);
    const page = { origin: new URL(server.url).origin, "content-type": "application/json", "x-pb-fulfillment-client": "1" };
    const ask = (cookie) =>
      fetch(new URL("/api/v1/orders/bulk", server.url), {
        method: "POST",
        headers: { ...page, cookie, "idempotency-key": '"7c1f7a0e-renewed"' },
        body: "{}",
      });
    // It is let in, and then told that this is no list of orders.
    assert.equal((await ask(session.split(";")[0])).status, 422);
    assert.equal((await ask(visitor)).status, 401);
  });

  it("without a session the broker takes nothing", async () => {
    const answer = await fetch(new URL("/api/v1/orders/bulk", server.url), {
      method: "POST",
      headers: {
        origin: new URL(server.url).origin,
        "content-type": "application/json",
        "idempotency-key": '"0b8d1a5c-9f0e-4b5e-8d8c-3a1f2b4c5d6e"',
        "x-pb-fulfillment-client": "1",
      },
      body: JSON.stringify({ orders: [await order()] }),
    });
    assert.equal(answer.status, 401);
  });
});

/** Runs in the page: the texts whose contrast is below that of WCAG 2.2, 1.4.3. */
function faintTexts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255, 1];
  };
  const luminance = (color) => {
    const [red, green, blue] = color.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (
      !walker.currentNode.data.trim() ||
      !element.checkVisibility({ opacityProperty: true }) ||
      element.closest(":disabled, .visually-hidden, noscript")
    )
      continue;
    const [light, dark] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.add(`${walker.currentNode.data.trim().slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return [...faint];
}
