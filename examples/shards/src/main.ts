import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isZspineError } from "@zspine/core";
import { demonstrate, type Demonstration } from "./demonstration.ts";
import { ShardsError } from "./place.ts";
import { runShardProcess } from "./shard-process.ts";

const USAGE = `Usage: npm start -w examples/shards -- [--shards N] [--by hash|range] [--steps N] [--move SHARD] [--state PLACE] [--fresh]

Parts the rows of one trace with times among N processes, each the one writer of a store of its own. Takes steps, kills a
process, moves a shard, and compares what all shards say as of each step with one store that has all rows.

  --shards N     how many (1 to 26, default 4)
  --by WHAT      by the hash of the key, or by range (default hash)
  --steps N      take so many steps more (default 60)
  --move SHARD   the shard that is moved (default the first)
  --state PLACE  keep the state there: a directory, or s3://BUCKET/PREFIX with keys in AWS_ACCESS_KEY_ID and
                 AWS_SECRET_ACCESS_KEY (default examples/shards/state)
  --fresh        remove the state in examples/shards/state first`;

const STATE = fileURLToPath(new URL("../state", import.meta.url));
const OPTIONS = {
  shards: { type: "string" },
  by: { type: "string" },
  steps: { type: "string", default: "60" },
  move: { type: "string" },
  state: { type: "string" },
  fresh: { type: "boolean" },
  help: { type: "boolean" },
} as const;

type Wanted = Pick<Demonstration, "shards" | "by" | "steps" | "move" | "state"> & {
  readonly isFresh: boolean;
};

/** What is asked for: help, or a demonstration. @throws `ShardsError` for what is not understood. */
function readArguments(args: string[]): "help" | Wanted {
  let values;
  try {
    ({ values } = parseArgs({ options: OPTIONS, args }));
  } catch (error) {
    throw new ShardsError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
  const { by, fresh: isFresh = false, help, move, shards, state, steps } = values;
  if (help === true) return "help";
  if (by !== undefined && by !== "hash" && by !== "range")
    throw new ShardsError(`--by ${by}: expected hash or range.`);
  if (isFresh && state !== undefined)
    throw new ShardsError(
      "--fresh removes examples/shards/state alone. Remove the state that --state names yourself, or leave one of them out.",
    );
  if (state !== undefined && (state.trim() === "" || /^(?!s3:)[a-z][a-z\d+.-]+:\/\//i.test(state)))
    throw new ShardsError(`--state ${JSON.stringify(state)}: expected a directory, or s3://BUCKET/PREFIX.`);
  const count = shards === undefined ? undefined : countOf("shards", shards, 26);
  return { by, move, isFresh, shards: count, steps: countOf("steps", steps, 100_000), state: state ?? STATE };
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new ShardsError(`--${option} ${text}: expected a whole number from 1 to ${most}.`);
}

async function run(): Promise<number> {
  const end = new AbortController();
  process.once("SIGINT", () => end.abort());
  try {
    const wanted = readArguments(process.argv.slice(2));
    if (wanted === "help") {
      console.log(USAGE);
      return 0;
    }
    if (wanted.isFresh) await rm(STATE, { recursive: true, force: true });
    const program = process.argv[1]!;
    const areEqual = await demonstrate({
      ...wanted,
      program,
      signal: end.signal,
      tell: (line) => console.log(line),
    });
    return areEqual ? 0 : 1;
  } catch (error) {
    if (end.signal.aborted) {
      console.error("Stopped. What is committed is there: the same command goes on with it.");
      return 130;
    }
    if (!(error instanceof ShardsError) && !isZspineError(error)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (process.argv[2] === "shard" && process.send !== undefined) runShardProcess();
else process.exitCode = await run();
