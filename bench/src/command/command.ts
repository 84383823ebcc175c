import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { places } from "../peers/places.ts";
import { compareResults } from "../report/compare.ts";
import { makePage } from "../report/page.ts";
import { reachedIn } from "../report/reached.ts";
import { isPlayed, parseResult, type ResultFile } from "../report/result.ts";
import { comparisonText, resultText } from "../report/tables.ts";
import { measureTemporal } from "../temporal/temporal.ts";
import { OptionError, parseOptions, USAGE, type Options } from "./options.ts";
import { chosenRows, runSuite } from "./suite-run.ts";

/** What the command needs of the world. */
export interface Surroundings {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Exit codes. */
const DONE = 0;
const FAILED = 1;
const WRONG_OPTION = 2;
const SLOWER = 3;

/**
 * Runs the command with its arguments. Gives the exit code: 0; 1 when zspine was left out of a row, or something failed; 2
 * when an option is wrong; 3 when something has become slower.
 */
export async function runCommand(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, complain } = surroundings;
  try {
    const options = parseOptions(argv);
    if (options.help) {
      print(USAGE);
      return DONE;
    }
    if (options.temporal) {
      await measureTemporal(options.size, print);
      return DONE;
    }
    const earlier = options.compare === undefined ? undefined : readResult("--compare", options.compare);
    const file = options.from ?? options.json ?? join(places.results, "last.json");
    const result =
      options.from === undefined
        ? await measure(options, file, surroundings)
        : readResult("--from", options.from);
    const reached = reachedIn(result);
    print(resultText(result, reached));
    if (options.page) writePage(result, relative(places.repository, file), reached, print);
    const isWrong = result.rows.some(({ contestants }) => {
      const ours = contestants["zspine"];
      return ours !== undefined && !isPlayed(ours);
    });
    if (earlier !== undefined) {
      const comparison = compareResults(earlier, result);
      print(`\n${comparisonText(comparison)}`);
      if (comparison.slower.length > 0 || comparison.gone.length > 0) return SLOWER;
    }
    return isWrong ? FAILED : DONE;
  } catch (error) {
    const isOptionError = error instanceof OptionError;
    complain(`bench: ${(error as Error).message}${isOptionError ? "\nTry --help." : ""}`);
    return isOptionError ? WRONG_OPTION : FAILED;
  }
}

async function measure(options: Options, file: string, { print, signal }: Surroundings): Promise<ResultFile> {
  chosenRows(options);
  // Found out before minutes of measuring.
  prepareFile(file);
  const before = options.continue && existsSync(file) ? readResult("--continue", file) : undefined;
  const keep = (result: ResultFile): void => {
    writeFileSync(`${file}.new`, `${JSON.stringify(result, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  const result = await runSuite(options, { print, signal, before, keep });
  keep(result);
  print(`written to ${file}`);
  return result;
}

function readResult(option: string, file: string): ResultFile {
  try {
    return parseResult(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new OptionError(`${option}: cannot read ${JSON.stringify(file)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, "");
  } catch (cause) {
    throw new OptionError(`--json: cannot write ${JSON.stringify(file)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function writePage(
  result: ResultFile,
  file: string,
  reached: ReturnType<typeof reachedIn>,
  print: (line: string) => void,
): void {
  const { charts, text } = makePage(readFileSync(places.page, "utf8"), file, result, reached);
  mkdirSync(places.charts, { recursive: true });
  for (const [name, svg] of Object.entries(charts)) writeFileSync(join(places.charts, name), svg);
  writeFileSync(places.page, text);
  print(`\nwritten: ${relative(places.repository, places.page)} and ${Object.keys(charts).join(", ")}`);
}
