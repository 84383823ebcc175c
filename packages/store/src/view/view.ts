import { IndexedZSet, type Layout, type WeightedValue } from "@zspine/core";
import {
  Batch,
  compareRows,
  gallopPart,
  hashKeys,
  KeySeeker,
  Merger,
  probeKeys,
  probeRow,
  readRow,
  slicePart,
  type HashSeed,
  type KeysProbe,
  type KeyProbe,
  type Lens,
  type LookupCounts,
  type Part,
  type PartRange,
  type Probe,
  type RangeFinder,
  type RowRange,
  type StagingView,
} from "@zspine/core/engine";
import { WHOLE_RANGE, type ReadRange } from "../range/key-range.ts";
import type { ReadHand } from "../tier/read-hand.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { ChunkReader, CHUNK_ROWS } from "./chunk-reader.ts";
import { FEW_ROWS, FewRows } from "./few-rows.ts";

/** An exact count, and what it cost to find it out. */
export interface RowCount {
  /** Distinct rows of weight other than 0. */
  readonly rows: number;
  /** Rows that had to be read for it; 0 when one batch holds all of them. */
  readonly rowsRead: number;
}

/** The batches that a view is of, oldest first; put together when they are read. */
export type ViewBatches = readonly (readonly ViewEntry[])[];

/** A batch of a view. */
export interface ViewEntry {
  readonly batch: Batch;
}

/** What reads of a trace share, however many batches they see. */
export interface ReadContext<K, V> {
  /** The name of the trace, for messages. */
  readonly name: string;
  readonly layout: Layout<K, V>;
  readonly seed: HashSeed;
  readonly counts: LookupCounts;
  /** For look-ups that find everything in memory; written over by the next. */
  readonly probe: Probe<K, V>;
  /** What the rows of all batches are seen through; then `layout` is of what is seen. */
  readonly lens?: Lens | undefined;
}

// Shared, so that a key that is absent allocates nothing.
const NONE: readonly never[] = Object.freeze([]);

/**
 * A trace as it was at one moment: batches, wherever their slots are, and the rows that were staged, read as their
 * sum. Immutable: nothing that is written later shows. All answers add everything up, in order of key and value;
 * nothing shadows anything. Look-ups ask the batches and the index of what is staged; what reads in order, and does
 * not ask for single keys, sorts what is staged first.
 *
 * A look-up never waits. What it misses is noted in its hand, and its answer is of no use then.
 */
export class View<K, V> implements Holder {
  private readonly lists: ViewBatches;
  private read: readonly Batch<K, V>[] | undefined;
  /** What was staged; `undefined` for nothing. */
  readonly staged: StagingView | undefined;
  /** The sum of all weights. */
  readonly totalWeight: number;
  /** The batches that commits have written, as they lie in the backend: what a reader has to hold. */
  readonly files: readonly StoredFile[];
  private readonly context: ReadContext<K, V>;
  private sorted: readonly Batch<K, V>[] | undefined;
  /** Where the rows of a key are put, for the next look-up; missing while one is underway. */
  private spare: KeyRows | undefined;

  constructor(
    context: ReadContext<K, V>,
    lists: ViewBatches,
    staged: StagingView | undefined,
    totalWeight: number,
    files: readonly StoredFile[],
  ) {
    this.files = files;
    this.context = context;
    this.lists = lists;
    this.staged = staged;
    this.totalWeight = totalWeight;
  }

  /** Tells of the batches, of what was staged, and of rows that its last look-up has found. */
  account(tally: Tally): void {
    for (const list of this.lists) for (const { batch } of list) tally.batch(batch);
    if (this.staged !== undefined) tally.arrays("staged", this.staged.arrays);
    for (const batch of this.sorted ?? []) tally.batch(batch);
    for (const { part } of this.spare?.found ?? []) tally.part("pinned", part);
  }

  get layout(): Layout<K, V> {
    return this.context.layout;
  }

  /** The batches, oldest first. */
  get batches(): readonly Batch<K, V>[] {
    return this.read ?? this.putTogether();
  }

  /** No fewer than the distinct rows there are; free. */
  get size(): number {
    return this.batches.reduce((rows, batch) => rows + batch.length, this.staged?.length ?? 0);
  }

  /** Finds all values of the key of a probe, in order. Expected O(1) a batch, and the values. */
  get(probe: KeyProbe, hand: ReadHand): readonly WeightedValue<V>[] {
    const rows = this.find(probe, hand);
    const values = hand.isMissing ? NONE : this.readValues(rows);
    this.spare = rows;
    return values;
  }

