import {
  Batch,
  Chunk,
  compareRows,
  hashKeys,
  IndexedZSet,
  Merger,
  probeKeys,
  readRow,
  restrict,
  semijoin,
  slicePart,
  sortRows,
  type HashSeed,
  type Probe,
  type Layout,
  type LookupCounts,
  type MergeInput,
  type Part,
  type Row,
  type WeightedValue,
  type ZSet,
} from "@zspine/core";
import { WHOLE_RANGE, type ReadRange } from "../range/key-range.ts";
import { FEW_ROWS, sumFewRows, type SummedRow } from "./few-rows.ts";

/** An exact count, and what it cost to find it out. */
export interface RowCount {
  /** Distinct rows of weight other than 0. */
  readonly rows: number;
  /** Rows that had to be read for it; 0 when one batch holds all of them. */
  readonly rowsRead: number;
}

/** A key or a row to look for, as row 0 of a part, with the keyed hash of the key. */
export interface HashedProbe {
  readonly part: Part;
  readonly hash: number;
}

/** What reads of a trace share, however many batches they see. */
export interface ReadContext<K, V> {
  readonly layout: Layout<K, V>;
  readonly seed: HashSeed;
  readonly counts: LookupCounts;
  /** For look-ups of one key or row, which are synchronous. */
  readonly probe: Probe<K, V>;
}

// Shared, so that a key that is absent allocates nothing.
const NONE: readonly never[] = Object.freeze([]);

/**
 * Batches as they were at one moment, read as their sum. Immutable: nothing that is written later shows.
 * All answers add up every batch, in order of key and value; nothing shadows anything.
 */
export class View<K, V> {
  readonly batches: readonly Batch<K, V>[];
  /** The sum of all weights. */
  readonly totalWeight: number;
  private readonly context: ReadContext<K, V>;

  constructor(context: ReadContext<K, V>, batches: readonly Batch<K, V>[], totalWeight: number) {
    this.context = context;
    this.batches = batches;
    this.totalWeight = totalWeight;
  }

  get layout(): Layout<K, V> {
    return this.context.layout;
  }

  /** No fewer than the distinct rows there are; free. */
  get size(): number {
    return this.batches.reduce((rows, batch) => rows + batch.length, 0);
  }

  /** Finds all values of a key, in order. Expected O(1) a batch, and the values. */
  get(key: K): readonly WeightedValue<V>[] {
    return this.getOf(this.aim(key));
  }

  /** Finds all values of the key that a probe is aimed at. */
  getOf(probe: HashedProbe): readonly WeightedValue<V>[] {
    return this.readValues(this.findProbe(probe.part, 0, probe.hash));
  }

  /** Tells whether a key has any value. */
  has(key: K): boolean {
    return this.hasOf(this.aim(key));
  }

  /** Tells whether the key that a probe is aimed at has any value. */
  hasOf(probe: HashedProbe): boolean {
    const inputs = this.findProbe(probe.part, 0, probe.hash);
    if (inputs.length < 2) return inputs.length === 1;
    const few = this.sumFew(inputs);
    if (few !== undefined) return few.length > 0;
    return new Merger(this.layout, inputs, { partRows: 1 }).next() !== undefined;
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    const { probe, seed } = this.context;
    probe.aimAtRow(key, value);
    return this.weightOf({ part: probe.part, hash: probe.hash(seed) });
  }

  /** Finds the weight of the row that a probe is aimed at. */
  weightOf({ part, hash }: HashedProbe): number {
    const columns = this.layout.kinds.length;
    let weight = 0;
    // What rounding takes off sums that leave the range on the way (Neumaier, 1974).
    let rest = 0;
    for (const { batch, from, to } of this.findProbe(part, 0, hash)) {
      const at = batch.gallop(part, 0, columns, false, from);
      if (at >= to) continue;
      const number = batch.partAt(at);
      const found = batch.parts[number]!;
      const row = at - batch.starts[number]!;
      if (compareRows(found, row, part, 0, 0, columns) !== 0) continue;
      const added = found.weights[row]!;
      const sum = weight + added;
      rest += Math.abs(weight) >= Math.abs(added) ? weight - sum + added : added - sum + weight;
      weight = sum;
    }
    return weight + rest;
  }

