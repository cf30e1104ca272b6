// The token vault where only its glue can be at fault: objects over storage in memory, in one process.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createBroker } from "../../pkg/broker.node.js";
import { createEmulator } from "../../pkg/emulator.node.js";
import { Storage } from "./support.mjs";

const GOOD = { apiKey: "key", apiSecret: "secret" };

/** Makes vaults whose credentials are those of `env`, and counts their token calls. */
function vaultsOf() {
  const emulator = createEmulator({ credentials: GOOD });
  const asked = { calls: 0 };
  const { TokenVault } = createBroker({
    credentials: (env) => env.credentials,
    upstream: () => ({ fetch: (request) => ((asked.calls += 1), emulator.fetch(request)) }),
    authorize: () => null,
    approveOrders: null,
    allowedOrigins: [],
    allowMissingOrigin: true,
    log: () => undefined,
  });
  return { asked, make: (id, env, storage = new Storage()) => new TokenVault({ id, storage }, env) };
}

test("a secret that was changed is used while the vault lives", async () => {
  const { asked, make } = vaultsOf();
  const env = { credentials: { ...GOOD, apiSecret: "the old one" } };
  const vault = make("changed", env);
  assert.equal((await vault.getToken()).error, "refused");
  env.credentials = GOOD;
  const { token } = await vault.getToken();
  assert.equal(typeof token, "string");
  env.credentials = { ...GOOD, apiSecret: "a wrong one" };
  assert.equal((await vault.getToken()).token, token, "a token at hand needs no secret");
  assert.equal(asked.calls, 2);
  assert.equal((await vault.getToken(token)).error, "refused");
});

test("more objects than are kept in memory go on by their storage", async () => {
  const { asked, make } = vaultsOf();
  const vaults = Array.from({ length: 1_100 }, (_, number) => make(`many ${number}`, { credentials: GOOD }));
  const tokens = [];
  for (const vault of vaults) tokens.push((await vault.getToken()).token);
  const again = await Promise.all(vaults.map((vault) => vault.getToken()));
  assert.deepEqual(
    again.map(({ token }) => token),
    tokens,
  );
  assert.equal(asked.calls, vaults.length, "no token was asked for twice");
});

test("an object that was let go for many others leases nothing until its earlier leases are over", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const { make } = vaultsOf();
  const env = { credentials: GOOD };
  const lease = async (vault) => (await vault.leaseCalls("/v1/orders/bulk", 1)).granted;
  const first = make("first", env);
  assert.equal(await lease(first), 0);
  t.mock.timers.tick(4_000);
  assert.equal(await lease(first), 1);
  for (let number = 0; number < 1_000; number += 1) await lease(make(`other ${number}`, env));
  assert.equal(await lease(first), 0);
  t.mock.timers.tick(4_000);
  assert.equal(await lease(first), 1);
});