  /** Tells whether the key of a probe has any value. */
  has(probe: KeyProbe, hand: ReadHand): boolean {
    const rows = this.find(probe, hand);
    const isThere = !hand.isMissing && this.isAny(rows);
    this.spare = rows;
    return isThere;
  }

  /** Finds the weight of the row of a probe; 0 when it is not there. */
  weight(probe: KeyProbe, hand: ReadHand): number {
    const rows = this.find(probe, hand);
    const columns = this.layout.kinds.length;
    const sum = new WeightSum();
    for (const { part, from, to } of rows.found) {
      // The rows of a key are few, mostly.
      const row = gallopPart(part, probe.part, probe.at, columns, from, 0);
      if (row < to && compareRows(part, row, probe.part, probe.at, 0, columns) === 0)
        sum.add(part.weights[row]!);
    }
    const stagedPart = this.staged?.part;
    for (const row of rows.staged) {
      if (compareRows(stagedPart!, row, probe.part, probe.at, 0, columns) === 0)
        sum.add(stagedPart!.weights[row]!);
    }
    this.spare = rows;
    return sum.total;
  }

  /** What all rows weigh by magnitude that have the columns of the row of a probe but for the last, which is a time. */
  mass(probe: KeyProbe, hand: ReadHand): number {
    const rows = this.find(probe, hand);
    const columns = this.layout.kinds.length - 1;
    let mass = 0;
    for (const { part, from, to } of rows.found) {
      let row = gallopPart(part, probe.part, probe.at, columns, from, 0);
      for (; row < to && compareRows(part, row, probe.part, probe.at, 0, columns) === 0; row++)
        mass += Math.abs(part.weights[row]!);
    }
    this.spare = rows;
    return mass;
  }

  /**
   * Finds the rows of some keys and gives them to `take`, key by key in their order, unless some of them are missing:
   * none then. The keys without rows are given too.
   */
  findMany(some: SomeKeys, hand: ReadHand, take: (at: number, rows: FoundRows) => void): void {
    const { keys, order, from, until } = some;
    const found = this.batches.map((batch) => this.findIn(batch, some, hand));
    if (hand.isMissing) return;
    const { staged: staging } = this;
    const { lens, seed } = this.context;
    const rows = this.takeSpare();
    for (let i = from; i < until; i++) {
      emptyRows(rows);
      for (const { ranges, ends } of found)
        for (let at = i === from ? 0 : ends[i - from - 1]!; at < ends[i - from]!; at++)
          rows.found.push(ranges[at]!);
      if (lens !== undefined) seeRanges(rows.found, lens);
      const at = order === undefined ? i : order[i]!;
      keys.at = at;
      staging?.find(keys.part, at, keys.hash, seed, rows.staged);
      take(at, rows);
    }
    emptyRows(rows);
    this.spare = rows;
  }

  /** Reads the rows of a range in order, in columns. */
  chunks(range: ReadRange = WHOLE_RANGE, firstRows: number = CHUNK_ROWS): ChunkReader<K, V> {
    const { find, isWhole } = range;
    const bounds = isWhole ? undefined : find;
    const inputs = this.inOrder().map((batch) => ({ batch, range: bounds }));
    return new ChunkReader(this.layout, inputs, range, firstRows, this.context.lens);
  }

  /** Merges all rows to parts of their own. */
  merge(): Merger {
    const { lens } = this.context;
    return new Merger(
      this.layout,
      this.inOrder().map((batch) => ({ batch })),
      { lens },
    );
  }

  /** The rows that a count of a range has to read; `undefined` when it is told by one batch. */
  countIn(range: ReadRange, hand: ReadHand): RowCount | undefined {
    // What a lens leaves of a slot only its rows tell.
    if (this.context.lens !== undefined) return undefined;
    const batches = this.inOrder();
    const only = range.isWhole ? batches : batches.filter((batch) => hasSlots(batch, range.find));
    if (only.length > 1) return undefined;
    const rows = only[0] === undefined ? 0 : countOne(only[0], range, hand);
    return { rows: Math.min(rows, range.limit), rowsRead: 0 };
  }

  /** All batches, and what was staged as one more: for what reads in order. */
  inOrder(): readonly Batch<K, V>[] {
    if (this.staged === undefined) return this.batches;
    this.sorted ??= [...this.batches, ...batchesOf(this.layout, this.staged)];
    return this.sorted;
  }

  /** Points the probe of the context to a key. @throws `ZSPINE_INVALID_OPTIONS`. */
  aimAtKey(key: K): KeyProbe {
    const { probe, seed } = this.context;
    if (probe.isAiming) return probeOfKey(this.context, key);
    probe.aimAtKey(key);
    return { part: probe.part, at: 0, hash: probe.hash(seed), seed };
  }

