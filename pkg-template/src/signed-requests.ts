/** Requests that programs sign (RFC 9421). */
import type { Ledger, Principal, VaultNamespace } from "./broker-types.js";
import type { NonceStore, SignatureRefusal, SignedRequestOptions, SignedRequests } from "./caller-types.js";
import { hex, sha256 } from "./digest.js";
import { askedOf, checkRequest, targetOf } from "./exchange.js";
import { aFunction, checkOptions, milliseconds } from "./options.js";
import { server } from "./server.js";

const OPTIONS = { signers: aFunction, nonces: aFunction, maxAge: milliseconds(1000), clockSkew: milliseconds(0), onRefused: aFunction };

/** What has no default, and what to do about it. */
const REQUIRED = {
  signers: "Give (env) => [{ id, secret, subject, clientIds, scopes }], from the Worker's secrets.",
  nonces: "Give (env) => env.LEDGER, the namespace of the broker's class Ledger, or a store with a use(text).",
};

/** What is found of a request. */
type Found =
  | (Principal & { readonly keyId: string; readonly nonce: string; readonly keep: number; readonly refused?: undefined })
  | { readonly refused: SignatureRefusal };

/**
 * Knows programs by the signatures of their requests, where no service binding leads to the broker.
 *
 * Throws a TypeError that names the option and the remedy, if an option is misspelt, missing or wrong.
 */
export function createSignedRequests<Env = unknown>(options: SignedRequestOptions<Env>): SignedRequests<Env> {
  for (const [name, remedy] of Object.entries(REQUIRED)) {
    if ((options as unknown as { [name: string]: unknown } | undefined)?.[name] === undefined) {
      throw new TypeError(`createSignedRequests: ${name} is missing. ${remedy}`);
    }
  }
  checkOptions("createSignedRequests", options, OPTIONS);
  const { signers, nonces, onRefused, ...plain } = { ...options };

  return {
    async authorize(request, env) {
      checkRequest("authorize", request);
      const { host: authority } = new URL(request.url);
      const call = { ...plain, signers: await signers(env), ...askedOf(request), path: targetOf(request), authority };
      const found = (await server()).call<Found>("findSigner", call);
      if (found.refused === undefined) {
        const { keyId, nonce, keep, ...principal } = found;
        // Looked up last, so that nobody but a signer can use one up.
        if (await isNew(nonces(env), `${keyId}\0${nonce}`, keep)) return principal;
      }
      onRefused?.(found.refused ?? "replayed", request);
      return null;
    },
  };
}

async function isNew(store: VaultNamespace | NonceStore | undefined, nonce: string, keep: number): Promise<boolean> {
  if (store && "use" in store && typeof store.use === "function") return (await store.use(nonce, keep)) === true;
  const namespace = store as VaultNamespace | undefined;
  if (typeof namespace?.idFromName !== "function") {
    throw new TypeError(
      "createSignedRequests: nonces gave neither a namespace of Durable Objects nor a store with a use(text). Return the binding of the broker's Ledger, such as env.LEDGER.",
    );
  }
  // An entry of the ledger gives the right to send once. No entry of a request has such a name.
  const digest = await sha256(`nonce\n${nonce}`);
  const entry = namespace.get(namespace.idFromName(hex(digest))) as Ledger;
  return (await entry.begin(digest, false, keep)).begun === "send";
}
