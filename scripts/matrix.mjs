// Runs the packed package wherever its users are: `npm run matrix` all fixtures of tests/matrix, `npm run matrix -- vite` one. README has
// a table of it; `--write` makes that anew, and without it a table that is not what the run gives is a failure.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { FIXTURES } from "../tests/matrix/fixtures.mjs";
import { pkg, root } from "./lib/paths.mjs";
import { Explained, main, run, say, step } from "./lib/run.mjs";
import { nodeTests } from "./lib/tests.mjs";
import { setUp, setUpBrowser } from "./setup.mjs";

const FOLDER = join(root, "tests", "matrix");
const README = join(root, "README.md");
const TABLE = /(<!-- The table is made by `npm run matrix -- --write`\. -->\n)([^]*?)(<!-- The table ends\. -->)/;

/** All of them together, in milliseconds. */
const TIMEOUT = 1_200_000;

/** Runs these fixtures, and compares README's rows of them with what the run gives, or writes them. */
export async function matrix(names, { write = false } = {}) {
  for (const folder of [FOLDER, ...names.map((name) => join(FOLDER, name))]) await installTools(folder);
  const results = await runFixtures(names);
  const rows = new Map(Object.entries(results).map(([name, result]) => [name, row(name, result)]));
  const text = await readFile(README, "utf8");
  const [, , before] = TABLE.exec(text) ?? [];
  if (before === undefined) throw new Explained("README.md has no place for the table of the matrix.");
  const table = tableOf(before, rows, FIXTURES);
  if (table === before) return;
  if (!write) throw new Explained("README's table is not what the matrix gives: npm run matrix -- --write, and look at what changed.");
  await writeFile(
    README,
    text.replace(TABLE, (_, start, __, end) => start + table + end),
  );
  say("README's table is written anew.");
}

/**
 * The tools that nothing but the matrix needs, or but one fixture. Their install scripts are not run: those that are used need none.
 * A folder without a package-lock.json needs none.
 */
async function installTools(folder) {
  const file = join(folder, "package-lock.json");
  if (!existsSync(file)) return;
  const lock = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  const stamp = join(folder, "node_modules", ".set-up-from");
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === lock) return;
  await step(`Installing what ${relative(root, folder)} is run with (once, some minutes)`, () =>
    run("npm", ["ci", "--ignore-scripts", "--loglevel=error"], { cwd: folder }),
  );
  await writeFile(stamp, lock);
}

async function runFixtures(names) {
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-matrix-"));
  const file = join(folder, "results.json");
  try {
    await nodeTests("matrix", { timeout: TIMEOUT, env: { MATRIX: names.join(), MATRIX_RESULTS: file } });
    return JSON.parse(await readFile(file, "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function row(name, { title, version, note, ways, passed }) {
  return `| [${title}](tests/matrix/${name}) | ${version} | ${ways.filter((way) => passed.includes(way)).join(", ")} | ${note} |`;
}

/** The table with these rows, by name. The row of a fixture that was not run stays as it is. */
function tableOf(before, rows, order) {
  const named = new Map([...before.matchAll(/^\| \[.*\]\(tests\/matrix\/([\w-]+)\).*$/gm)].map(([row, name]) => [name, row]));
  const lines = order.flatMap((name) => rows.get(name) ?? named.get(name) ?? []);
  return ["", "| where | version | what is run | to know |", "| --- | --- | --- | --- |", ...lines, "", ""].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    const args = process.argv.slice(2);
    const asked = args.filter((arg) => !arg.startsWith("--"));
    const unknown = asked.find((name) => !FIXTURES.includes(name)) ?? args.find((arg) => arg.startsWith("--") && arg !== "--write");
    if (unknown) throw new Explained(`There is no fixture ${unknown}. There are: ${FIXTURES.join(", ")}.`);
    await setUp();
    await setUpBrowser();
    if (!existsSync(join(pkg, "package.json"))) throw new Explained("There is no package yet: npm run build.");
    await matrix(asked.length > 0 ? asked : FIXTURES, { write: args.includes("--write") });
  });
}
