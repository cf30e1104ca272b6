/** Complete orders, made of what a storefront has at checkout. */
import { build } from "#core";

import { core } from "./core.js";
import type { Order } from "./generated/model.js";
import { parse, toBytes } from "./input.js";
import { checkOptions, rules } from "./options.js";
import { plainRules, readyReport } from "./reports.js";
import type { Builder, BuildOptions, BuiltOrder, DraftInput, ValidationReport } from "./types.js";

const BUILD = { ...rules, now: (value: unknown) => (Number.isFinite(Number(value)) ? undefined : "must be a Date or milliseconds.") };

/** Loads the builder, once. */
export async function loadBuilder(): Promise<Builder> {
  const loaded = await core(build);
  return { buildOrder: (draft, options) => built(loaded, callOf(draft, options), options) };
}

/** Makes a complete order of what a storefront has at checkout: line ids, exact totals, defaults, dates. */
export async function buildOrder(draft: DraftInput, options?: BuildOptions): Promise<BuiltOrder> {
  const call = callOf(draft, options);
  return built(await core(build), call, options);
}

function callOf(draft: DraftInput, options: BuildOptions = {}): object {
  checkOptions("buildOrder", options, BUILD);
  return { draft: toBytes(draft, "buildOrder"), now: Number(options.now ?? Date.now()) };
}

function built(loaded: Awaited<ReturnType<typeof core>>, call: object, options: BuildOptions = {}): BuiltOrder {
  const bytes = loaded.call<Uint8Array>("buildOrder", call);
  const report = loaded.call<ValidationReport>("validate", { input: bytes, order: true, ...plainRules(options) });
  return { order: parse(bytes) as Order, bytes, report: readyReport(report, options.messages) };
}
