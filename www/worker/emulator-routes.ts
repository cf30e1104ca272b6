// Which requests are for the emulated API.

/** The emulator's own routes, which it answers under these very paths. */
const OWN = ["/emulator/faults", "/emulator/orders"];

/** The request as the emulator is to see it: `/emulator` in front of an API path is taken off. Undefined if it is not for it. */
export function emulatorRequest(request: Request): Request | undefined {
  const url = new URL(request.url);
  if (OWN.includes(url.pathname)) return request;
  if (!url.pathname.startsWith("/emulator/")) return undefined;
  url.pathname = url.pathname.slice("/emulator".length);
  return new Request(url, request);
}
