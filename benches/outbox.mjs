// How much an outbox takes and sends on workerd here, and what bounds it: node benches/outbox.mjs
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { many, Outside, startOutbox, until } from "../tests/workerd/outbox-support.mjs";

const ORDERS = 20_000;
const AT_ONCE = 200;
const SENDERS = 4;

/** Stands for a test: what is to be done at the end. */
const ends = [];
const t = { after: (end) => ends.push(end) };

/** How long a process has computed, in seconds. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const own = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;

/** Does something and says how fast it was, and how much of the time which process computed. */
async function measure(what, outbox, action) {
  const [began, here, there] = [performance.now(), own(), cpu(outbox.processes[0])];
  const figures = await action();
  const seconds = (performance.now() - began) / 1000;
  const share = (used) => `${Math.round((100 * used) / seconds)} %`;
  const rates = Object.entries(figures).map(([name, count]) => `${Math.round(count / seconds)} ${name}/s`);
  const busy = `workerd computed ${share(cpu(outbox.processes[0]) - there)} of the time, client and API ${share(own() - here)}`;
  console.log(`${what}: ${rates.join(", ")} in ${seconds.toFixed(1)} s; ${busy}`);
}

async function enqueue(outbox, orders, atOnce) {
  let next = 0;
  const sender = async () => {
    while (next < orders.length) {
      const some = orders.slice(next, (next += atOnce));
      const answer = await outbox.fetch("/test/enqueue", { method: "POST", body: JSON.stringify({ orders: some }) });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return { orders: orders.length, requests: orders.length / atOnce };
}

/** One outbox, or as many side by side as there are clients. */
async function run(clients) {
  const folder = mkdtempSync(join(tmpdir(), "pb-fulfillment-bench-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const outside = await Outside.start(t);
  const outbox = await startOutbox(t, { outside, persist: folder, options: { delay: 1000 } });
  console.log(`\n${clients.length} outbox(es), ${ORDERS} orders, state on disk`);
  // The first call is refused, and holds all until everything is in.
  const wait = { fault: "unavailable", retryAfter: "25" };
  await outside.emulator.setFaults({ random: { seed: 1, probability: 1, faults: [wait] } });
  const orders = clients.flatMap((clientId) => many(0, ORDERS / clients.length, clientId));
  await measure(`in, ${AT_ONCE} orders a request`, outbox, () => enqueue(outbox, orders, AT_ONCE));
  const single = many(100_000, 101_000, clients[0]);
  await measure("in, one order a request", outbox, () => enqueue(outbox, single, 1));
  await outside.emulator.setFaults({});
  const before = outside.calls.length;
  await until(() => outside.calls.length > before, { within: 60_000, every: 5 });
  await measure("out, and told", outbox, async () => {
    const [calls, told] = [outside.calls.length, ORDERS + single.length];
    await until(() => outside.outcomes.length >= told, { within: 240_000, every: 20 });
    return { orders: told, calls: outside.calls.length - calls };
  });
  const bytes = (await outbox.rows(clients[0])).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  console.log(`${Math.round(bytes / (ORDERS / clients.length + single.length))} bytes of rows for each order that has ended`);
  await outbox.kill();
}

try {
  await run(["NORTHWIND"]);
  await run(["NORTHWIND", "A", "B", "C"]);
} finally {
  for (const end of ends.reverse()) await end();
}
