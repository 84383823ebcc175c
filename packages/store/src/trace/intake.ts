import {
  isZspineError,
  ZspineError,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
} from "@zspine/core";
import {
  Batch,
  check,
  checkPair,
  compareRows,
  consolidateRows,
  countColumns,
  hashKeys,
  Staging,
  WEIGHT_MAX,
  weightOverflow,
  type HashSeed,
  type KeyProbe,
  type Part,
  type StagingMark,
  type StagingView,
} from "@zspine/core/engine";
import type { Gate } from "../gate/gate.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import type { Stages } from "./stages.ts";

/** What an intake is told of its trace. */
export interface IntakeSurroundings<K, V> {
  readonly name: string;
  readonly layout: Layout<K, V>;
  readonly stages: Stages;
  readonly stagingRows: number;
  /** Bytes at which they are, whatever their number. */
  stagingBytes(): number;
  /** Bytes of a slot that is made of them, about, at the most. */
  partBytes(): number;
  readonly seed: HashSeed;
  readonly gate: Gate;
  /**
   * Tells the weight of a row in everything that is sealed now; where rows have times, what all rows of its key and value
   * weigh by magnitude. What it gives
   * throws `ZSPINE_NOT_RESIDENT` when that cannot be read at once.
   */
  weigh(): (probe: KeyProbe) => number;
  /** Told when rows come to where there may have been none. */
  onRows(): void;
  /** Told that there may be merging to do. */
  onWork(): void;
}

/** Rows of merging that a sealed row owes; enough for every level it will pass. */
const FUEL_PER_ROW = 4;
/** Rows of merging that one seal owes at the most; the background and `commit` do the rest. */
const FUEL_MAX = 262144;
/** Rows of merging that an inserted row pays for, so that what a seal owes is paid by half the rows up to the next. */
const PAID_PER_ROW = 8;
/** Rows that are inserted one by one and pay together, for about a tenth of a millisecond. */
const PAYING_ROWS = 256;

/**
 * Accepts the rows of a trace: checks them, stages them as they come, and seals them into batches when there are
 * many. Invariants: no sum of equal rows, over all that is sealed and staged, leaves the range of weights, and no
 * total does; a call that throws, whatever threw, leaves nothing behind, and what it has taken does not show before
 * it ends.
 */
export class Intake<K, V> implements Holder {
  /** Rows of weight other than 0 that were inserted. */
  insertedRows = 0;
  private readonly surroundings: IntakeSurroundings<K, V>;
  private readonly stages: Stages;
  private readonly staging: Staging<K, V>;
  /** Rows of merging that have not been paid for. */
  private owed = 0;
  /** What was staged before rows that are being taken from an iterable, which is code of the caller's. */
  private before: StagingMark | undefined;

  constructor(surroundings: IntakeSurroundings<K, V>) {
    const { name, layout, stages } = surroundings;
    this.surroundings = surroundings;
    this.stages = stages;
    this.staging = new Staging(layout, undefined, `trace ${JSON.stringify(name)}`);
  }

  /** How many rows are staged. */
  get length(): number {
    return (this.before ?? this.staging).length;
  }

  /** Bytes of what is staged, as far as it is whole: none while rows are taken. */
  get bytes(): number {
    return this.before === undefined && this.staging.length > 0 ? this.staging.bytes : 0;
  }

  account(tally: Tally): void {
    tally.arrays("staged", this.staging.arrays);
  }

  /** The place of the next row. */
  get place(): number {
    return this.stages.place + this.length;
  }

  get totalWeight(): number {
    return this.stages.weights.sealed + (this.before ?? this.staging).totalWeight;
  }

  insert(key: K, value: V, weight: number): void {
    const { staging } = this;
    this.checkNotTaking();
    // Not a mark, which would be an object for each row, and few need it.
    const { length, mass, totalWeight } = staging;
    staging.push(key, value, weight);
    if (length > 0 && staging.length > length && this.isCalm()) {
      this.insertedRows++;
      if (staging.length % PAYING_ROWS === 0) this.pay(PAYING_ROWS);
    } else this.accept({ ...staging.mark(), length, mass, totalWeight });
  }

