import { parseArgs } from "node:util";

/** The arguments are not understood; the message says which. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** What the job is asked to do. */
export interface JobArguments {
  readonly isHelp: boolean;
  /** How many flights to read at the most; `Infinity` for all. */
  readonly rowsMax: number;
}

const ROWS_DEFAULT = 200_000;

export const USAGE = `Usage: npm start -- [options]

Keeps the delays of US flights of 2001 up to date, day by day, in a zspine store,
and checks at the end that recomputing everything gives the same.

Options:
  --rows N   read the first N flights (default ${ROWS_DEFAULT})
  --all      read all 3,000,000 flights
  --help     show this and exit

Exit code: 0 when the check passes, 1 when it fails or the data cannot be read,
2 for arguments that are not understood, 130 when interrupted.`;

/** Reads the arguments of the command line. @throws {ArgumentError} */
export function readArguments(args: readonly string[]): JobArguments {
  const { rows, all, help } = parse(args);
  if (all === true && rows !== undefined) throw new ArgumentError("--all and --rows exclude each other");
  const rowsMax = all === true ? Infinity : rows === undefined ? ROWS_DEFAULT : readRows(rows);
  return { isHelp: help === true, rowsMax };
}

function parse(args: readonly string[]): { rows?: string; all?: boolean; help?: boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: { rows: { type: "string" }, all: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values;
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
