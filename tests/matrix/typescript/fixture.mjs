import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { tool, versionOf } from "../support.mjs";

const RELEASES = ["typescript-oldest", "typescript", "typescript-newest"];
const [oldest, current, newest] = await Promise.all(RELEASES.map(versionOf));

export const title = "TypeScript";
export const version = (await Promise.all(RELEASES.map(versionOf))).join(", ");
export const note = "`strict` and without `skipLibCheck`, what is imported and what is required";

/** As strict as can be. */
const STRICT = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];

/** Compiles a program, and whatever else says how the types must be, and runs the program. */
const compiled = (release, module, resolution) => async (context) => {
  // As an ES module, and, where the ending tells which, as a CommonJS one.
  const tests = (await readdir(join(context.folder, "types"))).map((name) => `types/${name}`);
  const sources = ["consumer.ts", ...tests.filter((name) => /[^d]\.ts$/.test(name))];
  for (const name of sources) await copyFile(join(context.folder, name), join(context.folder, asModule(name)));
  const files = ["main.mts", "consumer.ts", "consumer.mts", ...tests, ...sources.map(asModule)];
  const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", module, "--moduleResolution", resolution];
  await context.run(process.execPath, [tool(release, "bin/tsc"), ...STRICT, ...target, ...new Set(files)]);
  return context.printed(process.execPath, ["main.mjs"]);
};

const asModule = (name) => name.replace(/ts$/, "mts");

export const ways = Object.fromEntries(
  [
    [`${oldest} nodenext`, "typescript-oldest", "nodenext", "nodenext"],
    [`${oldest} bundler`, "typescript-oldest", "esnext", "bundler"],
    [`${current} node16`, "typescript", "node16", "node16"],
    [`${newest} nodenext`, "typescript-newest", "nodenext", "nodenext"],
    [`${newest} bundler`, "typescript-newest", "esnext", "bundler"],
  ].map(([way, ...how]) => [way, compiled(...how)]),
);
