import type { HashSeed } from "../hash/half-siphash.ts";
import { check } from "../error/check.ts";
import type { Layout } from "../schema/layout.ts";
import { buildFilter, mayContain, type Filter } from "./filter.ts";
import {
  buildHashIndex,
  isIndexable,
  PLACE_ROWS,
  placeOf,
  rowOfPlace,
  slotOfPlace,
  type HashIndex,
} from "./hash-index.ts";
import { hashKeys } from "./hash-keys.ts";
import { compareRows, firstAbove, firstNotBelow, gallopPart, type Part } from "./part.ts";
import { isAbove, Slot } from "./slot.ts";
import { WEIGHT_MAX } from "./weight.ts";

/** Rows `[from, to)` of a batch, counted through its slots, or of a part. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Slots `[from, to)` of a batch. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** Rows `[from, to)` of a part that is in memory. */
export interface PartRange {
  readonly part: Part;
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

/** What a look-up has in hand besides what slots have in memory; it notes what is missing. */
export interface Hand {
  /** The rows of a slot, if they are at hand; notes that they are needed if they are not. */
  partOf(slot: Slot): Part | undefined;
  /**
   * Some rows of a slot, at least one, likewise: all of the key of row `at` of `probe`, its first `columns` columns, and
   * the row that follows them, or the last of the slot.
   */
  partAround(slot: Slot, probe: Part, at: number, columns: number): Part | undefined;
  /** The filter of a slot that has one, likewise. */
  filterOf(slot: Slot): Filter | undefined;
}

/** Whose key is looked for: row `at` of `part`, with the keyed hash of the key under `seed`. */
export interface KeyProbe {
  readonly part: Part;
  readonly at: number;
  readonly hash: number;
  readonly seed: HashSeed;
}

/**
 * An immutable run of updates: sorted by key and value, distinct, no weight 0; in slots of bounded size,
 * which batches share by reference. Where a slot is may change, an answer never does. Filter and hash index of
 * the keys are built when the look-ups made so far have cost about what building costs, while all slots are in
 * memory and unwritten.
 */
export class Batch<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  readonly slots: readonly Slot[];
  /** Row `starts[s]` of the batch is row 0 of slot `s`. One longer than the slots. */
  readonly starts: Float64Array;
  /** How many rows it has. */
  readonly length: number;
  /** The sum of all weights; not exact when it is out of ±(2⁵³−1). */
  readonly totalWeight: number;
  /** The largest weight by magnitude. */
  readonly weightBound: number;
  /** Bytes that its columns and weights take in memory when all of them are there. */
  readonly columnBytes: number;
  private filter: Filter | undefined;
  private index: HashIndex | undefined;
  private indexedUnder: HashSeed | undefined;
  private searches = 0;
  private span: { readonly least: number; readonly most: number } | undefined;

  constructor(layout: Layout<K, V>, slots: readonly Slot[]) {
    this.layout = layout;
    this.slots = slots;
    this.starts = new Float64Array(slots.length + 1);
    let total = 0;
    let bound = 0;
    let bytes = this.starts.byteLength;
    let rows = 0;
    for (let number = 0; number < slots.length; number++) {
      const slot = slots[number]!;
      check(hasColumns(slot, layout.kinds.length), "a slot has all columns of its rows (3)");
      check(isWeighed(slot), "weights are integers within ±(2^53 − 1), and not 0 (4)");
      if (number > 0)
        check(isBefore(slots[number - 1]!, slot, layout.kinds.length), "slots come in order (1)");
      rows += slot.rows;
      this.starts[number + 1] = rows;
      total += slot.totalWeight;
      bound = Math.max(bound, slot.weightBound);
      bytes += slot.bytes;
    }
    this.length = rows;
    this.totalWeight = total;
    this.weightBound = bound;
    this.columnBytes = bytes;
  }

  /** Makes a batch of rows in memory: sorted parts, each with a row at least. */
  static of<K, V>(layout: Layout<K, V>, parts: readonly Part[]): Batch<K, V> {
    return new Batch(
      layout,
      parts.map((part) => Slot.of(part)),
    );
  }

