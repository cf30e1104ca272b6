/** Where tokens come from: a Durable Object for each key, or the isolate itself. */
import { DurableObject } from "#server";

import type {
  BrokerOptions,
  CallLease,
  Credentials,
  TokenVault,
  TokenVaultClass,
  VaultAnswer,
  VaultNamespace,
  VaultState,
} from "./broker-types.js";
import { hex, sha256 } from "./digest.js";
import { isFulfillmentError } from "./errors.js";
import { nextNumber } from "./exchange.js";
import type { Hooks } from "./hooks.js";
import { server } from "./server.js";

/** What the program is told to get a token with. */
interface Ask {
  readonly upstream: string | undefined;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly rejected: string | undefined;
  readonly id?: string;
  readonly life?: number;
  readonly storage?: object;
}

/** The Durable Object class of a broker: it asks for tokens by that broker's own options. */
export function vaultClass<Env>(options: BrokerOptions<Env>, hooks: Hooks<Env>): TokenVaultClass<Env> {
  return class TokenVault extends DurableObject implements TokenVault {
    readonly #state: VaultState;
    readonly #env: Env;
    readonly #life = nextNumber();

    constructor(state: VaultState, env: Env) {
      super(state, env);
      this.#state = state;
      this.#env = env;
    }

    async getToken(rejected?: string): Promise<VaultAnswer> {
      const { id, storage } = this.#state;
      const [fetch, credentials] = [hooks.upstream(this.#env), await hooks.credentials(this.#env)];
      return ask(credentials, { upstream: originOf(options), fetch, rejected, id: id.toString(), life: this.#life, storage });
    }

    async leaseCalls(operation: string, wanted: number, good?: number): Promise<CallLease> {
      const call = { id: this.#state.id.toString(), life: this.#life, rate: options.limits?.callsPerSecond, operation, wanted, good };
      return (await server()).call<CallLease>("leaseCalls", call);
    }
  };
}

/** Gets a token from the vault of the key, or without a vault from the API. */
export async function tokenFor<Env>(options: BrokerOptions<Env>, hooks: Hooks<Env>, env: Env, rejected?: string): Promise<VaultAnswer> {
  const credentials = await hooks.credentials(env);
  const { vault } = options;
  if (!vault) return ask(credentials, { upstream: originOf(options), fetch: hooks.upstream(env), rejected });
  return hooks.guard("vault", async () => (await vaultOf(options, credentials, vault(env))).getToken(rejected));
}

/** Gets the right to make calls from the vault of the key. */
export async function leaseFor<Env>(
  options: BrokerOptions<Env>,
  hooks: Hooks<Env>,
  env: Env,
  operation: string,
  wanted: number,
  good: number,
): Promise<CallLease> {
  const credentials = await hooks.credentials(env);
  return hooks.guard("vault", async () => (await vaultOf(options, credentials, options.vault?.(env))).leaseCalls(operation, wanted, good));
}

async function vaultOf<Env>(
  options: BrokerOptions<Env>,
  credentials: Credentials,
  namespace: VaultNamespace | undefined,
): Promise<TokenVault> {
  if (typeof namespace?.idFromName !== "function") {
    throw new TypeError(
      "createBroker: vault gave no namespace of Durable Objects. Export the broker's TokenVault from the Worker, bind it under durable_objects in wrangler's configuration with new_sqlite_classes, and return the binding, such as env.TOKEN_VAULT.",
    );
  }
  // One object for each key and upstream. The name shows in dashboards, so it is a digest.
  const name = hex(await sha256(`${originOf(options) ?? "binding"}\n${credentials.apiKey}`));
  return namespace.get(namespace.idFromName(name)) as TokenVault;
}

/** What the program calls the upstream; nothing for a binding. */
export function originOf({ upstream }: { readonly upstream: unknown }): string | undefined {
  return typeof upstream === "string" ? upstream : undefined;
}

/** Getting a token can be repeated, so a program that dies over it is no failure. */
async function ask(credentials: Credentials, how: Ask): Promise<VaultAnswer> {
  const loaded = await server();
  const { apiKey, apiSecret } = credentials;
  const get = (): Promise<VaultAnswer> => loaded.run("getToken", { ...how, apiKey, apiSecret });
  try {
    return await get();
  } catch (error) {
    if (isFulfillmentError(error) && error.code === "internal") return get();
    throw error;
  }
}
