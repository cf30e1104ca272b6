// The package as its users get it: packed, and installed from the tarball into a folder of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { pkg, root } from "../../scripts/lib/paths.mjs";

const CONSUMERS = join(root, "tests", "packaging", "consumers");
const SHARED = join(root, "tests", "matrix", "shared");

/** What a program has as its environment: what npm and the test runner set for their children is not what a user has. */
const environment = (more) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_TEST_)/.test(name))),
  ...more,
});

/** Runs a program to its end, for at most two minutes; rejects if it fails. */
export function output(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${signal ?? code}:\n${stdout}${stderr}`));
    });
  });
}

/**
 * Starts a program that runs on, a server, and waits for at most two minutes until it has said what `ready` looks for. Gives what was
 * found. The program is ended with the test.
 */
export async function started(t, command, args, { ready, cwd = root, env = {} }) {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  t.after(async () => {
    child.kill();
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await closed;
    clearTimeout(late);
  });
  let said = "";
  return new Promise((resolve, reject) => {
    const failed = (how) => reject(new Error(`${command} ${args.join(" ")} ${how}:\n${said}`));
    const late = setTimeout(() => failed("was not ready in two minutes"), 120_000);
    child.on("error", (error) => failed(`could not be started (${error.message})`));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        said += stripVTControlCharacters(String(data));
        const found = ready.exec(said);
        if (!found) return;
        clearTimeout(late);
        resolve(found);
      });
    }
    void closed.then((how) => {
      clearTimeout(late);
      failed(`ended with ${how}`);
    });
  });
}

/** Packs what `npm run build` made. Gives the tarball's path; it is there until the test ends. */
export async function pack(t) {
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-pack-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await output("npm", ["pack", pkg, "--pack-destination", folder, "--silent"]);
  const [file] = await readdir(folder);
  return join(folder, file);
}

/**
 * A project with the tarball installed, and in it these files of `consumers/` and the orders of the matrix. Gives its folder; it is
 * there until the test ends.
 */
export async function project(t, ...consumers) {
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-project-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  await output("npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", await pack(t)], { cwd: folder });
  for (const file of consumers) await cp(join(CONSUMERS, file), join(folder, file));
  await cp(join(SHARED, "orders.mjs"), join(folder, "orders.mjs"));
  return folder;
}

/** Checks what became of the orders: two were sent and stored, and the one between them, which has no id, was not sent. */
export function checkOutcome({ submissionId, orderIds, ...rest }) {
  assert.match(submissionId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const [first, none, last] = orderIds;
  for (const id of [first, last]) assert.match(id, /^ORA\d+US$/);
  assert.equal(none, null);
  assert.notEqual(first, last);
  assert.deepEqual(rest, {
    valid: true,
    counts: { accepted: 2, rejected: 0, invalid: 1, failed: 0, unknown: 0 },
    outcomes: ["accepted", "invalid", "accepted"],
    code: "required",
  });
}