  /** Finds the values of many keys at once, in the order of `keys`; gallops through each batch in order of keys. */
  getMany(keys: readonly K[]): (readonly WeightedValue<V>[])[] {
    const probe = probeKeys(this.layout, keys);
    return this.getManyOf(probe, sortRows(probe));
  }

  /** Finds the values of the keys of a probe, whose rows are in the given order. */
  getManyOf(probe: Part, order: Uint32Array | undefined): (readonly WeightedValue<V>[])[] {
    const found: (MergeInput[] | undefined)[] = Array.from({ length: probe.weights.length });
    for (const batch of this.batches) this.findMany(batch, probe, order, found);
    return found.map((inputs) => (inputs === undefined ? NONE : this.readValues(inputs)));
  }

  /** Keeps the rows whose key is in `keys`, weights multiplied. Cost O(keys · log rows) a batch, and what is kept. */
  semijoin(keys: ZSet<K>): IndexedZSet<K, V> {
    const kept = this.batches.map((batch) => restrict(new IndexedZSet(batch), keys).batch);
    return multiply(addBatches(this.layout, kept), keys);
  }

  /** Reads the rows of a range in order. */
  *rows(range: ReadRange = WHOLE_RANGE): Generator<Row<K, V>, void, undefined> {
    for (const chunk of this.chunks(range, FIRST_ROWS)) yield* chunk.rows();
  }

  /** Reads the rows of a range in order, in columns; the chunks grow from `firstRows` as the reader goes on. */
  *chunks(
    range: ReadRange = WHOLE_RANGE,
    firstRows: number = CHUNK_ROWS,
  ): Generator<Chunk<K, V>, void, undefined> {
    let left = range.limit;
    let rows = firstRows;
    const merger = new Merger(this.layout, this.findRange(range), {
      reverse: range.reverse,
      partRows: rows,
    });
    while (left > 0) {
      merger.partRows = Math.min(rows, left);
      const part = merger.next();
      if (part === undefined) return;
      // Parts that are carried by reference come whole.
      for (let start = 0; start < part.weights.length && left > 0; rows = Math.min(rows * 4, CHUNK_ROWS)) {
        const end = Math.min(part.weights.length, start + Math.min(rows, left));
        left -= end - start;
        yield new Chunk(this.layout, slicePart(part, start, end));
        start = end;
      }
    }
  }

  /** Counts the distinct rows of a range exactly. Free in one batch, else it reads the range. */
  count(range: ReadRange = WHOLE_RANGE): RowCount {
    const inputs = this.findRange(range);
    const rowsRead = inputs.reduce((rows, { from, to }) => rows + to - from, 0);
    const { limit } = range;
    if (inputs.length < 2) return { rows: Math.min(rowsRead, limit), rowsRead: 0 };
    const merger = new Merger(this.layout, inputs, { views: true });
    let rows = 0;
    for (let part = merger.next(); part !== undefined; part = merger.next()) rows += part.weights.length;
    return { rows: Math.min(rows, limit), rowsRead };
  }

  private findRange({ find }: ReadRange): MergeInput[] {
    return this.batches.map((batch) => ({ batch, ...find(batch) })).filter(({ from, to }) => to > from);
  }

  private aim(key: K): HashedProbe {
    const { probe, seed } = this.context;
    probe.aimAtKey(key);
    return { part: probe.part, hash: probe.hash(seed) };
  }

  private findProbe(probe: Part, at: number, hash: number): MergeInput[] {
    const { seed, counts } = this.context;
    const inputs: MergeInput[] = [];
    for (const batch of this.batches) {
      const rows = batch.find(probe, at, hash, seed, counts);
      if (rows !== undefined) inputs.push({ batch, ...rows });
    }
    return inputs;
  }

