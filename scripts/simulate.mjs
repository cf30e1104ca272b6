// Runs tests/simulation: `npm run simulate -- --seeds N`, from another first seed with `--from S`; `--seed N` runs one and tells what
// happens in it; `--mutations` breaks the code in one way after another and demands that the simulation finds each.
import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { MUTATIONS } from "../tests/simulation/mutations.mjs";
import { cargoTarget, root } from "./lib/paths.mjs";
import { Explained, main, run, say, since } from "./lib/run.mjs";

/** How many seeds a mutation has to be found in. */
const SEEDS_OF_MUTATION = 10_000;

const TEST = ["test", "--quiet", "--test", "simulation", "what_is_told", "--", "--nocapture"];

function simulate(env) {
  return run("cargo", TEST, { env: { RUST_BACKTRACE: "0", ...env } });
}

/** Runs the simulation on code that is broken on purpose; each time it must fail. What it is run on is a copy. */
async function mutate(names) {
  const unknown = names.find((name) => !MUTATIONS.some((mutation) => mutation.name === name));
  if (unknown !== undefined) {
    throw new Explained(`There is no mutation “${unknown}”. There are:\n${MUTATIONS.map(({ name }) => name).join("\n")}`);
  }
  const copy = join(cargoTarget, "mutations");
  await rm(join(copy, "src"), { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  const kept = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "src",
    join("tests", "simulation"),
    join("tests", "support"),
    join("tests", "harness"),
    // Not compiled, but named by the manifest.
    join("tests", "wasm"),
  ];
  for (const name of kept) await cp(join(root, name), join(copy, name), { recursive: true });
  const missed = [];
  for (const { name, file, from, to } of MUTATIONS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const path = join(copy, file);
    const text = await readFile(path, "utf8");
    if (text.split(from).length !== 2) throw new Explained(`Mutation “${name}”: ${file} must have this once:\n${from}`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
    const start = performance.now();
    const env = { RUST_BACKTRACE: "0", CARGO_TARGET_DIR: join(copy, "target") };
    const compiles = outcome(["test", "--quiet", "--no-run", "--test", "simulation"], copy, env);
    if (!compiles.ok) throw new Explained(`Mutation “${name}” does not compile:\n${compiles.text}`);
    const { ok, text: told } = outcome(TEST, copy, { ...env, SIMULATION_SEEDS: String(SEEDS_OF_MUTATION), SIMULATION_STOP: "1" });
    const [, seed] = /^seed (\d+) fails/m.exec(told) ?? [];
    const [, why] = /panicked at [^\n]*\n([^\n]*)/.exec(told) ?? [];
    if (ok || !seed) missed.push(name);
    say(`${ok ? "MISSED" : `seed ${seed}`}, after ${since(start)}: ${name}${why ? ` (${why.slice(0, 120)})` : ""}`);
    await writeFile(path, text);
  }
  if (missed.length > 0) throw new Explained(`The simulation does not find: ${missed.join("; ")}`);
}

/** Whether Cargo succeeds there, and all that it says. */
function outcome(args, cwd, env) {
  const { status, stdout, stderr } = spawnSync("cargo", args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { ok: status === 0, text: stdout + stderr };
}

/** A whole number from 1, or nothing. */
function count(name, text) {
  if (text !== undefined && !/^[1-9]\d{0,14}$/.test(text)) throw new Explained(`--${name} takes a whole number from 1.`);
  return text;
}

await main(async () => {
  const text = { type: "string" };
  const options = { seed: text, seeds: text, from: text, mutations: { type: "boolean" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length > 0 && !values.mutations) throw new Explained(`${positionals[0]} is the name of nothing without --mutations.`);
  const seed = count("seed", values.seed);
  if (values.mutations) await mutate(positionals);
  else if (seed) await simulate({ SIMULATION_SEED: seed });
  else await simulate({ SIMULATION_SEEDS: count("seeds", values.seeds) ?? "3000", SIMULATION_FROM: count("from", values.from) ?? "1" });
});
