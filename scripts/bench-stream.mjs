// A million orders through the command line: `npm run bench:stream`. Time, MB/s and peak memory; `-- 50000` for another number.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pkg, root } from "./lib/paths.mjs";
import { Explained, main, step } from "./lib/run.mjs";

const ROUNDS = 3;

/** Tells the peak of the process that it is loaded into. */
const PEAK = 'data:text/javascript,process.on("exit",()=>process.send(process.resourceUsage().maxRSS))';

/** Writes NDJSON: the documented sample with one to four order lines, and an id of its own for each. */
async function generate(file, count) {
  const sample = JSON.parse(await readFile(join(root, "tests", "data", "documented-sample.json"), "utf8")).orders[0];
  const texts = [1, 2, 3, 4].map((lines) => {
    const orderLines = Array.from({ length: lines }, (_, index) => ({ ...sample.orderLines[0], lineId: index + 1 }));
    return JSON.stringify({ ...sample, clientOrderId: "#", orderLines }).split("#");
  });
  const out = createWriteStream(file);
  for (let done = 0; done < count; done += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - done) }, (_, index) => done + index);
    const text = numbers.map((number) => texts[number % 4].join(`ORDER-${String(number).padStart(9, "0")}`)).join("\n");
    if (!out.write(`${text}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

/** Validates it; gives seconds and the peak in MB. */
async function validate(file, args) {
  const begun = performance.now();
  const child = spawn(process.execPath, ["--import", PEAK, join(pkg, "cli.js"), "validate", file, ...args], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [[peak], [code]] = await Promise.all([once(child, "message"), once(child, "close")]);
  if (code !== 0) throw new Explained(`validate ended with ${code}.`);
  return { seconds: (performance.now() - begun) / 1000, peak: peak / 1024 };
}

await main(async () => {
  const count = Number(process.argv[2] ?? 1_000_000);
  const folder = await mkdtemp(join(tmpdir(), "pb-fulfillment-stream-"));
  const file = join(folder, "orders.ndjson");
  try {
    await step(`Writing ${count} orders`, () => generate(file, count));
    const { size } = await stat(file);
    console.log(`${count} orders, ${(size / 1e6).toFixed(0)} MB, Node ${process.version}`);
    for (const args of [[], ["--errors-only"]]) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { seconds, peak } = await validate(file, args);
        const speed = (size / 1e6 / seconds).toFixed(0);
        console.log(`validate ${args.join(" ")}: ${seconds.toFixed(1)} s, ${speed} MB/s, peak ${peak.toFixed(0)} MB`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
