// The emulator.
import * as emulator from "pb-fulfillment/emulator";

takes<emulator.FaultKind>("none", "cut_after", "throttled");
// @ts-expect-error Nobody knows how.
takes<emulator.FaultKind>("explode");
takes<emulator.Fault>(
  { fault: "throttled" },
  { fault: "refuse_orders", on: "orders", latencyMs: 1, retryAfter: "1", clientOrderIds: ["A-1"], every: 1 },
);
// @ts-expect-error Which fault?
takes<emulator.Fault>({ on: "token" });
takes<emulator.FaultPlan>(
  {},
  { script: ["none", { fault: "cut_body" }], random: { seed: 1, probability: 0.5, faults: ["html", { fault: "empty" }] } },
  { random: null },
);
// @ts-expect-error A script is a list.
takes<emulator.FaultPlan>({ script: "none" });
takes<emulator.EmulatorOptions>({
  credentials: { apiKey: "key", apiSecret: "secret" },
  duplicates: "create",
  faults: { script: ["none"] },
  seed: 1,
  now: () => new Date(),
  tokenLifetime: 1,
});
same<emulator.StoredOrder["order"], emulator.Order>();
same<emulator.StoredOrder["revisions"], number>();
same<emulator.Emulator["orders"], () => Promise<emulator.StoredOrder[]>>();
same<emulator.Emulator["setFaults"], (plan: emulator.FaultPlan) => Promise<void>>();
same<typeof emulator.createEmulator, (options?: emulator.EmulatorOptions) => emulator.Emulator>();
// @ts-expect-error There is no such option.
emulator.createEmulator({ fault: "html" });
