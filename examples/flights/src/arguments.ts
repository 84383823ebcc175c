import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isDay } from "./calendar.ts";
import type { Question } from "./history.ts";
import { STATE_BACKENDS, type StatePlace } from "./state-place.ts";

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
  /** Whether to read along with another process that keeps the state up to date. */
  readonly isFollowing: boolean;
  /** Whether to drop the state that is there. */
  readonly isFresh: boolean;
  /** How many days before the last can be asked for; where it is missing, as many as the state says. */
  readonly daysKept: number | undefined;
  /** What to tell of earlier days, in place of a report. */
  readonly question: Question | undefined;
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
  follow: { type: "boolean" },
  keep: { type: "string" },
  budget: { type: "string" },
  "as-of": { type: "string" },
  changes: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments of the command line. @throws {ArgumentError} */
export function readArguments(args: readonly string[]): JobArguments {
  const {
    rows,
    all,
    state,
    backend,
    fresh,
    follow,
    keep,
    budget,
    "as-of": asOf,
    changes,
    help,
  } = parse(args);
  if (all === true && rows !== undefined) throw new ArgumentError("--all and --rows exclude each other");
  const isFollowing = follow === true;
  if (isFollowing) refuseWithFollow({ fresh, keep, "as-of": asOf, changes });
  return {
    isHelp: help === true,
    rowsMax: all === true ? Infinity : rows === undefined ? ROWS_DEFAULT : readCount("--rows", rows, 1),
    place: readPlace(backend, state, budget, isFollowing),
    isFollowing,
    isFresh: fresh === true,
    daysKept: keep === undefined ? undefined : readCount("--keep", keep, 0),
    question: readQuestion(asOf, changes),
  };
}

/** Who reads along changes nothing, and is asked nothing. */
function refuseWithFollow(others: Readonly<Record<string, unknown>>): void {
  const [other] = Object.keys(others).filter((name) => others[name] !== undefined);
  if (other !== undefined) throw new ArgumentError(`--follow and --${other} exclude each other`);
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

function readCount(option: string, text: string, least: number): number {
  const digits = text.replaceAll(/[_,]/g, "");
  const count = Number(digits);
  if (/^\d+$/.test(digits) && count >= least && Number.isSafeInteger(count)) return count;
  throw new ArgumentError(`${option}: expected a whole number from ${least}, found "${text}"`);
}

function readQuestion(asOf: string | undefined, changes: string | undefined): Question | undefined {
  if (asOf !== undefined && changes !== undefined) {
    throw new ArgumentError("--as-of and --changes exclude each other: ask for one, and then for the other");
  }
  if (asOf !== undefined) return { after: undefined, until: readDay("--as-of", "2001-01-08", asOf) };
  if (changes === undefined) return undefined;
  const example = "2001-01-05..2001-01-08";
  const [from = "", to, ...rest] = changes.split("..");
  if (to === undefined || rest.length > 0) {
    throw new ArgumentError(`--changes: expected two days, such as ${example}, found "${changes}"`);
  }
  const after = readDay("--changes", example, from);
  const until = readDay("--changes", example, to);
  if (after <= until) return { after, until };
  throw new ArgumentError(`--changes: ${after} comes after ${until}; write --changes ${until}..${after}`);
}

function readDay(option: string, example: string, text: string): string {
  if (isDay(text)) return text;
  throw new ArgumentError(
    `${option}: expected a day of the calendar, as in ${option} ${example}, found "${text}"`,
  );
}

/** What a store needs to spill at all. */
const BUDGET_LEAST = 2 * 2 ** 20;

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

function readBudget(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? NaN));
  if (bytes >= BUDGET_LEAST) return bytes;
  throw new ArgumentError(`--budget: expected bytes of memory from 2MiB, such as 32MB, found "${text}"`);
}

function readPlace(
  name: string | undefined,
  location: string | undefined,
  budget: string | undefined,
  isFollowing: boolean,
): StatePlace {
  const isInBucket = location?.startsWith("s3://") === true;
  const backend = STATE_BACKENDS.find((known) => known === (name ?? (isInBucket ? "s3" : "file")));
  if (backend === undefined) {
    throw new ArgumentError(`--backend: expected one of ${STATE_BACKENDS.join(", ")}, found "${name}"`);
  }
  if (location === "") throw new ArgumentError("--state: expected a directory, found nothing");
  if (backend === "s3" ? !/^s3:\/\/[^/]/.test(location ?? "") : isInBucket) {
    const found = location === undefined ? "nothing" : `"${location}"`;
    throw new ArgumentError(
      backend === "s3"
        ? `--state: expected a place in object storage, such as s3://BUCKET/flights, found ${found}`
        : `--state: expected a directory, found ${found}; leave --backend ${backend} out`,
    );
  }
  if (backend === "memory" && location !== undefined) {
    throw new ArgumentError("--backend memory and --state exclude each other: memory is in no directory");
  }
  if (backend === "memory" && budget !== undefined) {
    throw new ArgumentError(
      "--backend memory and --budget exclude each other: there is nowhere for rows to go",
    );
  }
  if (backend === "memory" && isFollowing) {
    throw new ArgumentError(
      "--backend memory and --follow exclude each other: nobody else sees what is in memory",
    );
  }
  return { backend, location, budgetBytes: budget === undefined ? undefined : readBudget(budget) };
}
