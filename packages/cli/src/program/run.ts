import { CommanderError, type Command } from "commander";
import { describeFailure, EXIT_MISUSED } from "../console/failure.ts";
import type { Terminal } from "../console/terminal.ts";
import { makeProgram } from "./program.ts";

/**
 * Runs a command line, and gives the code that the process ends with. What is wrong is told to the terminal, without a stack.
 *
 * @param args What follows the name of the program.
 */
export async function run(args: readonly string[], terminal: Terminal, version: string): Promise<number> {
  const program = makeProgram(terminal, version);
  for (const command of [program, ...program.commands]) neverExit(command);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has told what it did not understand, or shown the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISUSED;
    const { message, exitCode } = describeFailure(error);
    terminal.tell(`zspine: ${message}`);
    return exitCode;
  }
}

function neverExit(command: Command): void {
  command.exitOverride();
}
