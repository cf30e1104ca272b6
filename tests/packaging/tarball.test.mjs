// What is in the tarball, and what the tools that judge packages say of it.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";
import { output, pack, project } from "./support.mjs";

const tool = (name, path) => join(root, "node_modules", name, path);
const MAIN = [
  "index.js",
  "index.node.js",
  "index.workerd.js",
  "index.cjs",
  "validate.js",
  "validate.node.js",
  "validate.workerd.js",
  "validate.cjs",
  "streams.js",
  "slim.js",
  "slim.cjs",
  "inline.js",
  "inline.node.js",
  "inline.cjs",
];

test("the tarball", async (t) => {
  const tarball = await pack(t);
  const folder = await project(t);
  const installed = join(folder, "node_modules", "pb-fulfillment");
  const files = await readdir(installed, { recursive: true });
  const read = (file) => readFile(join(installed, file), "utf8");

  await t.test(
    "has each program in a file of its own, and the core once more in parts, and as text for either kind of module",
    async () => {
      const programs = ["build.wasm", "check.wasm", "core.wasm", "send.wasm", "server.wasm", "streams.wasm"];
      assert.deepEqual(files.filter((name) => name.endsWith(".wasm")).sort(), programs);
      assert.deepEqual(files.filter((name) => name.includes(".text.")).sort(), ["core.text.cjs", "core.text.js"]);
      for (const file of files.filter((name) => /\.c?js$/.test(name) && !name.includes(".text."))) {
        // The first bytes of any WebAssembly as base64, and as an escaped or listed binary; a probe of what the runtime can is shorter.
        assert.doesNotMatch(await read(file), /AGFzbQ|\\0asm|\\x00asm|0,\s*97,\s*115,\s*109(,\s*\d+){40}/, file);
      }
    },
  );

  await t.test("has nothing but what its users need", () => {
    const odd = files.filter(
      (name) =>
        !/^(package\.json|README\.md|LICENSE|docs(\/[a-z-]+\.md)?|schema\.json|[a-z.]+\.c?js|[a-z]+\.wasm|types(\/.*)?)$/.test(name),
    );
    assert.deepEqual(odd, []);
    assert.ok(!files.includes("node_modules"), "it needs no other package");
  });

  await t.test("has none of broker, outbox and emulator in what a page loads", async () => {
    for (const file of MAIN) {
      assert.doesNotMatch(await read(file), /createBroker|createOutbox|createEmulator|answerAs|TokenVault|server\.wasm/, file);
    }
    for (const program of files.filter((name) => name.endsWith(".wasm") && name !== "server.wasm")) {
      assert.doesNotMatch(await readFile(join(installed, program), "latin1"), /oauth\/token|answerAs|v1\/outbox|outbox_full/);
    }
  });

  await t.test("names no folder of the machine that it was made on", async () => {
    for (const file of files.filter((name) => /\.(wasm|c?js|json|ts)$/.test(name))) {
      const text = await readFile(join(installed, file), "latin1");
      for (const path of [homedir(), root]) assert.ok(!text.includes(`${path}/`), `${file} names ${path}`);
    }
  });

  await t.test("has nothing of what reads streams in what a page without them loads", async () => {
    for (const file of ["index.js", "validate.js", "form.js"]) assert.doesNotMatch(await read(file), /stream_cut|streams\.wasm/, file);
    for (const program of ["build.wasm", "check.wasm", "send.wasm", "server.wasm"]) {
      assert.doesNotMatch(await readFile(join(installed, program), "latin1"), /partOrders/, program);
    }
    assert.match(await read("streams.js"), /stream_cut/);
    assert.match(await readFile(join(installed, "streams.wasm"), "latin1"), /partOrders/);
  });

  await t.test("has nothing of the client in what a page that sends nothing loads", async () => {
    assert.doesNotMatch(await read("validate.js"), /FulfillmentClient|submitOrders|(core|send)\.wasm/);
    for (const program of ["build.wasm", "check.wasm", "streams.wasm"]) {
      assert.doesNotMatch(await readFile(join(installed, program), "latin1"), /Idempotency-Key/, program);
    }
    assert.match(await readFile(join(installed, "send.wasm"), "latin1"), /Idempotency-Key/);
  });

  await t.test("satisfies publint", async () => {
    await output(process.execPath, [tool("publint", "src/cli.js"), tarball, "--strict"]);
  });

  await t.test("satisfies are-the-types-wrong", async () => {
    // Profile node16: the resolution of before Node 12.7 knows no `exports`, and so neither broker nor emulator. The
    // programs are left out, since a .wasm file has no types; the package's own modules load them.
    const programs = files.filter((name) => name.endsWith(".wasm"));
    const args = ["--profile", "node16", "--exclude-entrypoints", ...programs, "--no-definitely-typed"];
    await output(process.execPath, [tool("@arethetypeswrong/cli", "dist/index.js"), tarball, ...args]);
  });
});
