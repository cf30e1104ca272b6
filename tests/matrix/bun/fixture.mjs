import { tool, versionOf } from "../support.mjs";

const cpu = process.arch === "arm64" ? "aarch64" : process.arch;
const bun = tool(`@oven/bun-${process.platform}-${cpu}`, "bin/bun");

export const title = "Bun";
export const version = await versionOf("bun");
export const files = ["main.mjs", "main.cjs"];

export const ways = {
  import: ({ printed }) => printed(bun, ["--no-install", "main.mjs"]),
  require: ({ printed }) => printed(bun, ["--no-install", "main.cjs"]),
};
