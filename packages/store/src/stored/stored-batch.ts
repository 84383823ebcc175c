import type { Layout } from "@zspine/core";
import { Batch, type Part, type RangeFinder } from "@zspine/core/engine";
import type { BatchIndex } from "../block/block-index.ts";
import { describeBatch, type BatchFile } from "./batch-file.ts";

/** Blocks `[from, to)` of a stored batch. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A batch whose rows lie in a backend, in blocks. In memory is its index: where each block is, and between
 * which rows it lies.
 */
export class StoredBatch<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  readonly file: BatchFile;
  readonly index: BatchIndex;
  /** For each block the key under which it is cached, and its filter. */
  readonly keys: readonly string[];
  readonly filterKeys: readonly string[];
  /** Row `starts[b]` of the batch is row 0 of block `b`. One longer than the blocks. */
  readonly starts: Float64Array;
  readonly length: number;
  readonly totalWeight: number;
  readonly weightBound: number;
  /** Bytes of the index in memory. */
  readonly indexBytes: number;
  /** Bytes that its blocks would take in memory. */
  readonly columnBytes: number;
  private readonly lowers: Batch;
  private readonly uppers: Batch;

  constructor(layout: Layout<K, V>, file: BatchFile, index: BatchIndex) {
    this.layout = layout;
    this.file = file;
    this.index = index;
    const { entries, lowers, uppers } = index;
    this.keys = entries.map(({ identity }) => `${identity.writer}.${identity.batch}.${identity.number}`);
    this.filterKeys = this.keys.map((key) => `${key}.f`);
    this.starts = new Float64Array(entries.length + 1);
    let bytes = 0;
    entries.forEach(({ rows, residentBytes }, block) => {
      this.starts[block + 1] = this.starts[block]! + rows;
      bytes += residentBytes;
    });
    this.length = this.starts[entries.length]!;
    this.totalWeight = file.head.totalWeight;
    this.weightBound = file.head.weightBound;
    this.columnBytes = bytes;
    this.indexBytes = this.starts.byteLength + lowers.bytes + uppers.bytes + entries.length * ENTRY_BYTES;
    this.lowers = new Batch(layout, [lowers]);
    this.uppers = new Batch(layout, [uppers]);
  }

  /** How many blocks it has. */
  get blocks(): number {
    return this.index.entries.length;
  }

  /** Finds the blocks that may hold rows whose first `columns` columns equal those of a probe. */
  blocksOf(probe: Part, at: number, columns: number): BlockRange {
    const from = this.uppers.search(probe, at, columns, false);
    const to = this.lowers.search(probe, at, columns, true);
    return { from, to: Math.max(from, to) };
  }

  /** Finds the blocks that may hold rows of a range. */
  blocksIn(find: RangeFinder): BlockRange {
    const { from } = find(this.uppers);
    const { to } = find(this.lowers);
    return { from, to: Math.max(from, to) };
  }

  /** Names a block in messages. */
  describe(block: number): string {
    return `${describeBatch(this.file.trace, this.file.head.id)}, block ${block}`;
  }
}

// An entry object with its identity, and the keys of its block and filter; as a heap profile shows them.
const ENTRY_BYTES = 256;

/** A batch of a spine: with its rows in memory, or with its rows in a backend. */
export type AnyBatch<K = unknown, V = unknown> = Batch<K, V> | StoredBatch<K, V>;

/** Tells whether a batch lies in a backend. */
export function isStored<K, V>(batch: AnyBatch<K, V>): batch is StoredBatch<K, V> {
  return batch instanceof StoredBatch;
}
