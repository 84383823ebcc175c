import { parseArgs } from "node:util";
import type { KeyKind } from "../data/dataset.ts";

/** What the command is asked to do. */
export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** Text that a benchmark must have in its title: name, kind of key and size. */
  readonly filter: string;
  readonly sizes: readonly number[];
  /** Where the result is written. */
  readonly json: string | undefined;
  /** Only measure bytes per row, in this process. */
  readonly memory: KeyKind | undefined;
}

/** An option that is wrong; its message says which and what it should be. */
export class OptionError extends Error {}

const SIZES = [10_000, 100_000, 1_000_000];
const SIZE_MIN = 100;
const SIZE_MAX = 10_000_000;

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [options]

  --quick          10⁴ rows and few runs only: under 20 seconds
  --filter <text>  only benchmarks with the text in their title, such as "merge" or "text keys" or "get present"
  --size <rows>    this many rows instead of 10000, 100000 and 1000000; may be given more than once
  --json <file>    write the result here, not to bench/results/last.json
  --memory <keys>  only print bytes per row, measured in this process, as JSON; keys: int or text
  --help           print this
`;

/** @throws {OptionError} when something is not understood. */
export function parseOptions(argv: readonly string[]): Options {
  const { quick, filter, size, json, memory, help } = readArguments(argv);
  const sizes = size === undefined ? (quick === true ? SIZES.slice(0, 1) : SIZES) : size.map(readSize);
  if (memory !== undefined && memory !== "int" && memory !== "text") {
    throw new OptionError(`--memory: expected int or text, found ${JSON.stringify(memory)}`);
  }
  if (json === "") throw new OptionError("--json: expected the name of a file, found nothing");
  return { help: help ?? false, quick: quick ?? false, filter: filter ?? "", sizes, json, memory };
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
        filter: { type: "string" },
        size: { type: "string", multiple: true },
        json: { type: "string" },
        memory: { type: "string" },
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
