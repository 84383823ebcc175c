import {
  Batch,
  Chunk,
  hashKeys,
  IndexedZSet,
  makePart,
  mayContain,
  pickRows,
  probeKeys,
  probeRow,
  restrict,
  slicePart,
  sortRows,
  type Filter,
  type Layout,
  type Part,
  type WeightedValue,
  type ZSet,
} from "@zspine/core";
import { WHOLE_RANGE, type ReadRange } from "../range/key-range.ts";
import type { ValueKeeper } from "../stored/batch-file.ts";
import type { CacheUse } from "../stored/block-cache.ts";
import { runOfBlocks, type Need, type Steps } from "../stored/block-reader.ts";
import { isStored, type AnyBatch, type BlockRange, type StoredBatch } from "../stored/stored-batch.ts";
import {
  addBatches,
  CHUNK_ROWS,
  multiply,
  View,
  type HashedProbe,
  type ReadContext,
  type RowCount,
} from "./view.ts";
import { WindowReader } from "./window-reader.ts";

/** Keys of a call that are looked up together, so that no more blocks are in memory at a time than they need. */
const KEYS_AT_A_TIME = 1024;
/** Readers of no more rows than this do not read ahead. */
const READ_AHEAD_ROWS = 65536;
/** Bytes of blocks that are read at a time. */
const READ_BYTES: number = 1024 * 1024;
/** Blocks that a semijoin has in memory at a time. */
const BLOCKS_AT_A_TIME = 64;

/** Reads chunk by chunk. */
export interface ChunkReader<K, V> {
  /** Goes on to the next chunk; `undefined` at the end. */
  next(): Steps<Chunk<K, V> | undefined>;
  /** Tells what will be needed next, for those who can read it ahead. */
  upcoming(): readonly Need[];
}

/**
 * Batches as they were at one moment, in memory or stored, read as their sum: finds out which blocks a read
 * needs, and leaves the rest to a {@link View} of them. Every read is a run of steps, for the caller to run at
 * once or asynchronously.
 */
export class Reading<K, V> {
  readonly batches: readonly AnyBatch<K, V>[];
  /** The batches in memory. */
  readonly resident: View<K, V>;
  readonly stored: readonly StoredBatch<K, V>[];
  /** The sum of all weights. */
  readonly totalWeight: number;
  private readonly context: ReadContext<K, V>;

  constructor(context: ReadContext<K, V>, batches: readonly AnyBatch<K, V>[], totalWeight: number) {
    this.context = context;
    this.batches = batches;
    this.stored = batches.filter(isStored);
    const resident = batches.filter((batch): batch is Batch<K, V> => !isStored(batch));
    this.resident = new View(context, resident, totalWeight);
    this.totalWeight = totalWeight;
  }

  get layout(): Layout<K, V> {
    return this.context.layout;
  }

  /** Whether all rows are in memory, so that {@link Reading.resident} tells everything. */
  get isResident(): boolean {
    return this.stored.length === 0;
  }

  /** Keeps the values of its batches from being removed, until it is released. */
  hold(keeper: ValueKeeper): void {
    for (const { file } of this.stored) keeper.hold(file);
  }

  release(keeper: ValueKeeper): void {
    for (const { file } of this.stored) keeper.release(file);
  }

  /** No fewer than the distinct rows there are; free. */
  get size(): number {
    return this.batches.reduce((rows, batch) => rows + batch.length, 0);
  }

  // What is looked for is written to a probe when the method is called, not when its steps run: what becomes of
  // the caller's objects, or of the probe that synchronous look-ups share, does not matter then.

  /** Finds all values of a key, in order. */
  get(key: K): Steps<readonly WeightedValue<V>[]> {
    return this.inView(this.probeKey(key), this.layout.keyColumns, (view, probe) => view.getOf(probe));
  }

  /** Tells whether a key has any value. */
  has(key: K): Steps<boolean> {
    return this.inView(this.probeKey(key), this.layout.keyColumns, (view, probe) => view.hasOf(probe));
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): Steps<number> {
    const { layout } = this;
    const probe = this.hashed(probeRow(layout, key, value));
    return this.inView(probe, layout.kinds.length, (view, found) => view.weightOf(found));
  }

  /** Finds the values of many keys, in the order of `keys`. */
  getMany(keys: readonly K[]): Steps<(readonly WeightedValue<V>[])[]> {
    const probe = probeKeys(this.layout, keys);
    return this.getManyOf(probe, sortRows(probe));
  }

  private *getManyOf(probe: Part, order: Uint32Array | undefined): Steps<(readonly WeightedValue<V>[])[]> {
    const found: (readonly WeightedValue<V>[])[] = Array.from({ length: probe.weights.length });
    for (const { part, places } of inOrder(probe, order)) {
      const view = yield* this.viewOfKeys(part);
      view.getManyOf(part, undefined).forEach((values, i) => {
        found[places[i]!] = values;
      });
    }
    return found;
  }

