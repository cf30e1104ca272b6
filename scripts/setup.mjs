// Sets up what is missing, and nothing that is there. Uses only what comes with Node: it runs before anything is installed.
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createHash } from "node:crypto";

import { root, tools } from "./lib/paths.mjs";
import { Explained, main, output, run, step } from "./lib/run.mjs";

const OLDEST_NODE = [20, 19];
const WASM = "wasm32-unknown-unknown";

/** What building needs. */
export async function setUp() {
  checkNode();
  checkCargo();
  await Promise.all([nodeModules(), rustTarget().then(wasmBindgen)]);
}

/** What a browser is started with for tests: it makes no requests of its own, and has no sandbox, which a container may not grant. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser that tests run in: Chromium or Chrome, and its driver. */
export async function setUpBrowser() {
  if (!findBrowser() && process.getuid?.() === 0 && output("apt-get", ["--version"])) {
    await step("Installing Chromium from Debian's packages", async () => {
      await run("apt-get", ["update", "-qq"]);
      await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "chromium-driver"]);
    });
  }
  const found = findBrowser();
  if (found) return found;
  throw new Explained(
    "The tests run in Chromium, and none was found. On Debian: apt-get install chromium chromium-driver.\n" +
      "Or set CHROME_PATH to a Chromium or Chrome, and CHROMEDRIVER to the chromedriver of the same version.",
  );
}

/** Path of wasm-bindgen's command-line tools. */
export const tool = (name) => join(tools, "bin", name);

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Explained(`Node ${process.versions.node} is too old: ${OLDEST_NODE.join(".")} or newer is needed.`);
  }
}

function checkCargo() {
  if (!output("cargo", ["--version"])) throw new Explained("cargo was not found: install Rust, see https://rust-lang.org/tools/install");
}

async function nodeModules() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".set-up-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  await step("Installing the npm packages that building and testing need", () => run("npm", ["ci", "--loglevel=error"]));
  writeFileSync(stamp, lock);
}

async function rustTarget() {
  const sysroot = output("rustc", ["--print", "sysroot"]);
  if (existsSync(join(sysroot, "lib", "rustlib", WASM))) return;
  await step(`Adding Rust's ${WASM} target`, () => run("rustup", ["target", "add", WASM]));
}

/** The command-line tool must have the very version of the crate, or it refuses the crate's output. */
async function wasmBindgen() {
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))?.[1];
  if (!version) throw new Explained("Cargo.lock names no wasm-bindgen.");
  if (output(tool("wasm-bindgen"), ["--version"]) === `wasm-bindgen ${version}`) return;
  await step(`Building wasm-bindgen ${version} (once, some minutes)`, () =>
    run("cargo", ["install", "wasm-bindgen-cli", "--version", version, "--root", tools, "--force", "--quiet"], {
      // The tool itself is not ours to warn about, nor are our target's flags for it.
      env: { CARGO_TARGET_DIR: join(tools, "target"), RUSTFLAGS: "" },
    }),
  );
}

function findBrowser() {
  const chrome = process.env.CHROME_PATH ?? find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  const driver = process.env.CHROMEDRIVER ?? find("chromedriver");
  return chrome && driver ? { chrome, driver } : undefined;
}

function find(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await setUp();
    await setUpBrowser();
  });
}
