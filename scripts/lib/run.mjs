// Runs programs and says what is going on.
import { spawn, spawnSync } from "node:child_process";

import { root } from "./paths.mjs";

/** Says what is being done. */
export function say(text) {
  console.log(`\u25b8 ${text}`);
}

/** Seconds since, for people. */
export function since(start) {
  const seconds = (performance.now() - start) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Says what is being done, does it, and says how long it took. */
export async function step(text, action) {
  const start = performance.now();
  say(`${text} ...`);
  const result = await action();
  say(`${text}: done in ${since(start)}`);
  return result;
}

/** What a person should read instead of a stack: the set-up is not as it must be, and what to do. */
export class Explained extends Error {}

/** Runs a program with its output shown. Rejects when it fails. */
export function run(command, args, { env, cwd = root, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", onLine ? "pipe" : "inherit", onLine ? "pipe" : "inherit"],
    });
    if (onLine) for (const stream of [child.stdout, child.stderr]) passOn(stream, onLine);
    child.on("error", (error) => reject(new Explained(`${command} could not be started: ${error.message}`)));
    child.on("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Explained(`${[command, ...args].join(" ")} ended with ${signal ?? `status ${code}`}`)),
    );
  });
}

function passOn(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    process.stdout.write(chunk);
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    lines.forEach(onLine);
  });
  stream.on("end", () => rest && onLine(rest));
}

/** What a program prints, or `undefined` when it cannot be run or fails. */
export function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs a script's main function; what is explained is shown without a stack. */
export async function main(action) {
  try {
    await action();
  } catch (error) {
    console.error(error instanceof Explained ? `\n\u2717 ${error.message}` : error);
    process.exitCode = 1;
  }
}