  /** Points the probe of the context to a row. @throws `ZSPINE_INVALID_OPTIONS`. */
  aimAtRow(key: K, value: V): KeyProbe {
    const { probe, seed } = this.context;
    if (probe.isAiming) return probeOfRow(this.context, key, value);
    probe.aimAtRow(key, value);
    return { part: probe.part, at: 0, hash: probe.hash(seed), seed };
  }

  private putTogether(): readonly Batch<K, V>[] {
    const batches: Batch<K, V>[] = [];
    const { lens } = this.context;
    for (const list of this.lists)
      for (const { batch } of list) {
        const seen = lens === undefined ? batch : batch.only((slot) => lens.meets(slot));
        if (seen.slots.length > 0) batches.push(seen as Batch<K, V>);
      }
    this.read = batches;
    return batches;
  }

  /** Finds where the rows of the key of a probe are. */
  private find(probe: KeyProbe, hand: ReadHand): KeyRows {
    const rows = this.takeSpare();
    const { found, staged } = rows;
    emptyRows(rows);
    for (const batch of this.batches) batch.find(probe, this.context.counts, hand, found);
    this.staged?.find(probe.part, probe.at, probe.hash, probe.seed, staged);
    const { lens } = this.context;
    if (lens !== undefined) seeRanges(found, lens);
    return rows;
  }

  /** Room for the rows of a key: reading a value may run code of the caller's, which may look something up. */
  private takeSpare(): KeyRows {
    const rows = this.spare ?? { found: [], staged: [], few: new FewRows() };
    this.spare = undefined;
    return rows;
  }

  private isAny(rows: FoundRows): boolean {
    const { found, staged, few } = rows;
    if (staged.length === 0 && found.length < 2) return found.length === 1;
    if (!this.sumFew(rows))
      return new Merger(this.layout, this.inputsOf(rows), { partRows: 1 }).next() !== undefined;
    const isThere = few.length > 0;
    few.clear();
    return isThere;
  }

  /** Finds what a batch has of some keys. */
  private findIn(batch: Batch<K, V>, { keys, order, from, until }: SomeKeys, hand: ReadHand): FoundInBatch {
    const { counts, seed } = this.context;
    const finder = batch.isSparse(keys.part.weights.length, seed) ? batch : new KeySeeker(batch);
    const ranges: PartRange[] = [];
    const ends = new Uint32Array(until - from);
    for (let i = from; i < until; i++) {
      keys.at = order === undefined ? i : order[i]!;
      finder.find(keys, counts, hand, ranges);
      ends[i - from] = ranges.length;
    }
    return { ranges, ends };
  }

  /** Reads the values of the rows of a key. */
  readValues(rows: FoundRows): readonly WeightedValue<V>[] {
    if (rows.found.length + rows.staged.length === 0) return NONE;
    const values: WeightedValue<V>[] = [];
    const { value: shape } = this.layout;
    this.eachRow(rows, (part, row, weight) => {
      values.push({ value: readRow(shape, part.columns, row) as V, weight });
    });
    return values.length === 0 ? NONE : values;
  }

  /** Adds up the rows of a key, and gives those that are left in order. */
  eachRow(rows: FoundRows, give: (part: Part, row: number, weight: number) => void): void {
    const { found, staged, few } = rows;
    const only = staged.length === 0 && found.length === 1 ? found[0] : undefined;
    if (only !== undefined) {
      const { part, from, to } = only;
      for (let row = from; row < to; row++) give(part, row, part.weights[row]!);
    } else if (this.sumFew(rows)) {
      for (let i = 0; i < few.length; i++) give(few.parts[i]!, few.rows[i]!, few.weights[i]!);
      few.clear();
    } else {
      const merger = new Merger(this.layout, this.inputsOf(rows), { views: true });
      for (let part = merger.next(); part !== undefined; part = merger.next())
        for (let row = 0; row < part.weights.length; row++) give(part, row, part.weights[row]!);
    }
  }

  private sumFew({ found, staged, few }: FoundRows): boolean {
    const { keyColumns, kinds } = this.layout;
    let rows = staged.length;
    for (const { from, to } of found) rows += to - from;
    return rows <= FEW_ROWS && few.sum(found, this.staged?.part, staged, keyColumns, kinds.length);
  }

  /** The rows of a key as inputs of a merge: each range by itself, for rows are sorted only within one. */
  private inputsOf({ found, staged }: FoundRows): { readonly batch: Batch }[] {
    const parts = found.map(({ part, from, to }) => slicePart(part, from, to));
    if (staged.length > 0) parts.push(...this.staged!.pick(staged));
    return parts.map((part) => ({ batch: Batch.of(this.layout, [part]) }));
  }
}

