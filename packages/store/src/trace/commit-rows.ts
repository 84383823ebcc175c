import { turn, type Backend, type Environment, type WriteOp } from "@zspine/core";
import { Merge } from "../merge/merge.ts";
import { BatchWriter, type WriterSurroundings } from "../tier/batch-writer.ts";
import type { Loader } from "../tier/loader.ts";
import type { StoredBatch, StoredRun } from "./stages.ts";
import type { TraceState } from "./trace-state.ts";

type AnyState = TraceState<unknown, unknown>;

/** Rows that a commit has written as stored batches. */
export interface CommitRows {
  /** For each trace its runs, oldest first. */
  readonly written: ReadonlyMap<AnyState, readonly StoredRun[]>;
  /** Values that are to be written together with the head. */
  readonly ops: readonly WriteOp[];
  /** Names of all values, those of `ops` among them. */
  readonly values: readonly string[];
}

/** Rows of a commit that stores none. */
export const NO_ROWS: CommitRows = { written: new Map(), ops: [], values: [] };

/** What writing the rows of a commit needs. */
export interface RowsSurroundings {
  readonly backend: Backend;
  readonly environment: Environment;
  readonly loader: Loader;
  readonly writer: WriterSurroundings;
}

/** Bytes that are written together with the head at the most; what is more is written ahead of it. */
const AHEAD_BYTES: number = 1024 * 1024;

/** Rows that are merged and encoded between two turns of others. */
const FUEL = 32768;

/**
 * Writes the rows that a commit has taken, one batch for each run of them that no snapshot parts; and what is too
 * large to go with the head, at once. What has been written stays without consequence until a head names it;
 * `values` tells what is to be removed when none will, also when this rejects.
 */
export async function writeCommitRows(
  states: readonly AnyState[],
  durability: "sync" | "relaxed",
  surroundings: RowsSurroundings,
  values: string[],
): Promise<CommitRows> {
  const { backend, environment, loader, writer } = surroundings;
  const written = new Map<AnyState, StoredRun[]>();
  let ops: WriteOp[] = [];
  let bytes = 0;
  const take = async (more: readonly WriteOp[]): Promise<void> => {
    for (const op of more) {
      values.push(op.name);
      if (op.type === "put") bytes += op.bytes.length;
      ops.push(op);
    }
    if (bytes <= AHEAD_BYTES) return;
    const ahead = ops;
    ops = [];
    bytes = 0;
    await backend.write(ahead, { durability });
  };
  for (const state of states) {
    const runs: StoredRun[] = [];
    written.set(state, runs);
    for (const run of state.stages.committing.runs()) {
      const batches = run.map(({ batch }) => batch);
      const merge = new Merge(state, batches, new BatchWriter(state.name, state.layout, writer));
      for (;;) {
        merge.work(FUEL);
        await take(merge.takeOps());
        if (merge.isDone) break;
        if (merge.isHungry) await merge.feed(loader);
        else await turn(environment);
      }
      runs.push({ lower: run[0]!.lower, upper: run.at(-1)!.upper, stored: storedOf(merge) });
    }
  }
  return { written, ops, values };
}

function storedOf({ made }: Merge): StoredBatch | undefined {
  return made?.file === undefined ? undefined : { batch: made.batch, file: made.file };
}

/** The stored batches of a trace that a commit has written, oldest first. */
export function batchesOf(rows: CommitRows, state: AnyState): StoredBatch[] {
  return (rows.written.get(state) ?? []).flatMap(({ stored }) => stored ?? []);
}
