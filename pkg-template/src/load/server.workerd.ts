// workerd compiles what it is deployed with, and nothing later.
import module from "./server.wasm";

import type { Load } from "../engine.js";

/** Methods of a Durable Object can be called by RPC only if its class extends the runtime's own. */
export { DurableObject } from "cloudflare:workers";

export const load: Load = () => ({ module });