  /** No sum of weights of rows that come to be one, through a lens too, is beyond it. */
  get sumBound(): number {
    if (this.layout.isTimed !== true) return this.weightBound;
    return this.slots.reduce((sum, { rows, weightBound }) => sum + rows * weightBound, 0);
  }

  /** The least and the greatest time of its rows, where rows have times; found out when one is first asked for. */
  get least(): number {
    return (this.span ??= spanOf(this.slots)).least;
  }

  get most(): number {
    return (this.span ??= spanOf(this.slots)).most;
  }

  /** The batch of some of its slots, which it shares; itself where that is all of them. */
  only(isWanted: (slot: Slot) => boolean): Batch<K, V> {
    if (this.slots.every(isWanted)) return this;
    return new Batch(this.layout, this.slots.filter(isWanted));
  }

  /**
   * The parts of a batch that is all in memory, as those of Z-sets are.
   *
   * @throws `TypeError` when it is not.
   */
  get parts(): readonly Part[] {
    return this.slots.map(partOf);
  }

  /** Bytes of its hash index, and of the filter of its keys; 0 until look-ups have asked for them. */
  get indexBytes(): number {
    return this.index?.entries.byteLength ?? 0;
  }

  get filterBytes(): number {
    return this.filter?.words.byteLength ?? 0;
  }

  /** Whether look-ups have asked for the hash index by now. */
  get isIndexed(): boolean {
    return this.index !== undefined;
  }

  /** Lets go of the hash index and filter of a batch that is not all in memory any more; look-ups do without. */
  dropIndex(): void {
    this.index = undefined;
    this.filter = undefined;
    this.searches = 0;
  }

