// Fuzzes: `npm run fuzz -- --seconds N [target ...]`, all targets one after another without a name. What a target finds is kept in
// fuzz/corpus/, an input on which it fails in fuzz/artifacts/.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { root, tools } from "./lib/paths.mjs";
import { Explained, main, output, run, step } from "./lib/run.mjs";
import { tool } from "./setup.mjs";

const FOLDER = join(root, "fuzz");
const VERSION = "0.13.2";

/** An input on which a target takes longer than this has failed, in seconds. */
const TIMEOUT = 10;

// The targets' own folder: they are compiled with flags of their own.
const env = { CARGO_TARGET_DIR: join(root, "target", "fuzz") };

/** Compiles the targets without libFuzzer, and runs them on their seeds. Needs nothing but Cargo. */
export async function checkTargets({ onLine } = {}) {
  const crate = ["--quiet", "--manifest-path", join(FOLDER, "Cargo.toml"), "--no-default-features"];
  await run("cargo", ["clippy", ...crate, "--features", "targets", "--all-targets", "--", "-D", "warnings"], { env });
  await run("cargo", ["test", ...crate, "--no-fail-fast"], { env, onLine });
}

/** Fuzzes these targets, all if there are none. */
async function fuzz(names, seconds) {
  const known = (await readdir(join(FOLDER, "targets"))).map((file) => file.replace(/\.rs$/, "")).sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new Explained(`There is no target ${unknown}. There are: ${known.join(", ")}.`);
  await cargoFuzz();
  for (const name of names.length > 0 ? names : known) {
    const corpus = join(FOLDER, "corpus", name);
    await mkdir(corpus, { recursive: true });
    // Without a sanitizer it works with a stable compiler, and the crate has no unsafe code for one to watch.
    const cargo = ["run", "--fuzz-dir", FOLDER, "--sanitizer", "none", name, corpus, join(FOLDER, "seeds", name)];
    const libFuzzer = [`-max_total_time=${seconds}`, `-timeout=${TIMEOUT}`, `-dict=${join(FOLDER, "words.dict")}`, "-print_final_stats=1"];
    await step(`Fuzzing ${name} for ${seconds} s`, () => run(tool("cargo-fuzz"), [...cargo, "--", ...libFuzzer], { env }));
  }
}

async function cargoFuzz() {
  // libFuzzer is C++, and its coverage that of LLVM on these systems.
  if (!output("c++", ["--version"]))
    throw new Explained("Fuzzing needs a C++ compiler, and c++ was not found. On Debian: apt-get install g++.");
  if (process.platform === "win32") throw new Explained("cargo-fuzz runs on Linux and macOS only.");
  if (existsSync(tool("cargo-fuzz")) && output(tool("cargo-fuzz"), ["--version"]) === `cargo-fuzz ${VERSION}`) return;
  await step(`Building cargo-fuzz ${VERSION} (once, some minutes)`, () =>
    run("cargo", ["install", "cargo-fuzz", "--version", VERSION, "--locked", "--root", tools, "--force", "--quiet"], {
      env: { CARGO_TARGET_DIR: join(tools, "target"), RUSTFLAGS: "" },
    }),
  );
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    const { values, positionals } = parseArgs({ options: { seconds: { type: "string", default: "60" } }, allowPositionals: true });
    const seconds = Number(values.seconds);
    if (!Number.isInteger(seconds) || seconds < 1) throw new Explained("--seconds takes a whole number from 1, for each target.");
    await fuzz(positionals, seconds);
  });
}