  private findMany(
    batch: Batch<K, V>,
    probe: Part,
    order: Uint32Array | undefined,
    found: (MergeInput[] | undefined)[],
  ): void {
    const { seed, counts, layout } = this.context;
    const hashes = batch.isIndexed ? hashKeys(probe, layout, seed) : undefined;
    let from = 0;
    for (let i = 0; i < found.length; i++) {
      const at = order === undefined ? i : order[i]!;
      if (hashes !== undefined) {
        const rows = batch.find(probe, at, hashes[at]!, seed, counts);
        if (rows !== undefined) (found[at] ??= []).push({ batch, ...rows });
        continue;
      }
      counts.searched++;
      from = batch.gallop(probe, at, layout.keyColumns, false, from);
      const to = batch.gallop(probe, at, layout.keyColumns, true, from);
      if (to > from) (found[at] ??= []).push({ batch, from, to });
    }
  }

  private readValues(inputs: readonly MergeInput[]): readonly WeightedValue<V>[] {
    if (inputs.length === 0) return NONE;
    const values: WeightedValue<V>[] = [];
    const push = (part: Part, row: number, weight: number): void => {
      values.push({ value: readRow(this.layout.value, part.columns, row) as V, weight });
    };
    const few = inputs.length < 2 ? undefined : this.sumFew(inputs);
    if (few !== undefined) for (const { part, row, weight } of few) push(part, row, weight);
    else if (inputs.length === 1) eachRow(inputs[0]!, push);
    else {
      const merger = new Merger(this.layout, inputs, { views: true });
      for (let part = merger.next(); part !== undefined; part = merger.next()) {
        for (let row = 0; row < part.weights.length; row++) push(part, row, part.weights[row]!);
      }
    }
    return values.length === 0 ? NONE : values;
  }

  private sumFew(inputs: readonly MergeInput[]): SummedRow[] | undefined {
    const { keyColumns, kinds } = this.layout;
    const rows = inputs.reduce((sum, { from, to }) => sum + to - from, 0);
    return rows > FEW_ROWS ? undefined : sumFewRows(inputs, keyColumns, kinds.length);
  }
}

/** Rows of the first chunk of a loop over rows: few, for many loops are left early. */
export const FIRST_ROWS = 64;
/** Rows of a chunk at the most. */
export const CHUNK_ROWS = 16384;

/** Calls `visit` with each row of an input, in order. */
function eachRow(
  { batch, from, to }: MergeInput,
  visit: (part: Part, row: number, weight: number) => void,
): void {
  for (let row = from, number = batch.partAt(from); row < to; number++) {
    const part = batch.parts[number]!;
    const start = batch.starts[number]!;
    const end = Math.min(to, batch.starts[number + 1]!);
    for (; row < end; row++) visit(part, row - start, part.weights[row - start]!);
  }
}

/**
 * Multiplies rows of keys by the weights of the keys. Of a sum: products of each batch's rows may be out of range
 * where those of their sum are not, and an answer does not depend on the batches.
 */
export function multiply<K, V>(rows: IndexedZSet<K, V>, keys: ZSet<K>): IndexedZSet<K, V> {
  const { weightBound, totalWeight, length } = keys.batch;
  return weightBound <= 1 && totalWeight === length ? rows : semijoin(rows, keys);
}

/** Adds batches up to one Z-set. */
export function addBatches<K, V>(layout: Layout<K, V>, batches: readonly Batch<K, V>[]): IndexedZSet<K, V> {
  if (batches.length === 1) return new IndexedZSet(batches[0]!);
  const merger = new Merger(
    layout,
    batches.map((batch) => ({ batch, from: 0, to: batch.length })),
  );
  merger.work(Infinity);
  return new IndexedZSet(new Batch(layout, merger.take()));
}
