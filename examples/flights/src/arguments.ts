import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { STATE_BACKENDS, type StatePlace } from "./state.ts";

/** The arguments are not understood; the message says which. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** What the job is asked to do. */
export interface JobArguments {
  readonly isHelp: boolean;
  /** How many flights to read at the most; `Infinity` for all. */
  readonly rowsMax: number;
  /** Where the state is kept. */
  readonly place: StatePlace;
  /** Whether to drop the state that is there. */
  readonly isFresh: boolean;
}

const ROWS_DEFAULT = 200_000;

/** What `--help` shows. A file of its own, so that `tools/start.mjs` can show it before anything is built. */
export const USAGE: string = readFileSync(new URL("../usage.txt", import.meta.url), "utf8").trimEnd();

const OPTIONS = {
  rows: { type: "string" },
  all: { type: "boolean" },
  state: { type: "string" },
  backend: { type: "string" },
  fresh: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments of the command line. @throws {ArgumentError} */
export function readArguments(args: readonly string[]): JobArguments {
  const { rows, all, state, backend, fresh, help } = parse(args);
  if (all === true && rows !== undefined) throw new ArgumentError("--all and --rows exclude each other");
  const rowsMax = all === true ? Infinity : rows === undefined ? ROWS_DEFAULT : readRows(rows);
  return { isHelp: help === true, rowsMax, place: readPlace(backend, state), isFresh: fresh === true };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"] {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    // Of Node's explanation the first sentence is what matters here.
    const [message] = (error as Error).message.split(/\. |\n/);
    throw new ArgumentError(message!);
  }
}

function readRows(text: string): number {
  const digits = text.replaceAll(/[_,]/g, "");
  const rows = Number(digits);
  if (/^\d+$/.test(digits) && rows > 0 && Number.isSafeInteger(rows)) return rows;
  throw new ArgumentError(`--rows: expected a whole number from 1, found "${text}"`);
}

function readPlace(name: string | undefined, location: string | undefined): StatePlace {
  const backend = STATE_BACKENDS.find((known) => known === (name ?? "file"));
  if (backend === undefined) {
    throw new ArgumentError(`--backend: expected one of ${STATE_BACKENDS.join(", ")}, found "${name}"`);
  }
  if (location === "") throw new ArgumentError("--state: expected a directory, found nothing");
  if (backend === "memory" && location !== undefined) {
    throw new ArgumentError("--backend memory and --state exclude each other: memory is in no directory");
  }
  return { backend, location };
}
