import { compareRows } from "./part.ts";
import type { MergeSource } from "./merge-source.ts";

/** Sources that are kept in a sorted list; of more, those behind them are a heap. */
export const NEAR_SOURCES = 16;

/**
 * The inputs of a merge that have rows left, by the row that each stands before; the one whose row comes next first.
 *
 * The first {@link NEAR_SOURCES} are a sorted list, the others a heap behind it, in one array: no row of the heap comes
 * before one of the list. Few inputs are in the list alone, where one that goes on is moved past its neighbours: for two to
 * sixteen that is faster than a heap or a tournament, whose comparisons nobody can foretell. Of many, one that goes
 * on, comes or leaves costs O(log n) comparisons and no look at the others, so that a merge of n inputs with m rows takes
 * O(m log n): sorting all of them whenever one of them ended was n² log n for n inputs of a row each.
 *
 * Only the first ever goes on or leaves: a row that stands anywhere else is not read.
 */
export class MergeQueue {
  /** By number; `undefined` once it has been let go of. Numbers stay until {@link MergeQueue.compact}. */
  readonly sources: (MergeSource | undefined)[];
  /** The head of the row that each stands before. */
  readonly fronts: Float64Array;
  /** The numbers of those that are in the queue: a sorted list, then a heap. */
  readonly order: Uint32Array;
  /** How many are in the queue. */
  count = 0;

  private readonly width: number;
  private readonly isReverse: boolean;
  /** Which sources have heads that do not tell all of the first column, and how many have. */
  private readonly untold: Uint8Array;
  private untoldCount = 0;

  /** @param sources All stand before a row. */
  constructor(sources: readonly MergeSource[], width: number, isReverse: boolean) {
    this.sources = [...sources];
    this.width = width;
    this.isReverse = isReverse;
    this.fronts = new Float64Array(sources.length);
    this.order = new Uint32Array(sources.length);
    this.untold = new Uint8Array(sources.length);
    for (let number = 0; number < sources.length; number++) this.add(number);
  }

  /** The first column that is compared where heads of the first are equal. */
  get tiesFrom(): number {
    // A column whose heads are taken after less than its own prefix may have tails that it has not told of.
    return this.untoldCount === 0 ? 1 : 0;
  }

  /** The arrays that it keeps in memory. */
  get arrays(): ArrayBufferView[] {
    return [this.fronts, this.order, this.untold];
  }

  /** The source whose row comes next, if there is one. */
  get first(): MergeSource | undefined {
    return this.count === 0 ? undefined : this.sources[this.order[0]!];
  }

  /** Takes a source in that is not in the queue. */
  add(number: number): void {
    const { order, fronts } = this;
    const source = this.sources[number]!;
    this.tell(number, source.isToldByHead ? 0 : 1);
    fronts[number] = source.isLoaded ? source.heads[source.row]! : source.front;
    let place = Math.min(this.count, NEAR_SOURCES);
    const last = order[NEAR_SOURCES - 1]!;
    if (place === NEAR_SOURCES) {
      if (!this.isBefore(number, last)) {
        this.rise(this.count++, number);
        return;
      }
      this.rise(this.count, last);
      place--;
    }
    this.count++;
    for (; place > 0 && this.isBefore(number, order[place - 1]!); place--) order[place] = order[place - 1]!;
    order[place] = number;
  }

  /** Moves the first source back to where its front belongs. */
  settle(): void {
    const { order, fronts, isReverse } = this;
    const near = Math.min(this.count, NEAR_SOURCES);
    const moved = order[0]!;
    const head = fronts[moved]!;
    let place = 0;
    for (; place + 1 < near; place++) {
      const next = order[place + 1]!;
      const front = fronts[next]!;
      const isNextFirst =
        front === head ? this.isTiedBefore(next, moved) : isReverse ? front > head : front < head;
      if (!isNextFirst) break;
      order[place] = next;
    }
    order[place] = moved;
    if (place + 1 === NEAR_SOURCES && this.count > NEAR_SOURCES) this.settleFar();
  }

  /** Takes the first source out. Gives its number. */
  drop(): number {
    const { order } = this;
    const dropped = order[0]!;
    order.copyWithin(0, 1, Math.min(this.count, NEAR_SOURCES));
    this.count--;
    if (this.count >= NEAR_SOURCES) {
      order[NEAR_SOURCES - 1] = order[NEAR_SOURCES]!;
      if (this.count > NEAR_SOURCES) this.sink(order[this.count]!);
    }
    return dropped;
  }

  /** Lets go of a source that has been taken out. */
  release(number: number): void {
    this.sources[number] = undefined;
    this.tell(number, 0);
  }

  /** Numbers the sources anew that are in the queue. All others are let go of. */
  compact(): void {
    const { sources, fronts, order, untold } = this;
    const live = [...order.subarray(0, this.count)].sort((a, b) => a - b);
    const numbers = new Map(live.map((before, number) => [before, number]));
    for (const [number, before] of live.entries()) {
      sources[number] = sources[before]!;
      fronts[number] = fronts[before]!;
      untold[number] = untold[before]!;
    }
    sources.length = live.length;
    for (let place = 0; place < this.count; place++) order[place] = numbers.get(order[place]!)!;
  }

  /** Trades the last of the list for the first of the heap, where that comes before it. */
  private settleFar(): void {
    const { order } = this;
    const last = order[NEAR_SOURCES - 1]!;
    const next = order[NEAR_SOURCES]!;
    if (!this.isBefore(next, last)) return;
    order[NEAR_SOURCES - 1] = next;
    this.sink(last);
  }

  /** Puts a source into the heap in the place of its first. */
  private sink(number: number): void {
    const { order, count } = this;
    let place = NEAR_SOURCES;
    for (;;) {
      let below = 2 * place - NEAR_SOURCES + 1;
      if (below >= count) break;
      if (below + 1 < count && this.isBefore(order[below + 1]!, order[below]!)) below++;
      if (!this.isBefore(order[below]!, number)) break;
      order[place] = order[below]!;
      place = below;
    }
    order[place] = number;
  }

  /** Puts a source into the heap, at `place` behind its last. */
  private rise(place: number, number: number): void {
    const { order } = this;
    while (place > NEAR_SOURCES) {
      const above = NEAR_SOURCES + ((place - NEAR_SOURCES - 1) >>> 1);
      if (!this.isBefore(number, order[above]!)) break;
      order[place] = order[above]!;
      place = above;
    }
    order[place] = number;
  }

  private isBefore(a: number, b: number): boolean {
    const x = this.fronts[a]!;
    const y = this.fronts[b]!;
    if (x === y) return this.isTiedBefore(a, b);
    return this.isReverse ? x > y : x < y;
  }

  /** Orders the fronts of two sources whose heads are equal. */
  private isTiedBefore(a: number, b: number): boolean {
    const x = this.sources[a]!;
    const y = this.sources[b]!;
    const order = compareRows(x.part, x.row, y.part, y.row, this.tiesFrom, this.width);
    if (order === 0) return !x.isLoaded && y.isLoaded;
    return this.isReverse ? order > 0 : order < 0;
  }

  private tell(number: number, untold: number): void {
    this.untoldCount += untold - this.untold[number]!;
    this.untold[number] = untold;
  }
}
