// The session lasts minutes, sending may last longer: a new one is asked for before the old one runs out. It is in a cookie that no
// script can read.

/** Well within the 15 minutes that a session lasts. */
const RENEW_AFTER_MS = 5 * 60_000;

/** When the page was opened there was a new one. */
let renewedAt = Date.now();

/** `fetch`, with a session that holds. */
export async function fetchInSession(request: Request): Promise<Response> {
  if (Date.now() - renewedAt > RENEW_AFTER_MS) {
    // If that fails, the broker says so itself, and says that nothing was sent.
    const answer = await fetch("/session", { method: "POST" }).catch(() => undefined);
    if (answer?.ok) renewedAt = Date.now();
  }
  return fetch(request);
}
