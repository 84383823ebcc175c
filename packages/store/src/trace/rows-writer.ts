import { turn, type Backend, type Environment, type WriteOp } from "@zspine/core";
import type { Batch, Part } from "@zspine/core/engine";
import { BLOCK_BYTES, BLOCK_ROWS } from "../block/block-size.ts";
import { Merge } from "../merge/merge.ts";
import { BatchWriter, type WriterSurroundings } from "../tier/batch-writer.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import type { Tally } from "../tier/tally.ts";
import { bytesOfOps } from "../tier/traffic.ts";
import type { CommitRows } from "./commit-rows.ts";
import type { StoredBatch, StoredRun } from "./stages.ts";
import type { TraceState } from "./trace-state.ts";

type AnyState = TraceState<unknown, unknown>;

/** What writing the rows of a commit needs. */
export interface RowsSurroundings {
  readonly backend: Backend;
  readonly environment: Environment;
  readonly loader: SlotSource;
  readonly writer: WriterSurroundings;
}

/** Bytes that are written together with the head at the most; what is more is written ahead of it. */
const AHEAD_BYTES: number = 1024 * 1024;

/** Rows that are merged and encoded between two turns of others. */
const FUEL = 8192;

/**
 * Writes the rows that a commit has taken, one batch for each run of them that no snapshot parts; and what is too
 * large to go with the head, at once. What has been written stays without consequence until a head names it;
 * `values` tells what is to be removed when none will, also when the writing rejects.
 */
export class RowsWriter implements CommitRows {
  readonly written: Map<AnyState, StoredRun[]> = new Map();
  readonly values: string[] = [];
  ops: WriteOp[] = [];
  private bytes = 0;
  private merge: Merge | undefined;
  private readonly durability: "sync" | "relaxed";
  private readonly surroundings: RowsSurroundings;

  constructor(durability: "sync" | "relaxed", surroundings: RowsSurroundings) {
    this.durability = durability;
    this.surroundings = surroundings;
  }

  async write(states: readonly AnyState[]): Promise<void> {
    const { environment, loader, writer } = this.surroundings;
    for (const state of states) {
      const runs: StoredRun[] = [];
      this.written.set(state, runs);
      for (const run of state.stages.committing.runs()) {
        const batches = run.map(({ batch }) => batch);
        const sink = new BatchWriter(state.name, state.layout, writer);
        const { lower } = run[0]!;
        const { upper } = run.at(-1)!;
        const block = blockOf(batches);
        if (block !== undefined) {
          sink.pushOnly(block);
          const { batch, file } = sink.finish()!;
          await this.take(sink.takeOps());
          runs.push({ lower, upper, stored: { batch, file: file! } });
          continue;
        }
        const merge = new Merge(state, batches, sink);
        this.merge = merge;
        for (;;) {
          merge.work(FUEL);
          await this.take(merge.takeOps());
          if (merge.isDone) break;
          if (merge.isHungry) await merge.feed(loader);
          else await turn(environment);
        }
        this.merge = undefined;
        runs.push({ lower, upper, stored: storedOf(merge) });
      }
    }
  }

  /** Tells of what it has made that no spine holds yet, and of what is to go with the head. */
  account(tally: Tally): void {
    this.merge?.account(tally);
    for (const runs of this.written.values())
      for (const { stored } of runs) if (stored !== undefined) tally.batch(stored.batch);
    tally.arrays("scratch", bytesOfOps(this.ops));
  }

  private async take(ops: readonly WriteOp[]): Promise<void> {
    for (const op of ops) {
      this.values.push(op.name);
      if (op.type === "put") this.bytes += op.bytes.length;
      this.ops.push(op);
    }
    const { backend, writer } = this.surroundings;
    if (this.bytes <= Math.min(AHEAD_BYTES, writer.ledger.workBytes)) return;
    const ahead = this.ops;
    this.ops = [];
    this.bytes = 0;
    await backend.write(ahead, { durability: this.durability });
  }
}

/** The rows of batches that are one block as they are: there is nothing to merge, nor to cut. Undefined for others. */
function blockOf([batch, another]: readonly Batch[]): Part | undefined {
  if (batch === undefined || another !== undefined || batch.slots.length > 1) return undefined;
  const { part, home } = batch.slots[0]!;
  const isBlock = part !== undefined && part.weights.length <= BLOCK_ROWS && part.bytes <= BLOCK_BYTES;
  return isBlock && home === undefined ? part : undefined;
}

function storedOf({ made }: Merge): StoredBatch | undefined {
  return made?.file === undefined ? undefined : { batch: made.batch, file: made.file };
}
