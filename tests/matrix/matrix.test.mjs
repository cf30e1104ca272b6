// Runs the fixtures that MATRIX names, each on a copy of one project into which the packed tarball was installed, and writes what came of
// it to the file that MATRIX_RESULTS names. scripts/matrix.mjs starts it.
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";

import { checkOutcome, project } from "../packaging/support.mjs";
import { launch } from "../support/browser.mjs";
import { context } from "./support.mjs";

const names = (process.env.MATRIX ?? "").split(",").filter(Boolean);
if (names.length === 0) throw new Error("MATRIX names no fixture; run this by `npm run matrix`.");
const results = {};
// What all of them share is there until all have ended, and so are their folders: servers of development look at them until they are stopped.
const ends = [];
const ending = { after: (end) => ends.push(end) };
after(async () => {
  for (const end of ends.reverse()) await end();
  if (process.env.MATRIX_RESULTS) await writeFile(process.env.MATRIX_RESULTS, JSON.stringify(results));
});

const installed = await project(ending);
let browser;
const theBrowser = () => (browser ??= launch(ending));

for (const name of names) {
  test(name, async (t) => {
    const { title, version, note = "", files = [], ways, checks = {} } = await import(`./${name}/fixture.mjs`);
    const passed = [];
    const inProject = (what, run) =>
      t.test(what, async (t) => {
        const folder = await mkdtemp(join(tmpdir(), `pb-fulfillment-${name}-`));
        ending.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
        await cp(installed, folder, { recursive: true });
        await run(await context(t, { folder, name, files, browser: theBrowser }));
      });
    for (const [way, outcome] of Object.entries(ways)) {
      await inProject(way, async (context) => {
        checkOutcome(await outcome(context));
        passed.push(way);
      });
    }
    for (const [what, check] of Object.entries(checks)) await inProject(what, check);
    results[name] = { title, version, note, ways: Object.keys(ways), passed };
  });
}
