import { tool, versionOf } from "../support.mjs";

const libc = process.platform === "linux" ? "-glibc" : "";
const deno = tool(`@deno/${process.platform}-${process.arch}${libc}`, "deno");

export const title = "Deno";
export const version = await versionOf("deno");
export const note = "needs `--allow-read`, to read its WebAssembly";
export const files = ["main.mjs"];

export const ways = {
  import: ({ folder, printed }) => printed(deno, ["run", "--no-prompt", "--cached-only", `--allow-read=${folder}`, "main.mjs"]),
};
