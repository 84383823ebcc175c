import type { Layout, WriteOp } from "@zspine/core";
import type { Merger } from "@zspine/core/engine";
import { BatchWriter, type WriterSurroundings } from "../stored/batch-writer.ts";
import type { BlockCache } from "../stored/block-cache.ts";
import { BLOCK_BYTES, BLOCK_ROWS } from "../stored/block-cutter.ts";
import type { Steps } from "../stored/block-reader.ts";
import type { StoredBatch } from "../stored/stored-batch.ts";
import { WHOLE_RANGE } from "../range/key-range.ts";
import { WindowReader } from "../view/window-reader.ts";

/**
 * A merge of stored batches in progress: reads them window by window and writes the sum as a new batch. Blocks
 * that no other input touches are carried over by reference, unread. Resumable; work is metered in rows.
 */
export class StoredMerge<K, V> {
  /** Whether all rows have been merged; the last values are still to be taken then. */
  isDone = false;
  /** What came of it; `undefined` when all rows came to nothing. */
  result: StoredBatch<K, V> | undefined;
  /** Names of the values that it has written so far. */
  readonly written: string[] = [];

  private readonly writer: BatchWriter<K, V>;
  private readonly reader: WindowReader;
  private merger: Merger | undefined;

  constructor(
    trace: string,
    layout: Layout<K, V>,
    batches: readonly StoredBatch<K, V>[],
    surroundings: WriterSurroundings,
  ) {
    this.writer = new BatchWriter(trace, layout, surroundings);
    this.reader = new WindowReader(layout, batches, WHOLE_RANGE.find, { carried: carriedBlocks(batches) });
  }

  /** Goes on for about `fuel` rows. */
  *work(fuel: number): Steps<void> {
    let left = fuel;
    while (left > 0 && !this.isDone) {
      if (this.merger === undefined) {
        const window = yield* this.reader.next();
        if (window === undefined) this.end();
        else if (window.kind === "merge") {
          this.merger = window.merger;
          this.merger.partRows = BLOCK_ROWS;
        } else this.writer.carry(window.batch, window.block);
        continue;
      }
      left = this.merger.work(left);
      for (const part of this.merger.take()) this.writer.push(part);
      if (this.merger.isDone) this.merger = undefined;
    }
  }

  /** Puts what came of it in a cache when it is one block. */
  warm(cache: BlockCache): void {
    if (this.result !== undefined) this.writer.warm(cache, this.result);
  }

  /** Takes the values that are to be written. */
  takeOps(): WriteOp[] {
    const ops = this.writer.takeOps();
    for (const { name } of ops) this.written.push(name);
    return ops;
  }

  private end(): void {
    this.result = this.writer.finish();
    this.isDone = true;
  }
}

/**
 * Finds the blocks that lie apart from all rows of the other batches. Only blocks that are not too small are
 * carried, lest a batch crumble, and only where at least half of a value would be: what is not carried of it
 * stays on the disk for as long as the rest.
 */
function carriedBlocks(batches: readonly StoredBatch[]): Map<StoredBatch, Set<number>> {
  const carried = new Map<StoredBatch, Set<number>>();
  for (const batch of batches) {
    const apart = new Set<number>();
    const kept = new Map<number, number>();
    const total = new Map<number, number>();
    batch.index.entries.forEach((entry, block) => {
      total.set(entry.value, (total.get(entry.value) ?? 0) + entry.length);
      const isLarge = entry.rows >= BLOCK_ROWS / 4 || entry.residentBytes >= BLOCK_BYTES / 4;
      if (!isLarge || !batches.every((other) => other === batch || isApart(batch, block, other))) return;
      apart.add(block);
      kept.set(entry.value, (kept.get(entry.value) ?? 0) + entry.length);
    });
    for (const block of apart) {
      const { value } = batch.index.entries[block]!;
      if (kept.get(value)! < total.get(value)! / 2) apart.delete(block);
    }
    if (apart.size > 0) carried.set(batch, apart);
  }
  return carried;
}

/** Tells whether no block of `other` reaches into the block. */
function isApart(batch: StoredBatch, block: number, other: StoredBatch): boolean {
  const { lowers, uppers } = batch.index;
  const columns = batch.layout.kinds.length;
  return other.blocksOf(lowers, block, columns).from >= other.blocksOf(uppers, block, columns).to;
}
