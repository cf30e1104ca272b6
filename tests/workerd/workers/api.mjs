// The API, as a Worker of its own: the emulator, and a record of what it was asked for and gave out.
import { createEmulator } from "./emulator.workerd.js";

let emulator;
const asked = {};
const tokens = [];
/** The header fields of the last request for orders. */
let seen;
/** Header fields for the answers to such requests. */
let added = [];

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/test/asked") return Response.json(asked);
    if (pathname === "/test/seen") return Response.json(seen);
    if (pathname === "/test/add") {
      added = await request.json();
      return new Response();
    }
    emulator ??= createEmulator({
      credentials: { apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET },
      tokenLifetime: Number(env.TOKEN_LIFETIME),
    });
    if (pathname === "/test/tokens") return Response.json(tokens);
    asked[pathname] = (asked[pathname] ?? 0) + 1;
    const answer = await emulator.fetch(request);
    if (pathname !== "/oauth/token") {
      seen = [...request.headers];
      return added.length > 0 ? new Response(answer.body, { status: answer.status, headers: [...answer.headers, ...added] }) : answer;
    }
    if (answer.ok) tokens.push((await answer.clone().json()).access_token);
    // Time for others to ask as well.
    await scheduler.wait(50);
    return answer;
  },
};
