import assert from "node:assert/strict";

import { html, script } from "../support.mjs";

export const title = "Page without a bundler";
export const version = "Chromium";
export const note = "an import map leads `pb-fulfillment` to its `index.js`";
export const files = ["page.js", "page-inline.js"];

const imports = {
  "pb-fulfillment": "/node_modules/pb-fulfillment/index.js",
  "pb-fulfillment/inline": "/node_modules/pb-fulfillment/inline.js",
};
const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;

/** Loads a script, and gives what came of it and which files of the package the page asked for. */
async function load({ served }, file) {
  const asked = [];
  const answer = (path) => path.includes("/pb-fulfillment/") && asked.push(path.split("/").at(-1)) < 0;
  const outcome = await served(".", { pages: { "/": html(map, script(`/${file}`)) }, answer });
  return { outcome, asked };
}

export const ways = {
  async run(context) {
    const { outcome, asked } = await load(context, "page.js");
    assert.deepEqual(asked, ["index.js", "check.wasm", "send.wasm"]);
    return outcome;
  },
  async "run `/inline`"(context) {
    const { outcome, asked } = await load(context, "page-inline.js");
    assert.deepEqual(asked, ["inline.js", "core.text.js"]);
    return outcome;
  },
};
