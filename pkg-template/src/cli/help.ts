/** What the command line says of itself. */
import { readFileSync } from "node:fs";

export const HELP = `Checks Pitney Bowes Fulfillment orders, and emulates the API that takes them.

  pb-fulfillment validate FILE...      checks files of orders, of any size; - is standard input
      --format human|json|sarif        what to print (human)
      --severity CODE=LEVEL            error, warning or off for a rule; may be given again
      --max-issues N                   how many issues to list; more are only counted (1000)
      --max-bytes N                    how many bytes an order may have (8388608)
      --errors-only                    lists errors alone; warnings are only counted
      --quiet                          no progress on standard error

  pb-fulfillment emulator              serves the API's emulator until Ctrl-C
      --port N                         where it listens (8080); 0 for any that is free
      --host NAME                      on which address (127.0.0.1)
      --api-key TEXT --api-secret TEXT the credentials that it knows (emulator-key, emulator-secret)
      --duplicates update|create       what an order does that comes again (update)
      --seed N                         makes tokens and order ids the same in each run
      --faults FILE                    a plan of faults, in JSON

  pb-fulfillment --help | --version

A file has orders as a JSON list, as { "orders": [...] }, or one after another as in NDJSON. One
without anything in it is an error.

Exit codes: 0 no errors, 1 errors were found, 2 wrong use, a file that cannot be read, or any other fault.
`;

/** The version of the package. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
