// What wrangler.jsonc binds.

/** The Worker's bindings and variables. */
export interface Env {
  /** The static files of the page. */
  readonly ASSETS: Fetcher;
  /** The API that the broker talks to; here the emulator in this same Worker. */
  readonly PB_API: Fetcher;
  readonly TOKEN_VAULT: DurableObjectNamespace;
  /** Credentials that the emulator knows. In production these are Worker secrets. */
  readonly PB_API_KEY: string;
  readonly PB_API_SECRET: string;
  /** Signs the session cookies of the development server. */
  readonly SESSION_KEY: string;
  /** The origins, comma separated, of the pages that the broker takes orders from. */
  readonly ALLOWED_ORIGINS: string;
  /** The client ids, comma separated, for which a session may send orders. */
  readonly CLIENT_IDS: string;
}