  /** Reads the blocks that the keys need, so that they are found in memory afterwards. */
  load(keys: readonly K[]): Steps<void> {
    const probe = probeKeys(this.layout, keys);
    return this.loadOf(probe, sortRows(probe));
  }

  private *loadOf(probe: Part, order: Uint32Array | undefined): Steps<void> {
    for (const { part } of inOrder(probe, order)) {
      const needs: Need[] = [];
      for (const batch of this.stored) {
        const blocks = this.blocksOfKeys(batch, part);
        for (const block of blocks) needs.push({ kind: "filter", batch, block });
        for (const block of blocks)
          needs.push({ kind: "blocks", batch, blocks: { from: block, to: block + 1 } });
      }
      if (needs.length > 0) yield needs;
    }
  }

  /** Keeps the rows whose key is in `keys`, weights multiplied. */
  *semijoin(keys: ZSet<K>): Steps<IndexedZSet<K, V>> {
    const kept = this.resident.batches.map((batch) => restrict(new IndexedZSet(batch), keys).batch);
    for (const batch of this.stored) {
      const blocks = [...new Set(keys.batch.parts.flatMap((probe) => this.blocksOfKeys(batch, probe)))];
      for (let at = 0; at < blocks.length; at += BLOCKS_AT_A_TIME) {
        const some = new Batch(
          this.layout,
          yield* readBlocks(batch, blocks.slice(at, at + BLOCKS_AT_A_TIME)),
        );
        kept.push(restrict(new IndexedZSet(some), keys).batch);
      }
    }
    return multiply(addBatches(this.layout, kept), keys);
  }

  /** Reads the rows of a range in order, in columns. */
  chunks(range: ReadRange = WHOLE_RANGE, firstRows: number = CHUNK_ROWS): ChunkReader<K, V> {
    const reader = new WindowReader(this.layout, this.batches, range.find, {
      reverse: range.reverse,
      startsSmall: firstRows < CHUNK_ROWS || range.limit < CHUNK_ROWS,
    });
    let left = range.limit;
    let rows = firstRows;
    let merger: { next(): Part | undefined; partRows: number } | undefined;
    let part: Part | undefined;
    let start = 0;
    const { layout } = this;
    const next = function* (): Steps<Chunk<K, V> | undefined> {
      while (left > 0) {
        if (part !== undefined && start < part.weights.length) {
          const end = Math.min(part.weights.length, start + Math.min(rows, left));
          const chunk = new Chunk(layout, slicePart(part, start, end));
          left -= end - start;
          start = end;
          rows = Math.min(rows * 4, CHUNK_ROWS);
          return chunk;
        }
        if (merger !== undefined) {
          merger.partRows = Math.min(rows, left);
          part = merger.next();
          start = 0;
        }
        if (part !== undefined) continue;
        const window = yield* reader.next();
        if (window === undefined) return undefined;
        merger = window.kind === "merge" ? window.merger : undefined;
      }
      return undefined;
    };
    return { next, upcoming: () => (left > 0 && range.limit > READ_AHEAD_ROWS ? reader.upcoming() : []) };
  }

  /** Counts the distinct rows of a range exactly. Free in one batch but for the blocks at its ends. */
  *count(range: ReadRange = WHOLE_RANGE): Steps<RowCount> {
    const { limit } = range;
    const only = this.batches.length === 1 ? this.stored[0] : undefined;
    if (only !== undefined) {
      const { rows, rowsRead } = yield* this.countOne(only, range);
      return { rows: Math.min(rows, limit), rowsRead };
    }
    const reader = new WindowReader(this.layout, this.batches, range.find);
    let rows = 0;
    for (let window = yield* reader.next(); window !== undefined; window = yield* reader.next()) {
      if (window.kind !== "merge") continue;
      const { merger } = window;
      for (let part = merger.next(); part !== undefined; part = merger.next()) rows += part.weights.length;
    }
    return { rows: Math.min(rows, limit), rowsRead: reader.rowsRead };
  }

  /** Reads all rows of the stored batches. */
  *loadAll(): Steps<readonly Batch<K, V>[]> {
    const loaded = [...this.resident.batches];
    for (const batch of this.stored) {
      const blocks = Array.from({ length: batch.blocks }, (_, block) => block);
      loaded.push(new Batch(this.layout, yield* readBlocks(batch, blocks)));
    }
    return loaded;
  }

  private *countOne(batch: StoredBatch<K, V>, range: ReadRange): Steps<RowCount> {
    const { from, to } = batch.blocksIn(range.find);
    let rows = batch.starts[to]! - batch.starts[from]!;
    const ends = new Set(to > from && !range.isWhole ? [from, to - 1] : []);
    for (const block of ends) {
      const part = new Batch(this.layout, yield* readBlocks(batch, [block]));
      const found = range.find(part);
      rows -= part.length - (found.to - found.from);
    }
    return { rows, rowsRead: 0 };
  }

  private probeKey(key: K): HashedProbe {
    return this.hashed(probeKeys(this.layout, [key]));
  }

  private hashed(part: Part): HashedProbe {
    return { part, hash: hashKeys(part, this.layout, this.context.seed)[0]! };
  }

