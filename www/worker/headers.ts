// The security headers of everything that the page consists of.

/**
 * No inline script or style, nothing from elsewhere, and no way to turn a string into a script or into HTML.
 * `wasm-unsafe-eval` lets the validator's WebAssembly be compiled and allows no JavaScript.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** The same response with the security headers set. */
export function secured(response: Response): Response {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) copy.headers.set(name, value);
  return copy;
}

/** A refusal as `application/problem+json` (RFC 9457). */
export function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return secured(
    new Response(JSON.stringify({ type: "about:blank", status, detail }), {
      status,
      headers: { ...headers, "content-type": "application/problem+json" },
    }),
  );
}
