import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { checkOutcome } from "../../packaging/support.mjs";

const { dependencies } = JSON.parse(await readFile(join(import.meta.dirname, "package.json"), "utf8"));

export const title = "Next.js";
export const version = dependencies.next;
export const note =
  'client component and route handler; with `--webpack` it takes `serverExternalPackages: ["pb-fulfillment"]`; in the edge runtime `/slim` takes `core.wasm?module`, by its path';

const NEXT = join("node_modules", "next", "dist", "bin", "next");
const env = { NEXT_TELEMETRY_DISABLED: "1" };

/** What the server answers; in development it makes what is asked for first, and that can take its time. */
async function answer(url) {
  const answer = await fetch(url);
  const text = await answer.text();
  assert.equal(answer.status, 200, `${url}: ${text}`);
  return text;
}

/** Starts the server. Gives what its page ends up with, after what its route handlers do. */
async function visited({ folder, started, outcomeOf }, command, ...options) {
  const args = [join(folder, NEXT), command, ...options, "--hostname", "127.0.0.1", "--port", "0"];
  const [, origin] = await started(process.execPath, args, { ready: /Local: +(http:\S+)[^]* Ready in/, env });
  for (const path of ["/api", "/edge"]) checkOutcome(JSON.parse(await answer(`${origin}${path}`)));
  await answer(`${origin}/`);
  return outcomeOf(`${origin}/`);
}

async function built(context, ...options) {
  await context.run(process.execPath, [join(context.folder, NEXT), "build", ...options], { env });
  return visited(context, "start");
}

const developed = (context, ...options) => visited(context, "dev", ...options);

/** With webpack, which has an address for an asset of the server and no file. */
const withWebpack = (how) => async (context) => {
  await writeFile(join(context.folder, "next.config.mjs"), 'export default { serverExternalPackages: ["pb-fulfillment"] };\n');
  return how(context, "--webpack");
};

export const ways = {
  build: (context) => built(context),
  dev: (context) => developed(context),
  "build `--webpack`": withWebpack(built),
  "dev `--webpack`": withWebpack(developed),
};