  /** Looks in a view of the batches in memory and the blocks that a probe needs. */
  private *inView<T>(
    probe: HashedProbe,
    columns: number,
    look: (view: View<K, V>, probe: HashedProbe) => T,
  ): Steps<T> {
    const ranges = this.stored.map((batch) => batch.blocksOf(probe.part, 0, columns));
    return look(yield* this.viewOf(yield* this.filtered(ranges, probe.hash)), probe);
  }

  /** Narrows the blocks of each batch by the filters of those that are alone. */
  private *filtered(ranges: readonly BlockRange[], hash: number): Steps<readonly BlockRange[]> {
    const { counts } = this.context;
    const needs: Need[] = [];
    ranges.forEach(({ from, to }, at) => {
      if (to === from + 1) needs.push({ kind: "filter", batch: this.stored[at]!, block: from });
    });
    if (needs.length === 0) return ranges;
    const filters = yield needs;
    let asked = 0;
    return ranges.map(({ from, to }) => {
      // Rows of a key that go over several blocks are there, almost certainly.
      if (to !== from + 1 || mayContain(filters[asked++] as Filter, hash)) return { from, to };
      counts.filtered++;
      return { from, to: from };
    });
  }

  /** Makes a view of the batches in memory and the given blocks of each stored batch. */
  private *viewOf(ranges: readonly BlockRange[]): Steps<View<K, V>> {
    const needs: Need[] = [];
    ranges.forEach(({ from, to }, at) => {
      const batch = this.stored[at]!;
      for (let block = from; block < to;) {
        const blocks = runOfBlocks(batch, block, to, READ_BYTES);
        needs.push({ kind: "blocks", batch, blocks });
        block = blocks.to;
      }
    });
    if (needs.length === 0) return this.resident;
    return this.addParts(needs, (yield needs) as readonly (readonly Part[])[]);
  }

  private *viewOfKeys(probe: Part): Steps<View<K, V>> {
    const needs: Need[] = [];
    for (const batch of this.stored) needs.push(...needsOf(batch, this.blocksOfKeys(batch, probe)));
    if (needs.length === 0) return this.resident;
    return this.addParts(needs, (yield needs) as readonly (readonly Part[])[]);
  }

  private addParts(needs: readonly Need[], found: readonly (readonly Part[])[]): View<K, V> {
    const parts = new Map<StoredBatch, Part[]>();
    needs.forEach(({ batch }, at) => {
      const ofBatch = parts.get(batch) ?? [];
      parts.set(batch, ofBatch);
      ofBatch.push(...found[at]!);
    });
    const loaded = Array.from(parts.values(), (ofBatch) => new Batch<K, V>(this.layout, ofBatch));
    return new View(this.context, [...loaded, ...this.resident.batches], this.totalWeight);
  }

  /** Finds the blocks that may hold the keys of a probe, ascending; the probe's rows must be in order. */
  private blocksOfKeys(batch: StoredBatch<K, V>, probe: Part): number[] {
    const blocks: number[] = [];
    for (let row = 0; row < probe.weights.length; row++) {
      const { from, to } = batch.blocksOf(probe, row, this.layout.keyColumns);
      for (let block = Math.max(from, (blocks.at(-1) ?? -1) + 1); block < to; block++) blocks.push(block);
    }
    return blocks;
  }
}

/** Gives the rows of a probe in order, some at a time, with the places that they had. */
function* inOrder(
  probe: Part,
  order: Uint32Array | undefined,
): Generator<{ readonly part: Part; readonly places: Uint32Array }, void, undefined> {
  const places = order ?? Uint32Array.from(probe.weights, (_, at) => at);
  for (let start = 0; start < places.length; start += KEYS_AT_A_TIME) {
    const some = places.subarray(start, start + KEYS_AT_A_TIME);
    const columns = probe.columns.map((column) => pickRows(column, some));
    yield { part: makePart(columns, new Float64Array(some.length)), places: some };
  }
}

/** Makes the needs of ascending blocks, those side by side in one. */
function needsOf(batch: StoredBatch, blocks: readonly number[]): Need[] {
  const needs: Need[] = [];
  for (let at = 0; at < blocks.length;) {
    let end = at + 1;
    while (end < blocks.length && blocks[end] === blocks[end - 1]! + 1) end++;
    const run = runOfBlocks(batch, blocks[at]!, blocks[end - 1]! + 1, READ_BYTES);
    needs.push({ kind: "blocks", batch, blocks: run });
    at += run.to - run.from;
  }
  return needs;
}

function* readBlocks(batch: StoredBatch, blocks: readonly number[]): Steps<readonly Part[]> {
  const needs = needsOf(batch, blocks);
  if (needs.length === 0) return [];
  return ((yield needs) as readonly (readonly Part[])[]).flat();
}

/** How the blocks of a range are used: those of a short one stay in the cache, a long one leaves it as it is. */
export function useOf({ limit }: ReadRange): CacheUse {
  return limit > CHUNK_ROWS ? "bulk" : "look-up";
}
