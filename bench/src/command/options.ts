import { parseArgs } from "node:util";
import { PARTS, type Part } from "../suite/row.ts";

/** What the command is asked to do. */
export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly large: boolean;
  /** Only these parts of the suite; all of them where there are none. */
  readonly only: readonly Part[];
  /** Text that a row must have in its name: title, kind of rows and size. */
  readonly filter: string;
  /** Rows of the largest workload. */
  readonly size: number;
  /** Contestants that do not take part. */
  readonly without: readonly string[];
  /** Where the result is written. */
  readonly json: string | undefined;
  /** Keep the rows that the result file has already, and go on with those that are missing. */
  readonly continue: boolean;
  /** After so many seconds no row is begun. */
  readonly seconds: number;
  /** A result that is read instead of running anything. */
  readonly from: string | undefined;
  /** A result to compare with. */
  readonly compare: string | undefined;
  /** Write the page's tables and charts. */
  readonly page: boolean;
  /** Only measure temporal traces, in this process. */
  readonly temporal: boolean;
}

/** An option that is wrong; its message says which and what it should be. */
export class OptionError extends Error {}

const SIZE = 1_000_000;
const QUICK_SIZE = 10_000;
const SIZE_MIN = 1000;
const SIZE_MAX = 10_000_000;

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [options]

  --quick            10,000 rows and few runs: two minutes, for trying things out; dbsp only where it has been built
  --only <part>      ${PARTS.join(", ")}; may be given more than once
  --filter <text>    only rows with the text in their name, such as "merge" or "text" or "get, disk"
  --size <rows>      rows of the largest workload: ${SIZE} unless given, from ${SIZE_MIN} to ${SIZE_MAX}
  --large            growth to ten times as many rows too: some minutes and 4 GB of memory more
  --without <name>   a contestant that is to be left out, such as dbsp; may be given more than once
  --budget           the same as --only budget

  --json <file>      write the result here, not to bench/results/last.json
  --continue         keep the rows that this file has already, run those that are missing
  --seconds <n>      begin no row after so many seconds; --continue goes on
  --from <file>      run nothing: read this result and print it, compare it or make the page of it
  --compare <file>   say what has become slower than in this result by more than 15 %, and end with 3 if anything has
  --page             write tables and charts of docs/guides/performance.md
  --temporal         only print figures of temporal traces, as JSON, for --size rows
  --help             print this

It ends with 1 when zspine has answered wrongly or failed, with 2 when an option is wrong.
`;

/** @throws {OptionError} when something is not understood. */
export function parseOptions(argv: readonly string[]): Options {
  const given = readArguments(argv);
  const { quick = false, budget = false } = given;
  const only = [...(given.only ?? []), ...(budget ? ["budget"] : [])];
  for (const part of only)
    if (!PARTS.includes(part as Part))
      throw new OptionError(`--only: expected one of ${PARTS.join(", ")}, found ${JSON.stringify(part)}`);
  for (const name of ["json", "from", "compare"] as const)
    if (given[name] === "") throw new OptionError(`--${name}: expected the name of a file, found nothing`);
  return {
    help: given.help ?? false,
    quick,
    large: given.large ?? false,
    only: only as Part[],
    filter: given.filter ?? "",
    size:
      given.size === undefined
        ? quick
          ? QUICK_SIZE
          : SIZE
        : readNumber("--size", given.size, SIZE_MIN, SIZE_MAX),
    without: given.without ?? [],
    json: given.json,
    continue: given.continue ?? false,
    seconds: given.seconds === undefined ? Infinity : readNumber("--seconds", given.seconds, 1, 1_000_000),
    from: given.from,
    compare: given.compare,
    page: given.page ?? false,
    temporal: given.temporal ?? false,
  };
}

function readNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new OptionError(
    `${option}: expected a whole number from ${least} to ${most}, found ${JSON.stringify(text)}`,
  );
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: "boolean" },
        large: { type: "boolean" },
        only: { type: "string", multiple: true },
        filter: { type: "string" },
        size: { type: "string" },
        without: { type: "string", multiple: true },
        budget: { type: "boolean" },
        json: { type: "string" },
        continue: { type: "boolean" },
        seconds: { type: "string" },
        from: { type: "string" },
        compare: { type: "string" },
        page: { type: "boolean" },
        temporal: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (cause) {
    // Node's first sentence says what is wrong with which option.
    const [sentence = ""] = (cause as Error).message.split(/\. |\n/);
    throw new OptionError(sentence, { cause });
  }
}
