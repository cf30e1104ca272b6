/** The merchant's functions: called, what they give looked at, and what they throw told to `onHookError`. */
import type { AuditRecord, BrokerOptions, Credentials, Disapproval, FailedPart, Fetcher, Principal } from "./broker-types.js";
import type { OutboxPart } from "./outbox-types.js";
import type { Order } from "./generated/model.js";
import { nameOf } from "./options.js";

export class Hooks<Env> {
  readonly #options: BrokerOptions<Env>;

  constructor(options: BrokerOptions<Env>) {
    this.#options = options;
  }

  /** Tells of a failure. What `onHookError` itself throws goes to the console. */
  report(part: FailedPart | OutboxPart, error: unknown): void {
    try {
      if (this.#options.onHookError) return this.#options.onHookError(part as FailedPart, error);
    } catch (thrown) {
      console.error("pb-fulfillment: onHookError has thrown", thrown);
    }
    console.error(`pb-fulfillment: ${part} failed`, error);
  }

  /** Does something of the merchant's; what it throws is told and thrown again. */
  async guard<T>(part: FailedPart | OutboxPart, action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      this.report(part, error);
      throw error;
    }
  }

  credentials(env: Env): Promise<Credentials> {
    return this.guard("credentials", async () => {
      const found: Partial<Credentials> | undefined = await this.#options.credentials(env);
      for (const name of ["apiKey", "apiSecret"] as const) {
        const value = found?.[name];
        if (typeof value !== "string" || value === "") {
          throw new TypeError(
            `createBroker: credentials gave no ${name}. Set the Worker's secret, and return { apiKey, apiSecret } as texts.`,
          );
        }
      }
      return found as Credentials;
    });
  }

  /** The API, where it is behind a binding. */
  upstream(env: Env): (request: Request) => Response | Promise<Response> {
    const { upstream } = this.#options;
    // The global one is looked up at each call, for those who replace it later.
    if (typeof upstream !== "function") return (request) => fetch(request);
    return (request) => {
      const found: Fetcher | undefined = upstream(env);
      if (typeof found?.fetch === "function") return found.fetch(request);
      const error = new TypeError("createBroker: upstream gave nothing with a fetch. Return a service binding, such as env.PB_API.");
      this.report("upstream", error);
      throw error;
    };
  }

  authorize(request: Request, env: Env): Promise<Principal | null> {
    return this.guard("authorize", async () => {
      // A copy without the body: the body is the broker's to read, once.
      const copy = new Request(request.url, { method: request.method, headers: request.headers });
      const principal: Principal | null | undefined = await this.#options.authorize(copy, env);
      if (principal === null || principal === undefined) return null;
      const isTexts = (list: unknown): boolean => Array.isArray(list) && list.every((text) => typeof text === "string");
      if (typeof principal.subject !== "string" || !isTexts(principal.clientIds) || !isTexts(principal.scopes)) {
        throw new TypeError(
          'createBroker: authorize must give null or { subject, clientIds, scopes }: a text and two lists of texts, scopes with "orders:write".',
        );
      }
      return principal;
    });
  }

  approveOrders(principal: Principal, texts: readonly string[], env: Env): Promise<readonly Disapproval[]> {
    return this.guard("approveOrders", async () => {
      const { approveOrders } = this.#options;
      if (approveOrders === null) return [];
      const orders = texts.map((text) => JSON.parse(text) as Order);
      const refused: unknown = await approveOrders(principal, orders, env);
      const isRefusal = (entry: unknown): entry is Disapproval => {
        const { orderIndex, reason } = (entry ?? {}) as { [name in keyof Disapproval]?: unknown };
        const known = Number.isSafeInteger(orderIndex) && Number(orderIndex) >= 0 && Number(orderIndex) < orders.length;
        return known && (reason === undefined || typeof reason === "string");
      };
      if (!Array.isArray(refused) || !refused.every(isRefusal)) {
        const what = Array.isArray(refused) ? "an entry that names no order" : nameOf(refused);
        throw new TypeError(
          `createBroker: approveOrders gave ${what}. It must give a list of { orderIndex, reason } with the orders that may not be sent, [] for none.`,
        );
      }
      return refused;
    });
  }

  /** How many seconds a caller has to wait, by what the merchant counts with; nothing if it may go. */
  count(by: "address" | "subject", key: string, env: Env): Promise<number | undefined> {
    return this.guard("rateLimits", async () => {
      const { limiter, period = 10_000 } = this.#options.rateLimits?.[by] ?? {};
      if (!limiter) return undefined;
      const found = limiter(env);
      if (typeof found?.limit !== "function") {
        throw new TypeError(
          `createBroker: rateLimits.${by}.limiter gave nothing with a limit. Return the binding, such as env.RATE_LIMITER.`,
        );
      }
      const { success } = await found.limit({ key: `${by}:${key}` });
      // The binding does not tell how long it takes.
      return success ? undefined : Math.ceil(period / 1000);
    });
  }

  /** Hands over a record; what becomes of it is told to `onHookError` alone. */
  audit(record: AuditRecord, env: Env): Promise<void> {
    return this.guard("audit", async () => await this.#options.audit?.(record, env)).catch(() => undefined);
  }
}
