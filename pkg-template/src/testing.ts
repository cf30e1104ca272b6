/** The entry of the build that can be broken: the package, and a way to its instance. Never published. */
import { core } from "./core.js";

export * from "./index.js";

interface Breakable {
  call(name: string, argument: object): unknown;
  run(name: string, argument: object, onDeath?: (error: unknown) => unknown): Promise<unknown>;
}

/** The engine of this copy of the package. */
export async function engine(): Promise<Breakable> {
  return (await core()) as unknown as Breakable;
}
