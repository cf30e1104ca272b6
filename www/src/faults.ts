// Development only: the faults of the emulated service, by the development server's own route.

/** What can be made to go wrong, by the emulator's names. */
export const FAULTS = [
  { name: "unauthorized", label: "Token refused (401)" },
  { name: "unavailable", label: "Out of service (503)" },
  { name: "throttled", label: "Too many calls" },
  { name: "error", label: "Server error (500)" },
  { name: "cut_before", label: "Connection cut before it acts" },
  { name: "cut_after", label: "Connection cut after it acted" },
  { name: "slow", label: "Slow answer" },
  { name: "garbage", label: "Garbled answer" },
  { name: "refuse_order", label: "Single orders refused" },
] as const;

/** What the panel sets. */
export interface FaultSettings {
  readonly kinds: readonly string[];
  /** Of each call, from 0 to 1. */
  readonly probability: number;
  readonly seed: number;
  /** Ids of orders that the shop's own check does not approve. */
  readonly refuse: readonly string[];
}

const ROUTE = "/dev/faults";

/** The faults in force; undefined where this is no development server. */
export async function readFaults(): Promise<FaultSettings | undefined> {
  try {
    const response = await fetch(ROUTE);
    return response.ok ? ((await response.json()) as FaultSettings) : undefined;
  } catch {
    return undefined;
  }
}

/** Sets the faults; rejects when the server does not take them. */
export async function setFaults(settings: FaultSettings): Promise<void> {
  const response = await fetch(ROUTE, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
}
