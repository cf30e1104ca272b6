// A headless Chromium, and a server of files for it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { chromium } from "playwright-core";

import { BROWSER_ARGS, setUpBrowser } from "../../scripts/setup.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Starts the browser; it is closed when the test ends. */
export async function launch(t) {
  const { chrome } = await setUpBrowser();
  const browser = await chromium.launch({ executablePath: chrome, args: BROWSER_ARGS });
  t.after(() => browser.close());
  return browser;
}

/**
 * Serves a folder on a free port of this machine until the test ends; gives its origin.
 *
 * @param pages texts by path, beside the files
 * @param headers of every answer
 * @param answer may answer a request itself: gives true when it has, or a promise of it
 */
export async function serve(t, folder, { pages = {}, headers = {}, answer = () => false } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    if (await answer(path, response, request)) return;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const text = pages[path];
    const body = text ?? (await readFile(join(folder, normalize(path))).catch(() => undefined));
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader("content-type", TYPES[extname(path)] ?? (text === undefined ? "application/octet-stream" : TYPES[".html"]));
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** Opens a page and gathers whatever error nobody caught, and what the console complains of. */
export async function open(browser, url) {
  const page = await browser.newPage();
  const strays = [];
  page.on("pageerror", (error) => strays.push(String(error)));
  await page.goto(url);
  return { page, strays };
}
