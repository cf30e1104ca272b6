/** `pb-fulfillment emulator`: serves the API's emulator. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { EmulatorOptions, FaultPlan } from "../emulator-types.js";
import { createEmulator } from "../emulator.js";
import { oneOf, read, whole, WrongUse } from "./arguments.js";
import { HELP } from "./help.js";
import { print } from "./output.js";

const OPTIONS = {
  port: { type: "string", default: "8080" },
  host: { type: "string", default: "127.0.0.1" },
  "api-key": { type: "string", default: "emulator-key" },
  "api-secret": { type: "string", default: "emulator-secret" },
  duplicates: { type: "string", default: "update" },
  seed: { type: "string" },
  faults: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Serves until the program is told to end; gives the exit code. */
export async function emulator(args: string[]): Promise<number> {
  const { values, positionals } = read(args, OPTIONS);
  if (values.help) {
    await print(HELP);
    return 0;
  }
  if (positionals.length > 0) throw new WrongUse(`emulator takes no argument ${positionals[0]}.`);
  const port = whole("port", values.port, 65_535) ?? 0;
  const credentials = { apiKey: values["api-key"], apiSecret: values["api-secret"] };
  const { fetch } = made({
    credentials,
    duplicates: oneOf("duplicates", values.duplicates, ["update", "create"]),
    seed: whole("seed", values.seed),
    faults: values.faults === undefined ? undefined : await planIn(values.faults),
  });
  const server = createServer((request, response) => void answer(fetch, request, response));
  server.listen(port, values.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new WrongUse(`it cannot listen at ${values.host}:${port}: ${(error as Error).message}.`);
  }
  const { address, family, port: open } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  const { apiKey, apiSecret } = credentials;
  await print(
    `The emulator of the API is at http://${host}:${open} (Ctrl-C ends it).\nAPI key: ${apiKey}\nAPI secret: ${apiSecret}\nFaults are set by PUT http://${host}:${open}/emulator/faults.\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  server.close();
  server.closeAllConnections();
  return 0;
}

function made(options: { [name in keyof EmulatorOptions]: EmulatorOptions[name] | undefined }): ReturnType<typeof createEmulator> {
  try {
    return createEmulator(options as EmulatorOptions);
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}

async function planIn(file: string): Promise<FaultPlan> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as FaultPlan;
  } catch (error) {
    throw new WrongUse(`--faults: ${(error as Error).message}`);
  }
}

/** Answers a request of Node's server as the emulator does. Where that cuts the connection, the socket is closed. */
async function answer(fetch: (request: Request) => Promise<Response>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { method = "GET", headers, url = "/" } = request;
    const body = Buffer.concat(await request.toArray());
    const pairs = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((text): [string, string] => [name, text]));
    const asked = { method, headers: pairs, ...(body.length > 0 && { body }) };
    const { status, headers: fields, body: stream } = await fetch(new Request(new URL(url, "http://emulator"), asked));
    response.writeHead(status, Object.fromEntries(fields));
    if (stream) await pipeline(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]), response);
    else response.end();
  } catch {
    request.socket.destroy();
  }
}