  /** Inserts all rows or, when one is refused, none. */
  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    const { staging } = this;
    this.take(() => {
      let at = 0;
      for (const row of rows) {
        checkPair(row, at++);
        const { key, value, weight } = row;
        staging.push(key, value, weight === undefined ? 1 : weight);
      }
    });
  }

  /** Inserts all rows or, when one is refused, none. */
  insertColumns(columns: ColumnarRows<K, V>): void {
    this.take(() => {
      const input = countColumns(this.surroundings.layout, columns);
      this.staging.pushColumns(input, 0, input.length);
    });
  }

  /** Inserts a Z-set, whose columns are shared. */
  insertZSet({ batch, totalWeight }: IndexedZSet<K, V>): void {
    if (batch.length === 0) return;
    this.seal();
    const { weights } = this.stages;
    const total = weights.checkTotal(weights.sealed + totalWeight);
    if (weights.bound + batch.sumBound > WEIGHT_MAX) this.checkSums(batch);
    // Slots of its own: where those of the Z-set are is not the store's to decide.
    const own = Batch.of(this.surroundings.layout, batch.parts);
    this.append(own, 1, total);
    this.insertedRows += batch.length;
  }

  /** Drops what is staged, and gives back what was reserved for it. */
  clear(): void {
    this.staging.clear();
  }

  /** Gives back what is reserved for rows to come, where none are staged; tells whether that was something. */
  shrink(): boolean {
    if (this.length > 0 || this.before !== undefined || this.staging.capacity === 0) return false;
    this.staging.clear();
    return true;
  }

  /** What is staged now; `undefined` for nothing. */
  view(): StagingView | undefined {
    this.checkNotTaking();
    return this.staging.length === 0 ? undefined : this.staging.view();
  }

  /**
   * Sorts what is staged below a place, which is held or the end, into batches, one between any two boundaries, and
   * has them owe merging.
   */
  seal(until: number = this.place): void {
    this.checkNotTaking();
    const { stages, staging } = this;
    const { place } = stages;
    if (until <= place) return;
    const { layout, gate, partBytes } = this.surroundings;
    const ends = [...stages.boundaries.between(place, until), until].map((end) => end - place);
    const total = until === this.place ? this.totalWeight : stages.weights.at(until);
    const sealed = staging.sealAt(
      ends,
      (parts) => (parts.length === 0 ? undefined : Batch.of(layout, parts)),
      partBytes(),
    );
    gate.whole(() => {
      let rows = 0;
      let from = 0;
      sealed.forEach((batch, piece) => {
        stages.append(batch, ends[piece]! - from);
        from = ends[piece]!;
        rows += batch?.length ?? 0;
      });
      stages.weights.seal(total);
      this.owe(rows);
    });
  }

  /** Sees to it that what comes next has another place than what was held so far. */
  part(): void {
    const { stages } = this;
    if (!stages.boundaries.hasWithin(this.place, this.place)) return;
    this.seal();
    stages.append(undefined, 1);
  }

  /** @throws `ZSPINE_INVALID_OPTIONS` while rows are taken: what is sealed meanwhile could not be undone. */
  private checkNotTaking(): void {
    if (this.before === undefined) return;
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `rows read or write trace ${JSON.stringify(this.surroundings.name)} while they are taken; collect them first, ` +
        "insertAll([...rows]); nothing was applied",
    );
  }

  /** Adds a batch that covers `count` places, after which the total weight is `total`. */
  private append(batch: Batch, count: number, total: number): void {
    const { gate, onRows } = this.surroundings;
    gate.whole(() => {
      onRows();
      this.stages.append(batch, count);
      this.stages.weights.seal(total);
      this.owe(batch.length);
    });
    this.pay(batch.length);
  }

  /** Notes merging that rows which come are to pay for: at once it would be a long turn for one of them. */
  private owe(rows: number): void {
    this.owed += Math.min(rows * FUEL_PER_ROW, FUEL_MAX);
    this.surroundings.onWork();
  }

  /** Merges as much as so many inserted rows pay for. */
  private pay(rows: number): void {
    if (this.owed === 0) return;
    const fuel = Math.min(this.owed, rows * PAID_PER_ROW);
    this.surroundings.gate.whole(() => {
      const left = this.stages.work(fuel);
      // Nothing is left to be merged, or the background does it.
      this.owed = left > 0 ? 0 : this.owed - fuel;
    });
  }

  /** Stages rows by code of the caller's, and accepts all of them or none. */
  private take(stage: () => void): void {
    this.checkNotTaking();
    const { place, totalWeight } = this;
    const mark = this.staging.mark();
    this.before = mark;
    try {
      stage();
    } catch (error) {
      this.before = undefined;
      this.refuse(mark, place, totalWeight);
      throw error;
    }
    this.before = undefined;
    this.accept(mark);
  }

  /** Drops what was staged since `mark`: then all is as it was when `place` and `total` were. */
  private refuse(mark: StagingMark, place: number, total: number): void {
    const { staging } = this;
    // Unless what was staged before has been sealed by now, and must not come back.
    if (staging.length > mark.length) staging.reset(mark);
    this.surroundings.gate.whole(() => {
      check(this.place === place && this.totalWeight === total, "a refused call changes nothing (4)");
    });
  }

  /** Accepts what was staged since `mark`, or, when a sum would leave the range, throws and drops it. */
  private accept(mark: StagingMark): void {
    const { staging } = this;
    if (staging.length === mark.length) return;
    if (mark.length === 0) this.surroundings.onRows();
    const rows = staging.countFrom(mark.length);
    if (!this.isCalm()) this.acceptLooking(mark);
    this.insertedRows += rows;
    this.pay(rows);
  }

  /** Whether nothing has to be looked at: no sum can have left the range, nor is there much to seal. Mostly so. */
  private isCalm(): boolean {
    const { staging, stages, surroundings } = this;
    const { mass, length } = staging;
    const { bound, sealed } = stages.weights;
    return (
      bound + mass <= WEIGHT_MAX &&
      Math.abs(sealed) + mass <= WEIGHT_MAX &&
      length < surroundings.stagingRows &&
      !this.isHeavy()
    );
  }

  private acceptLooking(mark: StagingMark): void {
    const { staging, stages } = this;
    const place = stages.place + mark.length;
    const before = stages.weights.sealed + mark.totalWeight;
    try {
      const { weights } = stages;
      const isTold = !Number.isNaN(staging.totalWeight);
      // A sum that has left the range on the way is told by adding up once more, exactly.
      const total = isTold
        ? weights.sealed + staging.totalWeight
        : addExactly(weights.sealed, staging.weightsFrom(0));
      weights.checkTotal(total);
      if (!isTold || weights.bound + staging.mass > WEIGHT_MAX) this.acceptChecked(mark, total);
      else if (staging.length >= this.surroundings.stagingRows || this.isHeavy()) this.seal();
    } catch (error) {
      this.refuse(mark, place, before);
      throw error;
    }
  }

  /** Whether what is staged takes too many bytes; looked at now and then. */
  private isHeavy(): boolean {
    const { staging } = this;
    return (staging.length & 7) === 0 && staging.bytes >= this.surroundings.stagingBytes();
  }

  /** Accepts rows whose sums have to be looked at one by one, for some weights are near the end of the range. */
  private acceptChecked(mark: StagingMark, total: number): void {
    const { staging } = this;
    const { layout } = this.surroundings;
    const added = staging.length - mark.length;
    const parts = consolidateRows(staging.peek(mark.length));
    const delta = Batch.of(layout, parts);
    staging.reset(mark);
    this.seal();
    this.checkSums(delta);
    this.append(delta, added, total);
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` when a row of `delta` and what is there would leave the range. */
  private checkSums(delta: Batch): void {
    const { stages, surroundings } = this;
    const { layout, seed } = surroundings;
    stages.recount();
    if (stages.weights.bound + delta.sumBound <= WEIGHT_MAX) return;
    const weightOf = surroundings.weigh();
    const added = new AddedWeight(layout);
    for (const part of delta.parts) {
      const hashes = hashKeys(part, layout, seed);
      for (let at = 0; at < part.weights.length; at++) {
        const sealed = sealedWeight(weightOf, { part, at, hash: hashes[at]!, seed });
        if (Math.abs(sealed + added.at(part, at)) > WEIGHT_MAX) throw weightOverflow("the weight of a row");
      }
    }
  }
}

/**
 * What rows that are added come to weigh, in their order. Rows that have times may come to be one with others of the same
 * key and value, in any order; so of them the magnitudes count, and no sum of some of them is out of range.
 */
class AddedWeight {
  private readonly layout: Layout;
  private before: { readonly part: Part; readonly at: number } | undefined;
  private mass = 0;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** What row `at` weighs, with those before it that it may come to be one with. */
  at(part: Part, at: number): number {
    const weight = part.weights[at]!;
    if (this.layout.isTimed !== true) return weight;
    const { before } = this;
    const columns = this.layout.kinds.length - 1;
    const isSame = before !== undefined && compareRows(before.part, before.at, part, at, 0, columns) === 0;
    this.mass = (isSame ? this.mass : 0) + Math.abs(weight);
    this.before = { part, at };
    return this.mass;
  }
}

/** @throws `ZSPINE_WEIGHT_RANGE` when it cannot be read at once, for then the sum might leave the range. */
function sealedWeight(weightOf: (probe: KeyProbe) => number, probe: KeyProbe): number {
  try {
    return weightOf(probe);
  } catch (cause) {
    if (!isZspineError(cause, "ZSPINE_NOT_RESIDENT")) throw cause;
    const message =
      "the sum of a row so near the end of the range of weights cannot be told without waiting for the medium";
    throw new ZspineError("ZSPINE_WEIGHT_RANGE", message, { cause });
  }
}

/** Adds up exactly, whatever the sums on the way; rounded once, at the end. */
function addExactly(start: number, weights: Float64Array): number {
  let sum = BigInt(start);
  for (const weight of weights) sum += BigInt(weight);
  return Number(sum);
}
