// This package beside its peers, in one run: `npm run bench`. Medians of interleaved runs, so that what else the machine does hits all alike.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cpus } from "node:os";

import { build } from "./build.mjs";
import { pkg, root } from "./lib/paths.mjs";
import { main } from "./lib/run.mjs";
import { setUp } from "./setup.mjs";

const ROUNDS = 60;

/** Turns off the rules that the peers do not have: benches/peers/index.mjs tells which. */
const peersRules = {
  severity: Object.fromEntries(
    [
      "reserved_field",
      "reserved_value",
      "state_province",
      "postal_code",
      "postal_code_number",
      "postal_code_zero",
      "address_incomplete",
      "address_name",
      "address_region",
      "line_total",
      "total_item_amount",
      "total_tax_amount",
      "total_discount_amount",
      "total_order_amount",
      "date_order",
      "duplicate_order",
    ].map((code) => [code, "off"]),
  ),
};

await main(async () => {
  await setUp();
  if (!process.argv.includes("--built")) await build();
  const { peers } = await import("../benches/peers/index.mjs");
  const others = peers();
  const { batchOrders, loadValidator } = await import(join(pkg, "index.node.js"));
  const ours = await loadValidator();

  console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, medians of ${ROUNDS} interleaved rounds, milliseconds\n`);
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  for (const [name, bulk] of Object.entries(inputs())) {
    const bytes = encoder.encode(JSON.stringify(bulk));
    const kilobytes = `${Math.round(bytes.length / 1000)} kB`;
    agree(name, [ours.validateOrders(bytes).valid, ...Object.values(others).map((peer) => peer.bulk(bulk))]);
    const each = (label, action) => Object.fromEntries(Object.entries(others).map(([name, peer]) => [label(name), () => action(peer)]));

    await show(`${name}, ${kilobytes}: bytes in -> verdict`, {
      "pb-fulfillment, the peers' rules": () => ours.validateOrders(bytes, peersRules).valid,
      "pb-fulfillment, every rule and issue": () => ours.validateOrders(bytes).valid,
      ...each(
        (name) => `decode + JSON.parse + ${name}`,
        (peer) => peer.bulk(JSON.parse(decoder.decode(bytes))),
      ),
    });
    await show(`${name}: objects in -> verdict, and body ready to send`, {
      "pb-fulfillment": async () => {
        const bytes = encoder.encode(JSON.stringify(bulk));
        return ours.validateOrders(bytes).valid && (await batchOrders(bytes))[0].body;
      },
      ...each(
        (name) => `${name} + JSON.stringify + encode`,
        (peer) => peer.bulk(bulk) && encoder.encode(JSON.stringify(bulk)),
      ),
    });
    const [order] = bulk.orders;
    const times = 200;
    await show(
      `${name}: one order as an object -> verdict (a keystroke)`,
      {
        "pb-fulfillment": repeat(times, () => ours.validateOrder(order).valid),
        ...Object.fromEntries(Object.entries(others).map(([name, peer]) => [name, repeat(times, () => peer.order(order))])),
      },
      times,
    );
  }
});

/** 200 orders of each kind. */
function inputs() {
  const read = (name) => JSON.parse(readFileSync(join(root, "tests", "data", name), "utf8")).orders;
  const [sample] = read("documented-sample.json");
  return {
    "200 Northwind orders": { orders: read("northwind-orders.json").slice(0, 200) },
    "200 documented samples": { orders: Array.from({ length: 200 }, (_, index) => ({ ...sample, clientOrderId: `sample-${index}` })) },
  };
}

/** All must find the input valid, or they do not do the same work. */
function agree(name, verdicts) {
  if (!verdicts.every(Boolean)) throw new Error(`${name}: not all find it valid: ${verdicts}`);
}

function repeat(times, action) {
  return () => {
    let last;
    for (let time = 0; time < times; time += 1) last = action();
    return last;
  };
}

async function show(title, contenders, per = 1) {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -10; round < ROUNDS; round += 1) {
    // Each begins a round as often as any other.
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + names.length * 10) % names.length];
      const start = performance.now();
      if (!(await contenders[name]())) throw new Error(`${title}: ${name} refused the input`);
      if (round >= 0) times[name].push((performance.now() - start) / per);
    }
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const medians = Object.fromEntries(names.map((name) => [name, median(times[name])]));
  const own = medians[names[0]];
  console.log(title);
  for (const name of names) {
    const ratio = name === names[0] ? "" : `${(medians[name] / own).toFixed(2)} times as long`;
    console.log(`  ${name.padEnd(38)}${medians[name].toFixed(4).padStart(9)}  ${ratio}`);
  }
  console.log();
}