/** Keys that are looked up together: those of rows `[from, until)` of a probe, as `order` sorts them. */
export interface SomeKeys {
  readonly keys: KeysProbe;
  readonly order: Uint32Array | undefined;
  readonly from: number;
  readonly until: number;
}

/** Where a batch has the rows of some keys: those of the n-th up to `ends[n]`. */
interface FoundInBatch {
  readonly ranges: readonly PartRange[];
  readonly ends: Uint32Array;
}

/** Where the rows of one key are: in batches, and the numbers of those that were staged; and room to add them up. */
interface KeyRows {
  readonly found: PartRange[];
  readonly staged: number[];
  readonly few: FewRows;
}

/** The same, to be read. */
export interface FoundRows {
  readonly found: readonly PartRange[];
  readonly staged: readonly number[];
  readonly few: FewRows;
}

function emptyRows({ found, staged }: KeyRows): void {
  // By setting a length they would lose their room, and have to be given other.
  while (found.length > 0) found.pop();
  while (staged.length > 0) staged.pop();
}

/** Makes a probe of its own for a key, for a look-up that is made while another takes its key. */
function probeOfKey<K>(context: ReadContext<K, unknown>, key: K): KeyProbe {
  return probeOf(context, probeKeys(context.layout, [key]));
}

/** Likewise for a row. */
function probeOfRow<K, V>(context: ReadContext<K, V>, key: K, value: V): KeyProbe {
  return probeOf(context, probeRow(context.layout, key, value));
}

function probeOf<K, V>({ layout, seed }: ReadContext<K, V>, part: Part): KeyProbe {
  return { part, at: 0, hash: hashKeys(part, layout, seed)[0]!, seed };
}

/** Puts what is seen of ranges through a lens in their place. */
function seeRanges(ranges: PartRange[], lens: Lens): void {
  let kept = 0;
  for (const { part, from, to } of ranges) {
    const whole = lens.seeWhole(part);
    if (whole !== undefined) {
      ranges[kept++] = { part: whole, from, to };
      continue;
    }
    const seen = lens.see(slicePart(part, from, to));
    if (seen.weights.length > 0) ranges[kept++] = { part: seen, from: 0, to: seen.weights.length };
  }
  ranges.length = kept;
}

/** Adds batches that are all in memory up to one Z-set, which shares no slot with them. */
export function addBatches<K, V>(
  layout: Layout<K, V>,
  batches: readonly Batch<K, V>[],
  lens?: Lens,
): IndexedZSet<K, V> {
  if (batches.length === 1 && lens === undefined) return new IndexedZSet(Batch.of(layout, batches[0]!.parts));
  const merger = new Merger(
    layout,
    batches.map((batch) => ({ batch })),
    { lens },
  );
  merger.work(Infinity);
  return new IndexedZSet(Batch.of(layout, merger.take()));
}

/** Adds weights exactly as long as their sum is in range, whatever the sums on the way (Neumaier, 1974). */
class WeightSum {
  private sum = 0;
  // What rounding takes off sums that leave the range on the way.
  private rest = 0;

  get total(): number {
    return this.sum + this.rest;
  }

  add(weight: number): void {
    const next = this.sum + weight;
    this.rest += Math.abs(this.sum) >= Math.abs(weight) ? this.sum - next + weight : weight - next + this.sum;
    this.sum = next;
  }
}

function batchesOf<K, V>(layout: Layout<K, V>, staged: StagingView): Batch<K, V>[] {
  const parts = staged.consolidate();
  return parts.length === 0 ? [] : [Batch.of(layout, parts)];
}

function hasSlots(batch: Batch, find: RangeFinder): boolean {
  const { from, to } = find.slots(batch);
  return to > from;
}

/** Counts the rows of a range in one batch: what its slots say, and the rows of those at the ends. */
function countOne(batch: Batch, range: ReadRange, hand: ReadHand): number {
  if (range.isWhole) return batch.length;
  let { from, to } = range.find.slots(batch);
  let rows = 0;
  // From either end inwards, as far as rows are left out: fences that are cut let in slots without any of the range.
  const countAt = (number: number): RowRange & { readonly length: number } => {
    const part = hand.partOf(batch.slots[number]!);
    if (part === undefined) return { from: 0, to: 1, length: 1 };
    const found = range.find.rows(part);
    rows += found.to - found.from;
    return { ...found, length: part.weights.length };
  };
  for (let isEnd = false; from < to && !isEnd; from++) {
    const { from: first, length } = countAt(from);
    isEnd = first < length;
  }
  for (let isEnd = false; from < to && !isEnd; to--) isEnd = countAt(to - 1).to > 0;
  return rows + batch.starts[to]! - batch.starts[from]!;
}
