/** The outbox as a Durable Object: its table, its alarm, and what it asks of the outside. */
import { DurableObject } from "#server";

import type { BrokerOptions, VaultState } from "./broker-types.js";
import { nextNumber, type PlainAnswer } from "./exchange.js";
import type { Hooks } from "./hooks.js";
import { encode } from "./input.js";
import type { OrderOutcome, OutboxClass, OutboxObject, OutboxOptions } from "./outbox-types.js";
import { rowsOf, type Rows, type SqlStorage } from "./rows.js";
import { server } from "./server.js";
import { leaseFor, tokenFor } from "./vault.js";

/** When the alarm rings again after its work has failed, in milliseconds. */
const AGAIN = 5_000;
/** Which part of the time for telling goes to the hook, so that what it has heard is known before the time is over. */
const IN_ONE_GO = 0.5;
/** The most that a batch of messages to a queue has, in bytes; Cloudflare takes 256 kB. */
const MOST_IN_BATCH = 200_000;
/** The most that a message has, in bytes; Cloudflare takes 128 kB. */
const MOST_IN_MESSAGE = 100_000;

/** The Durable Object class of an outbox. `broker` holds those of the options that a broker has too. */
export function outboxClass<Env>(
  options: OutboxOptions<Env>,
  broker: BrokerOptions<Env>,
  hooks: Hooks<Env>,
  plain: object,
): OutboxClass<Env> {
  return class Outbox extends DurableObject implements OutboxObject {
    readonly #id: string;
    readonly #storage: SqlStorage;
    readonly #env: Env;
    readonly #rows: Rows;
    readonly #life = nextNumber();

    constructor(state: VaultState, env: Env) {
      super(state, env);
      this.#id = state.id.toString();
      this.#storage = state.storage as SqlStorage;
      this.#env = env;
      this.#rows = rowsOf(this.#storage);
    }

    ask(errand: object): Promise<PlainAnswer> {
      return this.#run<PlainAnswer>("answerAsOutbox", { errand });
    }

    async alarm(): Promise<void> {
      this.#rows.rung();
      const env = this.#env;
      try {
        await this.#run("workAsOutbox", {
          fetch: hooks.upstream(env),
          getToken: (rejected?: string) => tokenFor(broker, hooks, env, rejected),
          leaseCalls: (operation: string, wanted: number, good: number) => leaseFor(broker, hooks, env, operation, wanted, good),
          tell: (outcomes: readonly OrderOutcome[]) => this.#tell(outcomes),
        });
      } catch (error) {
        hooks.report("outbox", error);
        this.#rows.rung();
        // The runtime itself would ring a few times more and no longer.
        await this.#storage.setAlarm(Date.now() + AGAIN);
      }
    }

    async #run<T>(name: "answerAsOutbox" | "workAsOutbox", call: object): Promise<T> {
      return (await server()).run<T>(name, { ...call, id: this.#id, life: this.#life, options: plain, rows: this.#rows });
    }

    /** How many of the outcomes were taken: the first of them, as many as there was time for. */
    async #tell(outcomes: readonly OrderOutcome[]): Promise<number> {
      const { onOutcome, queue, limits } = options;
      const until = Date.now() + IN_ONE_GO * (limits?.outcomeTimeout ?? 30_000);
      let [taken, size] = [0, 0];
      const messages: { body: OrderOutcome; contentType: "json" }[] = [];
      for (const outcome of outcomes) {
        const message = small(outcome);
        size += sizeOf(message);
        if (taken > 0 && (size > MOST_IN_BATCH || Date.now() > until)) break;
        try {
          if (onOutcome) await hooks.guard("onOutcome", () => onOutcome(outcome, this.#env));
        } catch (error) {
          // Those before it need not be told again.
          if (taken === 0) throw error;
          break;
        }
        messages.push({ body: message, contentType: "json" });
        taken += 1;
      }
      if (queue) await hooks.guard("queue", async () => void (await queue(this.#env).sendBatch(messages)));
      return taken;
    }
  };
}

/** How large it is as JSON, in bytes. */
const sizeOf = (outcome: OrderOutcome): number => encode(JSON.stringify(outcome)).length;

/** What the API said is left out of a message that would be too large with it. */
function small(outcome: OrderOutcome): OrderOutcome {
  return sizeOf(outcome) > MOST_IN_MESSAGE ? { ...outcome, errors: [] } : outcome;
}
