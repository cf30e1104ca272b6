// Serves the page as `npm start` does and opens it in headless Chromium. What is served must have been built before.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

import { setUpBrowser } from "../../scripts/setup.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const READY_WITHIN_MS = 60_000;

/** Starts the development Worker, or takes the one that `PAGE_URL` names. `stop` ends only what was started here. */
export async function serve() {
  if (process.env.PAGE_URL) return { url: process.env.PAGE_URL, stop: async () => {} };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const state = await mkdtemp(join(tmpdir(), "pb-fulfillment-page-"));
  const server = spawn(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      "--config",
      join(root, "www/wrangler.jsonc"),
      "--port",
      String(port),
      "--var",
      `ALLOWED_ORIGINS:${new URL(url).origin}`,
      "--inspector-port",
      "0",
      "--persist-to",
      state,
      "--show-interactive-dev-session=false",
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "1" },
      detached: true,
    },
  );
  let output = "";
  server.stdout.on("data", (data) => (output += data));
  server.stderr.on("data", (data) => (output += data));
  const stop = async () => {
    if (server.exitCode === null) {
      // wrangler's own children are in its process group.
      process.kill(-server.pid, "SIGTERM");
      await once(server, "exit");
    }
    await rm(state, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return { url, stop, output: () => output };
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the page was not served:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A port that nobody listens on, so that test files can run side by side. */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts Chromium. */
export async function launch() {
  const { chrome } = await setUpBrowser();
  return chromium.launch({
    executablePath: chrome,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

/** Opens the page in a context of its own and waits until it is ready. `trouble` collects what must not happen. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const trouble = [];
  const requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  await page.waitForSelector("[data-ready]");
  return { page, context, trouble, requests };
}

/** Loads one of the page's samples and waits for the check. */
export async function loadSample(page, name) {
  await page.click(`[data-sample="${name}"]`);
  await page.locator(".step-check h1").waitFor();
}

/** Pastes a text, or a value as JSON. */
export async function paste(page, content) {
  await page.fill(".paste textarea", typeof content === "string" ? content : JSON.stringify(content));
  await page.getByRole("button", { name: "Check pasted orders" }).click();
}

/** Answers the question before sending as one who has looked at the warnings, and waits for the end. */
export async function send(page, { wait = true } = {}) {
  await page.click("#send-orders");
  if (await page.locator("#confirm-warnings").isVisible()) await page.check("#confirm-warnings");
  await page.click("#confirm-send");
  if (wait) await page.locator("#download-csv").waitFor({ timeout: 60_000 });
}

/** The counts of a tally, by its labels: `{ accepted: 830 }`. */
export async function tally(page, step) {
  const entries = await page.locator(`.step-${step} .tally-legend li`).allTextContents();
  return Object.fromEntries(
    entries.map((entry) => /^([\d,]+) (.*)$/.exec(entry)).map(([, value, label]) => [label, Number(value.replaceAll(",", ""))]),
  );
}

/** What a click downloads, as text. */
export async function downloaded(page, selector) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return readFile(await download.path(), "utf8");
}

/** A file of the test data. */
export function data(name) {
  return readFile(join(root, "tests/data", name), "utf8");
}

/** A fresh, sound order. */
export async function order(changes = {}) {
  const { orders } = JSON.parse(await data("northwind-orders.json"));
  return { ...orders[0], ...changes };
}

/** Sets the emulator's faults; without a plan, none. */
export async function setFaults(url, plan = {}) {
  const answer = await fetch(new URL("/emulator/faults", url), { method: "PUT", body: JSON.stringify(plan) });
  if (!answer.ok) throw new Error(`faults not set: ${await answer.text()}`);
}

/** What the emulator has stored. */
export async function stored(url) {
  return (await (await fetch(new URL("/emulator/orders", url))).json()).orders;
}

/** Empties the emulator's store and ends its faults. */
export async function reset(url) {
  await setFaults(url);
  await fetch(new URL("/emulator/orders", url), { method: "DELETE" });
}

/** A TypeScript module of the page that has no package behind it, for tests without a browser. */
export async function pageModule(path) {
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-module-"));
  const outfile = join(folder, "module.mjs");
  await build({
    entryPoints: [join(root, "www/src", path)],
    bundle: true,
    format: "esm",
    platform: "neutral",
    outfile,
    logLevel: "warning",
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
