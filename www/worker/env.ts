// What wrangler.jsonc binds.

/** The Worker's bindings and variables. */
export interface Env {
  /** The static files of the page. */
  readonly ASSETS: Fetcher;
  /** The API that the broker talks to; here the emulator in this same Worker. */
  readonly PB_API: Fetcher;
  readonly TOKEN_VAULT: DurableObjectNamespace;
  readonly LEDGER: DurableObjectNamespace;
  readonly RATE_LIMITER: RateLimit;
  /** Credentials that the emulator knows. In production these are Worker secrets. */
  readonly PB_API_KEY: string;
  readonly PB_API_SECRET: string;
  /** Signs the sessions. In production a Worker secret. */
  readonly SESSION_SECRET: string;
  /** The cookie of the session; over https `__Host-pbf`. */
  readonly SESSION_COOKIE: string;
  /** The origins, comma separated, of the pages that the broker takes orders from. */
  readonly ALLOWED_ORIGINS: string;
  /** The client ids, comma separated, for which a session may send orders. */
  readonly CLIENT_IDS: string;
}

declare global {
  namespace Cloudflare {
    /** What `env` of `cloudflare:workers` has: the same. */
    interface Env {
      readonly ALLOWED_ORIGINS: string;
      readonly SESSION_COOKIE: string;
    }
  }
}