  /** Finds the slot that row `row` of the batch is in. Cost O(log slots). */
  slotAt(row: number): number {
    let low = 0;
    let high = this.slots.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Counts the slots before the first that may hold a row whose first `columns` columns are not below row `at` of
   * `probe`; with `above` 1 instead of 0, that are above it. By fences alone: O(log slots).
   */
  slotsBelow(probe: Part, at: number, columns: number, above: 0 | 1, from = 0): number {
    const { slots } = this;
    let low = from;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const slot = slots[middle]!;
      if (compareRows(slot.upperPart, slot.upperRow, probe, at, 0, columns) < above) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Counts the slots that may hold a row below row `at` of `probe`, with `above` 1 one that is not above it. */
  slotsUpTo(probe: Part, at: number, columns: number, above: 0 | 1, from = 0): number {
    const { slots } = this;
    let low = from;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const slot = slots[middle]!;
      if (compareRows(slot.lowerPart, slot.lowerRow, probe, at, 0, columns) < above) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Finds the slots that may hold rows whose first `columns` columns equal those of a probe. */
  slotsOf(probe: Part, at: number, columns: number): SlotRange {
    const from = this.slotsBelow(probe, at, columns, 0);
    return { from, to: this.slotsUpTo(probe, at, columns, 1, from) };
  }

  /**
   * Finds the first row whose first `columns` columns are not below row `at` of `probe`, with `above` 1 the first
   * above it. `from` is a row known to be not after it. Of a batch in memory. Cost O(log rows).
   */
  search(probe: Part, at: number, columns: number, above: 0 | 1, from = 0): number {
    const { slots, starts } = this;
    if (slots.length === 0) return 0;
    const number = this.slotsBelow(probe, at, columns, above, this.slotAt(from));
    const slot = slots[number];
    if (slot === undefined) return this.length;
    const start = starts[number]!;
    const first = Math.max(0, from - start);
    const part = partOf(slot);
    // Called by their names, so that either can be inlined.
    if (above === 1) return start + firstAbove(part, probe, at, columns, first);
    return start + firstNotBelow(part, probe, at, columns, first);
  }

  /**
   * Like {@link Batch.search}, for ascending probes: gallops from `from`, so that its cost is O(log of the
   * distance) instead of O(log rows).
   */
  gallop(probe: Part, at: number, columns: number, above: 0 | 1, from: number): number {
    const number = from < this.length ? this.slotAt(from) : this.slots.length;
    const slot = this.slots[number];
    if (slot === undefined) return this.length;
    const part = partOf(slot);
    const start = this.starts[number]!;
    const end = part.weights.length;
    let below = from - start - 1;
    let step = 1;
    while (below + step < end && compareRows(part, below + step, probe, at, 0, columns) < above) {
      below += step;
      step *= 2;
    }
    if (below + step >= end && compareRows(part, end - 1, probe, at, 0, columns) < above) {
      return this.search(probe, at, columns, above, start + end);
    }
    let first = below + 1;
    let last = Math.min(below + step, end - 1);
    while (first < last) {
      const middle = (first + last) >>> 1;
      if (compareRows(part, middle, probe, at, 0, columns) < above) first = middle + 1;
      else last = middle;
    }
    return start + first;
  }

  /**
   * Adds the rows of a key to `into`, in order: expected O(1) by the index, else O(log rows). What is not in
   * memory is asked of `hand`; when that has not got it, nothing is to be made of `into`.
   */
  find(probe: KeyProbe, counts: LookupCounts, hand: Hand, into: PartRange[]): void {
    if (this.isReady(probe.seed)) this.findByIndex(probe, counts, hand, into);
    else this.findBySearch(probe, counts, hand, into);
  }

  /** Tells whether so many ascending keys are so far apart that each is found by the index for less than from the one before. */
  isSparse(keys: number, seed: HashSeed): boolean {
    if (keys * WORTH_GALLOPING > this.length) return false;
    if (this.index === undefined) this.searches += keys;
    return this.isReady(seed);
  }

  /** Tells whether there is an index, which is built when searches have cost as much. */
  private isReady(seed: HashSeed): boolean {
    if (this.index === undefined && this.searches * WORTH_INDEXING >= this.length) this.buildIndex(seed);
    return this.index !== undefined && this.indexedUnder === seed;
  }

  private findByIndex(probe: KeyProbe, counts: LookupCounts, hand: Hand, into: PartRange[]): void {
    const { hash } = probe;
    if (!mayContain(this.filter!, hash)) {
      counts.filtered++;
      return;
    }
    counts.indexed++;
    const { entries, placeMask } = this.index!;
    const mask = entries.length - 1;
    const { keyColumns } = this.layout;
    for (let entry = hash & mask; entries[entry] !== 0; entry = (entry + 1) & mask) {
      const held = entries[entry]!;
      if (((held ^ hash) & ~placeMask) !== 0) continue;
      const place = ((held & placeMask) >>> 0) - 1;
      const number = slotOfPlace(place);
      const row = rowOfPlace(place);
      const part = hand.partOf(this.slots[number]!);
      if (part === undefined) return;
      if (compareRows(part, row, probe.part, probe.at, 0, keyColumns) !== 0) continue;
      // Rows of one part are compared by their heads.
      const to = gallopPart(part, part, row, keyColumns, row + 1, 1);
      this.collect(number, part, row, probe, hand, into, to);
      return;
    }
  }

  private findBySearch(probe: KeyProbe, counts: LookupCounts, hand: Hand, into: PartRange[]): void {
    const { keyColumns } = this.layout;
    const { slots } = this;
    const from = this.slotsBelow(probe.part, probe.at, keyColumns, 0);
    // Few slots hold one key.
    let to = from;
    while (to < slots.length && !isAbove(slots[to]!, probe.part, probe.at, keyColumns)) to++;
    const slot = slots[from];
    this.searches++;
    if (from === to || slot === undefined) {
      counts.searched++;
      return;
    }
    // Rows of a key that go over several slots are there, almost certainly.
    if (to === from + 1 && slot.isFiltered) {
      const filter = hand.filterOf(slot);
      if (filter === undefined) return;
      if (!mayContain(filter, probe.hash)) {
        counts.filtered++;
        return;
      }
    }
    const part = hand.partAround(slot, probe.part, probe.at, keyColumns);
    // All that will be needed is asked for at a time.
    for (let number = from + 1; number < to; number++) hand.partOf(this.slots[number]!);
    if (part === undefined) return;
    counts.searched++;
    const { length } = into;
    this.collect(from, part, firstNotBelow(part, probe.part, probe.at, keyColumns), probe, hand, into);
    slot.searched(into.length > length);
  }

  /**
   * Adds the rows of a key from row `row` of a slot, or of those around the key, on: the first not below it. `to` is the
   * first above it there.
   */
  collect(
    number: number,
    first: Part,
    row: number,
    probe: KeyProbe,
    hand: Hand,
    into: PartRange[],
    to: number = gallopPart(first, probe.part, probe.at, this.layout.keyColumns, row, 1),
  ): void {
    const { keyColumns } = this.layout;
    for (let part: Part | undefined = first; ;) {
      if (to > row) into.push({ part, from: row, to });
      number++;
      const next = this.slots[number];
      if (to < part.weights.length || next === undefined) return;
      if (isAbove(next, probe.part, probe.at, keyColumns)) return;
      part = hand.partAround(next, probe.part, probe.at, keyColumns);
      if (part === undefined) return;
      row = 0;
      // A fence may be below the first row.
      if (compareRows(part, 0, probe.part, probe.at, 0, keyColumns) !== 0)
        row = firstNotBelow(part, probe.part, probe.at, keyColumns);
      to = gallopPart(part, probe.part, probe.at, keyColumns, row, 1);
    }
  }

  private buildIndex(seed: HashSeed): void {
    const { slots, layout } = this;
    if (!isIndexable(slots.length) || slots.some(isElsewhere)) return;
    const places = new Uint32Array(this.length);
    const hashes = new Uint32Array(this.length);
    let count = 0;
    let before: Part | undefined;
    slots.forEach((slot, number) => {
      const part = partOf(slot);
      const ofPart = hashKeys(part, layout, seed);
      for (let row = 0; row < part.weights.length; row++) {
        if (!beginsKey(part, row, before, layout.keyColumns)) continue;
        places[count] = placeOf(number, row);
        hashes[count] = ofPart[row]!;
        count++;
      }
      before = part;
    });
    const used = hashes.subarray(0, count);
    const index = buildHashIndex(places.subarray(0, count), used);
    this.filter = buildFilter(used);
    this.index = index;
    this.indexedUnder = seed;
  }
}

function spanOf(slots: readonly Slot[]): { readonly least: number; readonly most: number } {
  let [least, most] = [Infinity, -Infinity];
  for (const slot of slots) {
    least = Math.min(least, slot.least);
    most = Math.max(most, slot.most);
  }
  return { least, most };
}

// About how many rows are indexed in the time of one search.
const WORTH_INDEXING = 16;
// Rows from one key to the next that are galloped over in the time of a look-up in the index, about.
const WORTH_GALLOPING = 128;

/** Tells whether a slot is not, or need not be, in memory, or has more rows than places can tell of. */
function isElsewhere({ part, home, rows }: Slot): boolean {
  return part === undefined || home !== undefined || rows > PLACE_ROWS;
}

/**
 * Tells whether the rows of a slot come before those of the next, as far as fences tell: those of slots that were
 * written may be cut, and only the outer ones tell then.
 */
function isBefore(slot: Slot, next: Slot, columns: number): boolean {
  if (slot.home === undefined && next.home === undefined)
    return compareRows(slot.upperPart, slot.upperRow, next.lowerPart, next.lowerRow, 0, columns) < 0;
  return compareRows(slot.lowerPart, slot.lowerRow, next.upperPart, next.upperRow, 0, columns) <= 0;
}

function hasColumns({ lowerPart, upperPart }: Slot, columns: number): boolean {
  return lowerPart.columns.length === columns && upperPart.columns.length === columns;
}

/** Tells it by what is known of them all: their sum may be out of range, but is an integer. */
function isWeighed({ weightBound, totalWeight }: Slot): boolean {
  return weightBound >= 1 && weightBound <= WEIGHT_MAX && Number.isInteger(totalWeight);
}

function partOf({ part }: Slot): Part {
  if (part !== undefined) return part;
  throw new TypeError("a slot of the batch is not in memory; read it through a loader");
}

function beginsKey(part: Part, row: number, before: Part | undefined, keyColumns: number): boolean {
  if (row > 0) return compareRows(part, row, part, row - 1, 0, keyColumns) !== 0;
  return before === undefined || compareRows(part, 0, before, before.weights.length - 1, 0, keyColumns) !== 0;
}
