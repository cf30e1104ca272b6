// Sets up what is missing, builds what is out of date, and serves page, broker and emulator: `npm start`.
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { build } from "./build.mjs";
import { build as out, pkg, root } from "./lib/paths.mjs";
import { Explained, main, say, step } from "./lib/run.mjs";
import { setUp } from "./setup.mjs";

const PORT = 8787;
const URL_OF_PAGE = `http://localhost:${PORT}`;

/** How long the server may take to answer for the first time. */
const READY_WITHIN_MS = 60_000;

/** How long it may take to end before it is ended for it. */
const END_WITHIN_MS = 5_000;

/** What the package is made from. */
const SOURCES = [
  "Cargo.lock",
  "Cargo.toml",
  "LICENSE",
  "README.md",
  "docs",
  "examples",
  "pkg-template",
  "scripts/build.mjs",
  "scripts/lib",
  "src",
];

/** Whether the package is missing, or older than what it is made from. */
async function outOfDate() {
  const built = await stat(join(pkg, "package.json")).catch(() => undefined);
  if (!built) return true;
  for (const source of SOURCES) if ((await newest(join(root, source))) > built.mtimeMs) return true;
  return false;
}

/** When a file, or the youngest file in a folder, was last changed. */
async function newest(path) {
  const there = await stat(path);
  if (!there.isDirectory()) return there.mtimeMs;
  const inside = await readdir(path);
  return Math.max(0, ...(await Promise.all(inside.map((name) => newest(join(path, name))))));
}

/** Says so at once if the port is taken: wrangler would, late and in many lines. */
function checkPort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", () => reject(new Explained(`Something else listens on port ${PORT}: end it, then try again.`)));
    probe.listen(PORT, "127.0.0.1", () => probe.close(resolve));
  });
}

/** Runs the development Worker until it ends or is told to. */
async function serve() {
  await checkPort();
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  const server = spawn(
    process.execPath,
    [
      wrangler,
      "dev",
      "--config",
      join(root, "www", "wrangler.jsonc"),
      "--local",
      "--show-interactive-dev-session=false",
      "--log-level=warn",
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      // Without these it would send usage data, and ask Cloudflare where on earth this machine is.
      env: {
        ...process.env,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        // A register of its own, so that nothing else that wrangler serves on this machine has a part in it.
        WRANGLER_REGISTRY_PATH: join(out, "registry"),
      },
      // A group of its own, so that Ctrl-C comes here alone and the server's own children end with it.
      detached: true,
    },
  );
  let stopping = false;
  const ended = new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new Explained(`wrangler could not be started: ${error.message}`)));
    server.once("exit", (code, signal) =>
      stopping ? resolve() : reject(new Explained(`The server ended with ${signal ?? `status ${code}`}.`)),
    );
  });
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say("Stopping ...");
    signalGroup(server, "SIGTERM");
    setTimeout(() => signalGroup(server, "SIGKILL"), END_WITHIN_MS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  const answered = answers(() => stopping).then((ready) => {
    if (ready) say(`The page is at ${URL_OF_PAGE} (Ctrl-C ends it)`);
    else if (!stopping) throw new Explained(`Nothing answered at ${URL_OF_PAGE} within ${READY_WITHIN_MS / 1000} s.`);
  });
  try {
    await Promise.race([ended, answered.then(() => ended)]);
  } finally {
    signalGroup(server, "SIGKILL");
  }
  say("Stopped.");
}

/** Whether the page answers before the time is over or `givenUp` says so. */
async function answers(givenUp) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!givenUp() && Date.now() < deadline) {
    const answer = await fetch(URL_OF_PAGE, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function signalGroup({ pid }, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

await main(async () => {
  await setUp();
  if (await outOfDate()) await build();
  // Loaded late: it needs esbuild, which is there only once set-up has run.
  const { buildPage } = await import("../www/build.mjs");
  await step("Building the page", () => buildPage({ pkgDir: pkg, outDir: join(out, "www") }));
  say("Starting page, broker and emulator ...");
  await serve();
});
