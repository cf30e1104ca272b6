/** The types of what tells a broker who is asking. */
import type { Principal, VaultNamespace } from "./broker-types.js";

/** What a caller may do. `Principal` takes others too, which are of no effect here. */
export type Scope =
  /** To submit orders. */
  | "orders:write"
  /** To ask what became of orders. */
  | "orders:read"
  /** To look at orders that were given up, to mend them and to send them again. */
  | "dead-letters:write";

/** A secret to sign with, and its name. */
export interface SigningSecret {
  /** Its name, which goes along with each signature: 1 to 128 letters, digits, dots, hyphens and underscores. */
  readonly id: string;
  /** At least 32 bytes, made by chance, such as by `openssl rand -base64 32`; what is signed with are the bytes of this text. */
  readonly secret: string;
}

/** Why a request has no session. */
export type SessionRefusal =
  /** It has no token. */
  | "missing"
  /** It has two tokens, or what it has is no token of this form. */
  | "malformed"
  /** The token names another algorithm than HS256. */
  | "algorithm"
  /** The token's `typ` is not `pb-fulfillment-session+jwt`. */
  | "type"
  /** The token's `kid` names none of the secrets. */
  | "key"
  /** The signature is not that of the secret. */
  | "signature"
  /** The token's `aud` is another. */
  | "audience"
  /** The token has run out. */
  | "expired"
  /** The token is of the future. */
  | "not_yet_valid"
  /** The token lasts longer than `ttl`. */
  | "long_lived"
  /** The request comes from a page of another origin, or does not tell of which. */
  | "origin"
  /** A claim is missing or is not what it must be. */
  | "claims";

/** How sessions are issued and checked: the same on both sides. */
export interface SessionOptions<Env> {
  /**
   * The secrets, from the Worker's own. The first one signs, and what any of them has signed is known. To change them: put the new one
   * last, then first, then take the old one away, each after `ttl`.
   */
  readonly secrets: (env: Env) => readonly SigningSecret[] | Promise<readonly SigningSecret[]>;
  /** Whom tokens are meant for, the claim `aud`. Default `"pb-fulfillment"`; other names keep brokers apart that share secrets. */
  readonly audience?: string;
  /** How long a new session lasts, and the longest that is accepted, in milliseconds. Default 900,000 (15 minutes). */
  readonly ttl?: number;
  /** How far the clocks of the two sides may be apart, in milliseconds. Default 30,000. */
  readonly clockSkew?: number;
  /**
   * The name of a cookie to look for the token in, if there is no `Authorization`, such as `"__Host-pbf"`. Browsers let no other site
   * of the domain set one whose name begins with `__Host-`. Default none.
   */
  readonly cookie?: string;
  /** Hears why a request was refused; the caller does not. */
  readonly onRefused?: (reason: SessionRefusal, request: Request) => void;
}

/** Whom a session is for. */
export interface NewSession {
  /** The caller's name in the shop, such as a user's id; see {@link Principal}. */
  readonly subject: string;
  /** Whose orders it may send. */
  readonly clientIds: readonly string[];
  /** What it may do. */
  readonly scopes: readonly Scope[];
  /** The origin of the page that will use it, such as `https://shop.example`. */
  readonly origin: string;
}

/** A session that was issued. */
export interface IssuedSession {
  /** The token, for the page. */
  readonly token: string;
  /** When it runs out, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Sessions of pages, with nothing stored. */
export interface Sessions<Env> {
  /**
   * A token for a page, once the shop knows who is there. Rejects with a TypeError that names what is wrong with the session or the
   * secrets.
   */
  issue(session: NewSession, env: Env): Promise<IssuedSession>;
  /** The value of a `Set-Cookie` for it. `secure: false` is for http in development, and for names without `__Host-` only. */
  setCookie(session: IssuedSession, options?: { readonly secure?: boolean }): string;
  /** Who is asking, by the session's token; to be given to a broker as its `authorize`. */
  readonly authorize: (request: Request, env: Env) => Promise<Principal | null>;
}

/** A program, and the secret that it signs with. */
export interface SignerOptions extends SigningSecret, Omit<NewSession, "origin"> {}

/** Why a request is not signed well. */
export type SignatureRefusal =
  /** It has no signature. */
  | "missing"
  /** The header fields are not of the profile. */
  | "malformed"
  /** It does not cover what it must, in the order of the profile. */
  | "components"
  /** A parameter is missing, twice there, or not known. */
  | "parameters"
  /** It names another algorithm than hmac-sha256. */
  | "algorithm"
  /** Its `tag` is not `pb-fulfillment`. */
  | "tag"
  /** Its `keyid` names none of the signers. */
  | "key"
  /** It is too old. */
  | "expired"
  /** It is of the future. */
  | "not_yet_valid"
  /** The request has a body and no `Content-Digest` with a sha-256. */
  | "digest"
  /** The signature is not that of the secret. */
  | "signature"
  /** The same has come before. */
  | "replayed";

/** Remembers what was used once. */
export interface NonceStore {
  /**
   * Whether the text comes for the first time; from then on it does not, for at least `keep` milliseconds, which is longer than its
   * signature holds.
   */
  use(text: string, keep: number): boolean | Promise<boolean>;
}

/** How the requests of programs are known. */
export interface SignedRequestOptions<Env> {
  /** The programs, with secrets from the Worker's own. One may be there twice, with two secrets, while they are changed. */
  readonly signers: (env: Env) => readonly SignerOptions[] | Promise<readonly SignerOptions[]>;
  /**
   * Where nonces are remembered, so that nobody sends a request twice that they have seen: `(env) => env.LEDGER`, the namespace of a
   * broker's class `Ledger`, or a store of one's own. A ledger keeps each for longer than its signature holds, whatever
   * `limits.ledgerKeep` is.
   */
  readonly nonces: (env: Env) => VaultNamespace | NonceStore;
  /** How long a signature holds, in milliseconds. Default 300,000 (5 minutes). */
  readonly maxAge?: number;
  /** How far the clock of a program may be ahead, in milliseconds. Default 30,000. */
  readonly clockSkew?: number;
  /** Hears why a request was refused; the caller does not. */
  readonly onRefused?: (reason: SignatureRefusal, request: Request) => void;
}

/** Requests that programs sign. */
export interface SignedRequests<Env> {
  /** Who is asking, by the request's signature; to be given to a broker as its `authorize`. The broker checks the body's digest. */
  readonly authorize: (request: Request, env: Env) => Promise<Principal | null>;
}
