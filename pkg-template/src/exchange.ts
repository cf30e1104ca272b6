/** A server's requests and answers, as they cross the border. */

import { nameOf } from "./options.js";

/** What of a request crosses besides its body. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** An answer as it crosses the border. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Throws if this is no request. */
export function checkRequest(of: string, request: unknown): void {
  if (typeof request === "object" && request !== null && "method" in request && "headers" in request && "arrayBuffer" in request) return;
  throw new TypeError(`${of}: give a Request, such as new Request(url, { method, headers, body }), not ${nameOf(request)}.`);
}

export function askedOf(request: Request): Asked {
  return { method: request.method, path: new URL(request.url).pathname, headers: [...request.headers] };
}

/**
 * The path and the query, as the request was sent where the runtime keeps it so: a path that `URL` would make another is no route of a
 * broker, and neither is one with a query.
 */
export function targetOf({ url }: Request): string {
  return /^[^:]*:\/\/[^/?#]*([^#]*)/.exec(url)?.[1] ?? "";
}

export function responseOf({ status, headers, body }: PlainAnswer): Response {
  // A body, even an empty one, is refused for the statuses that have none (Fetch standard, section 2.2.3).
  return new Response(body.length > 0 ? body : null, { status, headers });
}

/** The body in pieces. `end` lets go of what was not read. */
export function chunksOf(request: Request): { next: () => Promise<Uint8Array | undefined>; end: () => void } {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let done = false;
  return {
    async next() {
      reader ??= request.body?.getReader();
      if (!reader) return undefined;
      const step = await reader.read();
      done = step.done;
      return step.value;
    },
    end() {
      if (reader && !done) void reader.cancel().catch(() => undefined);
    },
  };
}

/** The next number of a series that is never used twice in this copy of the package: the program knows things by them. */
let last = 0;
export const nextNumber = (): number => ++last;
