/** The ledger: what became of each request, in a Durable Object for each key of each caller. */
import { DurableObject } from "#server";

import type { Begun, BrokerOptions, Ledger, LedgerClass, Settlement, VaultState } from "./broker-types.js";
import { hex, sha256 } from "./digest.js";
import type { Hooks } from "./hooks.js";
import { server } from "./server.js";

/** How long an entry is kept by default, in milliseconds. */
const KEEP = 86_400_000;

/** What of `DurableObjectStorage` is used here; the program uses `get`, `put` and `delete`. */
interface Storage {
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
  deleteAlarm(): Promise<void>;
  deleteAll(): Promise<void>;
}

/** The Durable Object class of a broker. */
export function ledgerClass<Env>({ limits }: BrokerOptions<Env>): LedgerClass<Env> {
  const usual = limits?.ledgerKeep ?? KEEP;

  return class Ledger extends DurableObject implements Ledger {
    readonly #storage: Storage;
    /** The end of the last call: they take turns, so that none decides by what another is about to change. */
    #turn: Promise<unknown> = Promise.resolve();

    constructor(state: VaultState, env: Env) {
      super(state, env);
      this.#storage = state.storage as Storage;
    }

    begin(digest: Uint8Array, resend: boolean, keep = usual): Promise<Begun> {
      return this.#inTurn(async () => {
        // Before there is an entry, so that a crash leaves none that nobody sweeps.
        if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + keep);
        return this.#run<Begun>("beginEntry", { digest, resend, keep });
      });
    }

    settle(claim: number, settlement: Settlement): Promise<void> {
      return this.#inTurn(async () => {
        await this.#run("settleEntry", { claim, settlement });
        if (settlement.settled === "not_processed") await this.#sweep();
      });
    }

    alarm(): Promise<void> {
      return this.#inTurn(() => this.#sweep());
    }

    /** Leaves an object without an entry as if it had never been. */
    async #sweep(): Promise<void> {
      const endsAt = await this.#run<number | undefined>("sweepEntry", {});
      if (endsAt !== undefined) return this.#storage.setAlarm(endsAt);
      await this.#storage.deleteAlarm();
      await this.#storage.deleteAll();
    }

    async #run<T>(name: "beginEntry" | "settleEntry" | "sweepEntry", call: object): Promise<T> {
      return (await server()).run<T>(name, { ...call, requestTimeout: limits?.requestTimeout, storage: this.#storage });
    }

    #inTurn<T>(action: () => Promise<T>): Promise<T> {
      const done = this.#turn.then(action);
      this.#turn = done.catch(() => undefined);
      return done;
    }
  };
}

/** What one request asks of the ledger. */
export interface LedgerCalls {
  /** The functions by which the program asks; none if the broker has no ledger. */
  readonly calls: object;
  /**
   * To be called when the request was answered and has sent nothing. Hands back a right to send that came too late, or that the
   * program died over: the next would else have to take the request for sent.
   */
  release(): Promise<void>;
}

/** The ledger for one request. */
export function ledgerOf<Env>(options: BrokerOptions<Env>, hooks: Hooks<Env>, env: Env): LedgerCalls {
  const { ledger, upstream } = options;
  if (!ledger) return { calls: {}, release: async () => undefined };
  const api = typeof upstream === "string" ? upstream : "binding";
  const entryOf = async (subject: string, key: string): Promise<Ledger> => {
    const namespace = ledger(env);
    if (typeof namespace?.idFromName !== "function") {
      throw new TypeError(
        "createBroker: ledger gave no namespace of Durable Objects. Export the broker's Ledger from the Worker, bind it under durable_objects in wrangler's configuration with new_sqlite_classes, and return the binding, such as env.LEDGER.",
      );
    }
    // A digest, since the name shows in dashboards. A key has no NUL; and what the sandbox has done is not done in production.
    const name = hex(await sha256(`${api}\n${subject}\0${key}`));
    return namespace.get(namespace.idFromName(name)) as Ledger;
  };
  let unsettled: (() => Promise<void>) | undefined;
  const begin = async (subject: string, key: string, body: Uint8Array<ArrayBuffer>, resend: boolean): Promise<Begun> => {
    const [entry, digest] = await Promise.all([entryOf(subject, key), sha256(body)]);
    const begun = entry.begin(digest, resend);
    unsettled = async () => {
      const given = await begun;
      if (given.begun === "send") await entry.settle(given.claim, { settled: "not_processed" });
    };
    return begun;
  };
  const settle = async (subject: string, key: string, claim: number, settlement: Settlement): Promise<void> => {
    unsettled = undefined;
    return (await entryOf(subject, key)).settle(claim, settlement);
  };
  return {
    calls: {
      beginEntry: (...asked: Parameters<typeof begin>) => hooks.guard("ledger", () => begin(...asked)),
      settleEntry: (...told: Parameters<typeof settle>) => hooks.guard("ledger", () => settle(...told)),
    },
    // What fails here was told when it began to fail, or leaves the entry to its lease.
    release: async () => unsettled?.().catch(() => undefined),
  };
}
