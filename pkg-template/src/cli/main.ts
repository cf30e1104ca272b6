#!/usr/bin/env node
/** The command line: `npx pb-fulfillment <command>`. */
import { WrongUse } from "./arguments.js";
import { emulator } from "./emulator.js";
import { HELP, version } from "./help.js";
import { print, printError } from "./output.js";
import { validate } from "./validate.js";

/** Runs a command; gives the exit code. */
async function run([command, ...rest]: string[]): Promise<number> {
  switch (command) {
    case "validate":
      return validate(rest);
    case "emulator":
      return emulator(rest);
    case "--version":
    case "-v":
      await print(`${version()}\n`);
      return 0;
    case "--help":
    case "-h":
    case "help":
      await print(HELP);
      return 0;
    default:
      throw new WrongUse(command === undefined ? "say what to do: validate or emulator." : `there is no command ${command}.`);
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  printError(error instanceof WrongUse ? `${message} See pb-fulfillment --help.` : message);
  process.exitCode = 2;
}
