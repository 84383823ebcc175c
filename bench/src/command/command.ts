import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { measureBudget } from "../budget/budget.ts";
import { measureIngest } from "../durable/ingest.ts";
import { writers } from "../durable/writers.ts";
import { measureBytesPerRow } from "../memory/memory.ts";
import { measureTemporal } from "../temporal/temporal.ts";
import { OptionError, parseOptions, USAGE } from "./options.ts";
import { checkFilter, runBenchmarks } from "./run.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Runs the command with its arguments. Gives the exit code: 0, 1 when a benchmark gave a wrong answer, 2
 * when the options are wrong.
 *
 * @param defaultFile Where the result is written unless an option says otherwise.
 */
export async function runCommand(
  argv: readonly string[],
  defaultFile: string,
  surroundings: Surroundings,
): Promise<number> {
  const { print, complain } = surroundings;
  try {
    const options = parseOptions(argv);
    if (options.help) {
      print(USAGE);
      return 0;
    }
    if (options.temporal) {
      await measureTemporal(options.sizes.at(-1)!, print);
      return 0;
    }
    if (options.budget) {
      await measureBudget(options.sizes.at(-1)!, print);
      return 0;
    }
    if (options.memory !== undefined) {
      print(JSON.stringify(await measureBytesPerRow(options.memory, options.sizes[0]!)));
      return 0;
    }
    if (options.ingest !== undefined) {
      const { writer: name, keys, folder } = options.ingest;
      const writer = writers.find((one) => one.name === name)!;
      print(JSON.stringify(await measureIngest(writer, keys, options.sizes[0]!, folder)));
      return 0;
    }
    const file = options.json ?? defaultFile;
    checkFilter(options);
    prepareFile(file);
    const result = await runBenchmarks(options, surroundings);
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    print(`written to ${file}`);
    return 0;
  } catch (error) {
    const isOptionError = error instanceof OptionError;
    complain(`bench: ${(error as Error).message}${isOptionError ? "\nTry --help." : ""}`);
    return isOptionError ? 2 : 1;
  }
}

/** Finds out before minutes of measuring that the file cannot be written. */
function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "", { flag: "a" });
  } catch (cause) {
    throw new OptionError(`--json: cannot write ${JSON.stringify(file)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
