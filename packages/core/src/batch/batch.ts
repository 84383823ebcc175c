import { hashColumn } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import type { Layout } from "../schema/layout.ts";
import { buildFilter, mayContain, type Filter } from "./filter.ts";
import {
  buildHashIndex,
  isIndexable,
  partOfPlace,
  placeOf,
  rowOfPlace,
  type HashIndex,
} from "./hash-index.ts";
import { compareRows, type Part } from "./part.ts";

/** Rows `[from, to)` of a batch, counted through its parts. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** What look-ups in batches have met; a store adds them up over its life. */
export interface LookupCounts {
  /** Look-ups that a filter answered: the key is absent. */
  filtered: number;
  /** Look-ups that a hash index answered. */
  indexed: number;
  /** Look-ups that a binary search answered. */
  searched: number;
}

/** Makes counts that are all 0. */
export function lookupCounts(): LookupCounts {
  return { filtered: 0, indexed: 0, searched: 0 };
}

/**
 * An immutable run of updates: sorted by key and value, distinct, no weight 0; in parts of bounded size,
 * which batches share by reference. Filter and hash index of its keys are built when the look-ups made so
 * far have cost about what building costs.
 */
export class Batch<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  readonly parts: readonly Part[];
  /** Row `starts[p]` of the batch is row 0 of part `p`. One longer than the parts. */
  readonly starts: Float64Array;
  /** How many rows it has. */
  readonly length: number;
  /** The sum of all weights. */
  readonly totalWeight: number;
  /** The largest weight by magnitude. */
  readonly weightBound: number;
  /** Bytes of columns and weights. */
  readonly columnBytes: number;
  private filter: Filter | undefined;
  private index: HashIndex | undefined;
  private indexedUnder: HashSeed | undefined;
  private searches = 0;

  constructor(layout: Layout<K, V>, parts: readonly Part[]) {
    this.layout = layout;
    this.parts = parts;
    this.starts = new Float64Array(parts.length + 1);
    let total = 0;
    let bound = 0;
    let bytes = this.starts.byteLength;
    parts.forEach((part, number) => {
      this.starts[number + 1] = this.starts[number]! + part.weights.length;
      total += part.totalWeight;
      bound = Math.max(bound, part.weightBound);
      bytes += part.bytes;
    });
    this.length = this.starts[parts.length]!;
    this.totalWeight = total;
    this.weightBound = bound;
    this.columnBytes = bytes;
  }

  /** Bytes of filter and hash index; 0 until look-ups have asked for them. */
  get indexBytes(): number {
    return (this.filter?.words.byteLength ?? 0) + (this.index?.slots.byteLength ?? 0);
  }

  /** Whether look-ups have asked for the hash index by now. */
  get isIndexed(): boolean {
    return this.index !== undefined;
  }

  /** Finds the part that row `row` of the batch is in. Cost O(log parts). */
  partAt(row: number): number {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Finds the first row whose first `columns` columns are not below row `at` of `probe`, or with `after`
   * the first that is above. `from` is a row known to be not after it. Cost O(log rows).
   */
  search(probe: Part, at: number, columns: number, after: boolean, from = 0): number {
    const limit = after ? 1 : 0;
    const { parts, starts } = this;
    let low = parts.length === 0 ? 0 : this.partAt(from);
    let high = parts.length;
    // The first part whose last row is not before what is sought.
    while (low < high) {
      const middle = (low + high) >>> 1;
      const part = parts[middle]!;
      if (compareRows(part, part.weights.length - 1, probe, at, 0, columns) < limit) low = middle + 1;
      else high = middle;
    }
    const part = parts[low];
    if (part === undefined) return this.length;
    const start = starts[low]!;
    let first = Math.max(0, from - start);
    let last = part.weights.length;
    while (first < last) {
      const middle = (first + last) >>> 1;
      if (compareRows(part, middle, probe, at, 0, columns) < limit) first = middle + 1;
      else last = middle;
    }
    return start + first;
  }

  /**
   * Like {@link Batch.search}, for ascending probes: gallops from `from`, so that its cost is O(log of the
   * distance) instead of O(log rows).
   */
  gallop(probe: Part, at: number, columns: number, after: boolean, from: number): number {
    const limit = after ? 1 : 0;
    const number = from < this.length ? this.partAt(from) : this.parts.length;
    const part = this.parts[number];
    if (part === undefined) return this.length;
    const start = this.starts[number]!;
    const end = part.weights.length;
    let below = from - start - 1;
    let step = 1;
    while (below + step < end && compareRows(part, below + step, probe, at, 0, columns) < limit) {
      below += step;
      step *= 2;
    }
    if (below + step >= end && compareRows(part, end - 1, probe, at, 0, columns) < limit) {
      return this.search(probe, at, columns, after, start + end);
    }
    let first = below + 1;
    let last = Math.min(below + step, end - 1);
    while (first < last) {
      const middle = (first + last) >>> 1;
      if (compareRows(part, middle, probe, at, 0, columns) < limit) first = middle + 1;
      else last = middle;
    }
    return start + first;
  }

  /** Finds the rows of the key in row `at` of `probe`, whose keyed hash under `seed` is `hash`. Expected O(1). */
  find(probe: Part, at: number, hash: number, seed: HashSeed, counts: LookupCounts): RowRange | undefined {
    if (this.index === undefined && this.searches * WORTH_INDEXING >= this.length) this.buildIndex(seed);
    if (this.index === undefined || this.indexedUnder !== seed) {
      this.searches++;
      counts.searched++;
      return this.findBySearch(probe, at);
    }
    if (!mayContain(this.filter!, hash)) {
      counts.filtered++;
      return undefined;
    }
    counts.indexed++;
    const { slots } = this.index;
    const mask = slots.length - 1;
    const { keyColumns } = this.layout;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1;
      const number = partOfPlace(place);
      const row = rowOfPlace(place);
      if (compareRows(this.parts[number]!, row, probe, at, 0, keyColumns) !== 0) continue;
      const from = this.starts[number]! + row;
      return { from, to: this.gallop(probe, at, keyColumns, true, from) };
    }
    return undefined;
  }

  private findBySearch(probe: Part, at: number): RowRange | undefined {
    const { keyColumns } = this.layout;
    const from = this.search(probe, at, keyColumns, false);
    const to = this.gallop(probe, at, keyColumns, true, from);
    return to > from ? { from, to } : undefined;
  }

  private buildIndex(seed: HashSeed): void {
    if (!isIndexable(this)) return;
    const places = new Uint32Array(this.length);
    const hashes = new Uint32Array(this.length);
    let count = 0;
    this.parts.forEach((part, number) => {
      const ofPart = hashKeys(part, this.layout, seed);
      for (let row = 0; row < part.weights.length; row++) {
        if (!this.beginsKey(number, row)) continue;
        places[count] = placeOf(number, row);
        hashes[count] = ofPart[row]!;
        count++;
      }
    });
    this.index = buildHashIndex(places.subarray(0, count), hashes.subarray(0, count));
    this.filter = buildFilter(hashes.subarray(0, count));
    this.indexedUnder = seed;
  }

  private beginsKey(number: number, row: number): boolean {
    const { keyColumns } = this.layout;
    const part = this.parts[number]!;
    if (row > 0) return compareRows(part, row, part, row - 1, 0, keyColumns) !== 0;
    const before = this.parts[number - 1];
    return (
      before === undefined || compareRows(part, 0, before, before.weights.length - 1, 0, keyColumns) !== 0
    );
  }
}

// About how many rows are indexed in the time of one search.
const WORTH_INDEXING = 16;

/** Hashes the keys of all rows of `part`. */
export function hashKeys(part: Part, layout: Layout, seed: HashSeed): Uint32Array {
  const count = part.weights.length;
  const hashes = new Uint32Array(count);
  for (let column = 0; column < layout.keyColumns; column++)
    hashColumn(part.columns[column]!, hashes, count, seed);
  return hashes;
}
