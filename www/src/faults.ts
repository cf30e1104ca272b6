// Development only: the faults of the emulated service and the shop's refusals, by the development server's routes.

/** What can be made to go wrong, by the emulator's names, with what a person calls it. */
export const FAULTS = [
  { name: "refuse", label: "Connection refused" },
  { name: "cut_before", label: "Connection cut before it acts" },
  { name: "cut_after", label: "Connection cut after it acted" },
  { name: "cut_body", label: "Answer cut in the middle" },
  { name: "unauthorized", label: "Token not taken (401)" },
  { name: "server_error", label: "Server error (500)" },
  { name: "unavailable", label: "Out of service (503)" },
  { name: "throttled", label: "Too many calls" },
  { name: "slow", label: "Slow answer (4 seconds)" },
  { name: "html", label: "A web page instead of an answer" },
  { name: "refuse_orders", label: "Every 20th order refused" },
  { name: "omit_entries", label: "Every 20th order left out of the answer" },
] as const;

/** What the panel sets. */
export interface FaultSettings {
  /** Names of [`FAULTS`]. */
  readonly kinds: readonly string[];
  /** How likely a call meets one, from 0 to 1. */
  readonly probability: number;
  /** The same seed fails the same calls. */
  readonly seed: number;
  /** Ids of orders that the shop's own check does not approve. */
  readonly refuse: readonly string[];
}

interface Plan {
  readonly random: { readonly seed: number; readonly probability: number; readonly faults: readonly { fault: string }[] } | null;
}

const FAULTS_ROUTE = "/emulator/faults";
const APPROVAL_ROUTE = "/dev/approval";

/** The settings in force; undefined where this is no development server. */
export async function readFaults(): Promise<FaultSettings | undefined> {
  try {
    const [faults, approval] = await Promise.all([fetch(FAULTS_ROUTE), fetch(APPROVAL_ROUTE)]);
    if (!faults.ok || !approval.ok) return undefined;
    const { random } = (await faults.json()) as Plan;
    return {
      kinds: random?.faults.map((each) => (each.fault === "none" ? "slow" : each.fault)) ?? [],
      probability: random?.probability ?? 0.25,
      seed: random?.seed ?? 1,
      refuse: (await approval.json()) as string[],
    };
  } catch {
    return undefined;
  }
}

/** Sets the faults; rejects when the server does not take them. */
export async function setFaults({ kinds, probability, seed, refuse }: FaultSettings): Promise<void> {
  const faults = kinds.map((kind) => ({
    fault: kind === "slow" ? "none" : kind,
    ...(kind === "slow" && { latencyMs: 4000 }),
    ...((kind === "refuse_orders" || kind === "omit_entries") && { every: 20 }),
  }));
  await put(FAULTS_ROUTE, { random: faults.length > 0 ? { seed, probability, faults } : null });
  await put(APPROVAL_ROUTE, refuse);
}

async function put(route: string, body: unknown): Promise<void> {
  const response = await fetch(route, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
}
