// The API, as a Worker of its own: the emulator, and a record of what it was asked for and gave out.
import { createEmulator } from "./emulator.workerd.js";

let emulator;
const asked = {};
const tokens = [];

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/test/asked") return Response.json(asked);
    emulator ??= createEmulator({
      credentials: { apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET },
      tokenLifetime: Number(env.TOKEN_LIFETIME),
    });
    if (pathname === "/test/tokens") return Response.json(tokens);
    asked[pathname] = (asked[pathname] ?? 0) + 1;
    const answer = await emulator.fetch(request);
    if (pathname !== "/oauth/token") return answer;
    if (answer.ok) tokens.push((await answer.clone().json()).access_token);
    // Time for others to ask as well.
    await scheduler.wait(50);
    return answer;
  },
};
