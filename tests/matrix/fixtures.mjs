// The fixtures, in the order of the table. Each has a folder here, with a fixture.mjs that exports
//   title    the name in the table
//   version  what it was run with
//   note     what its user has to do, if anything; Markdown
//   files    of shared/, what it needs besides the orders
//   ways     by name, how it is run: each a function of what support.mjs gives it, that gives what became of the orders
//   checks   by name, what else holds there: functions of the same, that assert; they are no part of the table
// A tool that must be installed in the project itself is in a package.json of that folder, with its lock: it is put into the project.

export const FIXTURES = [
  "node",
  "deno",
  "bun",
  "wrangler",
  "page",
  "web-worker",
  "service-worker",
  "vite",
  "webpack",
  "rspack",
  "next",
  "rollup",
  "esbuild",
  "parcel",
  "typescript",
];

/** Those that take minutes, which `npm test` leaves to `npm run test:full`. */
export const SLOW = ["next"];
