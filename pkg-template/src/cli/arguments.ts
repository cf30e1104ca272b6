/** The arguments of a command. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** What the caller did wrong, in words for them. */
export class WrongUse extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;

/** Reads the arguments of a command. */
export function read<const T extends Options>(args: string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}

/** A whole number, if one was given. */
export function whole(name: string, text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > most) throw new WrongUse(`--${name} must be a whole number from 0 to ${most}, not ${text}.`);
  return Number(text);
}

/** One of these texts. */
export function oneOf<const T extends string>(name: string, text: string, values: readonly T[]): T {
  const value = values.find((value) => value === text);
  if (value === undefined) throw new WrongUse(`--${name} must be ${values.join(" or ")}, not ${text}.`);
  return value;
}
