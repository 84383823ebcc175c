import { parseArgs } from "node:util";
import type { KeyKind } from "../data/dataset.ts";
import { writers } from "../durable/writers.ts";

/** What the command is asked to do. */
export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** Only benchmarks in memory, or only those on disk. */
  readonly only: "memory" | "durable" | undefined;
  /** Text that a benchmark must have in its title: name, kind of key and size. */
  readonly filter: string;
  /** Rows of benchmarks in memory, and of those on disk. */
  readonly sizes: readonly number[];
  readonly durableSizes: readonly number[];
  /** Where the result is written. */
  readonly json: string | undefined;
  /** Only measure temporal traces, in this process. */
  readonly temporal: boolean;
  /** Only measure state that is larger than its budget, in this process. */
  readonly budget: boolean;
  /** Only measure bytes per row, in this process. */
  readonly memory: KeyKind | undefined;
  /** Only measure a writer of this name in this process, with keys of a kind, in a directory. */
  readonly ingest: { readonly writer: string; readonly keys: KeyKind; readonly folder: string } | undefined;
}

/** An option that is wrong; its message says which and what it should be. */
export class OptionError extends Error {}

const SIZES = [10_000, 100_000, 1_000_000];
const DURABLE_SIZES = [100_000, 1_000_000];
const LARGE_SIZE = 10_000_000;
const SIZE_MIN = 100;
const SIZE_MAX = 10_000_000;

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [options]

  --quick          10⁴ rows and few runs only: under 30 seconds
  --only <part>    memory or durable: only benchmarks in memory, or only those on disk
  --large          those on disk with 10,000,000 rows too: 15 minutes and 2 GB of disk more
  --filter <text>  only benchmarks with the text in their title, such as "merge" or "text keys" or "get present"
  --size <rows>    this many rows instead of 10000, 100000 and 1000000; may be given more than once
  --json <file>    write the result here, not to bench/results/last.json
  --help           print this

  --temporal       only print figures of temporal traces, as JSON; --size, 1000000 unless given, is the rows that are
                   scanned, a tenth of it the times of the longest history, ten times it the updates under a moving since
  --budget         only print what a budget costs beside memory, as JSON: unlimited, a quarter and a tenth of what all rows
                   take; --size, 1000000 unless given, is the rows
  --memory <keys>  only print bytes per row, measured in this process, as JSON; keys: int or text
  --ingest <name>  only print what a writer takes for rows, measured in this process, as JSON; with
  --keys <keys>      int or text, and
  --folder <path>    an empty directory for its data
`;

/** @throws {OptionError} when something is not understood. */
export function parseOptions(argv: readonly string[]): Options {
  const {
    quick = false,
    large = false,
    help = false,
    temporal = false,
    budget = false,
    filter = "",
    size,
    json,
    ...rest
  } = readArguments(argv);
  const given = size?.map(readSize);
  const durableSizes = quick ? SIZES.slice(0, 1) : DURABLE_SIZES;
  const { only, memory } = rest;
  if (only !== undefined && only !== "memory" && only !== "durable") {
    throw new OptionError(`--only: expected memory or durable, found ${JSON.stringify(only)}`);
  }
  if (json === "") throw new OptionError("--json: expected the name of a file, found nothing");
  return {
    help,
    quick,
    temporal,
    budget,
    only,
    filter,
    sizes: given ?? (quick ? SIZES.slice(0, 1) : SIZES),
    durableSizes: given ?? (large ? [...durableSizes, LARGE_SIZE] : durableSizes),
    json,
    memory: memory === undefined ? undefined : readKind("--memory", memory),
    ingest: readIngest(rest),
  };
}

function readIngest({
  ingest,
  keys,
  folder,
}: {
  ingest?: string | undefined;
  keys?: string | undefined;
  folder?: string | undefined;
}): Options["ingest"] {
  if (ingest === undefined) return undefined;
  if (!writers.some(({ name }) => name === ingest)) {
    const names = writers.map(({ name }) => JSON.stringify(name)).join(", ");
    throw new OptionError(`--ingest: expected one of ${names}, found ${JSON.stringify(ingest)}`);
  }
  if (folder === undefined)
    throw new OptionError("--folder: expected a directory beside --ingest, found nothing");
  return { writer: ingest, keys: readKind("--keys", keys), folder };
}

function readKind(option: string, text: string | undefined): KeyKind {
  if (text === "int" || text === "text") return text;
  throw new OptionError(`${option}: expected int or text, found ${JSON.stringify(text)}`);
}

function readSize(text: string): number {
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= SIZE_MIN && size <= SIZE_MAX) return size;
  throw new OptionError(
    `--size: expected a whole number from ${SIZE_MIN} to ${SIZE_MAX}, found ${JSON.stringify(text)}`,
  );
}

function readArguments(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        quick: { type: "boolean" },
        only: { type: "string" },
        large: { type: "boolean" },
        filter: { type: "string" },
        size: { type: "string", multiple: true },
        json: { type: "string" },
        temporal: { type: "boolean" },
        budget: { type: "boolean" },
        memory: { type: "string" },
        ingest: { type: "string" },
        keys: { type: "string" },
        folder: { type: "string" },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (cause) {
    // Node's first sentence says what is wrong with which option.
    const [sentence = ""] = (cause as Error).message.split(/\. |\n/);
    throw new OptionError(sentence, { cause });
  }
}
