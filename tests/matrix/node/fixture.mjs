import { tool, versionOf } from "../support.mjs";

const RELEASES = ["node20", "node24"].map((name) => `${name}-${process.platform}-${process.arch}`);

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
