// What the package can be imported by, in one table; the bundles, the types and package.json's `exports` are all made from it.

/**
 * The entries by name: `.` is `index`, any other is `./<name>`. For each condition, how it gets its program: the ending of the files
 * `src/load/{core,server}.<ending>.ts`. One bundle is made for each. `from` names an entry whose own bundle serves under a condition.
 */
export const ENTRIES = {
  index: { workerd: "workerd", node: "node", require: "node", default: "browser" },
  // All but the client, for pages that check and do not send.
  validate: { workerd: "workerd", node: "node", require: "node", default: "browser" },
  // All, and what reads streams: pages without them need not download it.
  streams: { workerd: { from: "index" }, node: { from: "index" }, require: { from: "index" }, default: "browser" },
  // Brings no program: the validator comes with the schema that it is given.
  form: { require: "slim", default: "slim" },
  // The caller brings the program, so that all runtimes are alike.
  slim: { require: "slim", default: "slim" },
  // workerd compiles no bytes: it has the program of `index`.
  inline: { workerd: { from: "index" }, node: "inline-sync", require: "inline-sync", default: "inline" },
  broker: { workerd: "workerd", node: "node", require: "node", default: "browser" },
  outbox: { workerd: "workerd", node: "node", require: "node", default: "browser" },
  emulator: { workerd: "workerd", node: "node", require: "node", default: "browser" },
};

/** What is published as a file, besides the programs. */
const FILES = ["schema.json", "package.json"];

const ENDINGS = { workerd: ".workerd.js", node: ".node.js", require: ".cjs", default: ".js" };

/** The command line: a program, and no entry to import. */
const COMMAND = { entry: "cli/main", file: "cli.js", load: "node", format: "esm", platform: "node" };

/** The bundles to make: `{ entry, file, load, format, platform }` for each. */
export function bundles() {
  const entries = Object.entries(ENTRIES).flatMap(([entry, conditions]) =>
    Object.entries(conditions)
      .filter(([, load]) => typeof load === "string")
      .map(([condition, load]) => ({
        entry,
        file: `${entry}${ENDINGS[condition]}`,
        load,
        format: condition === "require" ? "cjs" : "esm",
        platform: condition === "node" || condition === "require" ? "node" : "browser",
      })),
  );
  return [...entries, COMMAND];
}

/** The `exports` of package.json, with the files of the programs. `types` comes first in every branch, and `workerd` before all that its bundler knows besides. */
export function exportsMap(programs) {
  const map = {};
  for (const [entry, conditions] of Object.entries(ENTRIES)) {
    const branch = (condition) => ({
      types: `./types/${entry}.d.${condition === "require" ? "cts" : "ts"}`,
      default: `./${conditions[condition]?.from ?? entry}${ENDINGS[condition]}`,
    });
    const esm = branch(conditions.node ? "node" : "default");
    map[entry === "index" ? "." : `./${entry}`] = {
      ...(conditions.workerd && { workerd: branch("workerd") }),
      node: { import: esm, require: branch("require") },
      default: branch("default"),
    };
  }
  for (const file of programs) map[`./${file}`] = { types: "./types/wasm.d.ts", default: `./${file}` };
  for (const file of FILES) map[`./${file}`] = `./${file}`;
  return map;
}
