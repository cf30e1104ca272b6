import assert from "node:assert/strict";

import { tool, versionOf } from "../support.mjs";

const release = (name) => `${name}-${process.platform}-${process.arch}`;
const RELEASES = ["node20", "node24"].map(release);

export const title = "Node";
export const version = (await Promise.all(RELEASES.map(versionOf))).join(", ").replaceAll("v", "");
export const files = ["main.mjs", "main.cjs"];

const [oldest, newest] = RELEASES.map((name) => tool(name, "bin/node"));
const started = (node, file) => (context) => context.printed(node, ["--trace-warnings", file]);

export const ways = {
  "import in 20": started(oldest, "main.mjs"),
  "require in 20": started(oldest, "main.cjs"),
  "import in 24": started(newest, "main.mjs"),
  "require in 24": started(newest, "main.cjs"),
};

const AGED = `
  const errors = [
    () => import("pb-fulfillment").then(({ validateOrders }) => validateOrders([])),
    () => require("pb-fulfillment/inline").validateOrders([]),
    () => import("pb-fulfillment").then((pkg) => new pkg.FulfillmentClient({ baseURL: "https://broker.test" }).submitOrders([])),
    () => import("pb-fulfillment/emulator").then(({ createEmulator }) => createEmulator()),
  ].map((call) => Promise.resolve().then(call).catch(({ code, message }) => ({ code, message })));
  Promise.all(errors).then((errors) => console.log(JSON.stringify(errors)));`;

export const checks = {
  // It has no reference types in WebAssembly, and no fetch.
  "16 is told what it lacks": async ({ printed }) => {
    const errors = await printed(tool(release("node16"), "bin/node"), ["-e", AGED]);
    assert.equal(errors.length, 4);
    for (const { code, message } of errors) {
      assert.equal(code, "unsupported_runtime", message);
      assert.match(message, /needs (WebAssembly with SIMD .* and reference types|Request and Headers.*), which .* Node 20\.19/);
    }
  },
};
