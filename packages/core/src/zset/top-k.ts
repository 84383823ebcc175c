import type { Batch } from "../batch/batch.ts";
import { quote } from "../error/quote.ts";
import type { Shape } from "../schema/shape.ts";
import { checkZSet, isIndexed, withParts, type AnyZSet } from "./any-zset.ts";
import type { IndexedZSet } from "./indexed-zset.ts";
import { KeyCursor } from "./key-cursor.ts";
import { checkCall } from "./row-call.ts";
import { RowPicker } from "./row-picker.ts";
import { RowsReader } from "./rows-reader.ts";
import type { ZSet } from "./zset.ts";

/**
 * Keeps the first `k` items of a Z-set, or the first `k` values of each key of an indexed one, in the order
 * of `compare`; rows that it holds equal, and all where it is left out, are in the order of their columns.
 *
 * Rows count as often as their weight says, as they do for `LIMIT` in SQL: the weight of the last is cut so
 * that `k` is not exceeded. Rows with a negative weight are passed over. Cost O(rows + what is kept for a
 * while · log k).
 *
 * @throws `RangeError` when `k` is no integer from 0 to 2³².
 */
export function topK<T>(zset: ZSet<T>, k: number, compare?: (a: T, b: T) => number): ZSet<T>;
export function topK<K, V>(
  zset: IndexedZSet<K, V>,
  k: number,
  compare?: (a: V, b: V) => number,
): IndexedZSet<K, V>;
export function topK(zset: AnyZSet, k: number, compare?: (a: unknown, b: unknown) => number): AnyZSet {
  checkZSet("topK", zset);
  if (compare !== undefined) checkCall("topK", compare);
  if (!Number.isInteger(k) || k < 0 || k > K_MAX) {
    throw new RangeError(`topK: expected k to be an integer from 0 to 2^32, found ${quote(k)}`);
  }
  const picker = new RowPicker(zset.layout);
  pickFirst(picker, zset, k, compare);
  return withParts(zset, picker.finish());
}

// The loop by itself, as those in consolidate.ts.
function pickFirst(
  picker: RowPicker,
  zset: AnyZSet,
  k: number,
  compare: ((a: unknown, b: unknown) => number) | undefined,
): void {
  const { batch, layout } = zset;
  const shape = isIndexed(zset) ? layout.value : layout.key;
  const cursor = new KeyCursor(batch, isIndexed(zset) ? layout.keyColumns : 0);
  while (!cursor.isDone) {
    const { from } = cursor;
    const to = cursor.end();
    const first = new FirstRows(k);
    collect(first, batch, shape, from, to, compare);
    first.pickInto(picker, batch);
    cursor.moveTo(to);
  }
}

// Far enough below 2⁵³ that the sums of weights cut to k are exact.
const K_MAX = 2 ** 32;

function collect(
  first: FirstRows,
  batch: Batch,
  shape: Shape,
  from: number,
  to: number,
  compare: ((a: unknown, b: unknown) => number) | undefined,
): void {
  const reader = new RowsReader<unknown>(batch, shape);
  for (let row = from; row < to; row++) {
    // In the order of columns, what comes later is never among the first.
    if (compare === undefined && first.isFull) return;
    const weight = reader.weight(row);
    if (weight > 0) first.offer(row, weight, compare === undefined ? undefined : reader.read(row), compare);
  }
}

/** The first rows of those offered so far, in order, as many as it takes to weigh `k`. */
class FirstRows {
  private readonly k: number;
  private readonly rows: number[] = [];
  private readonly weights: number[] = [];
  private readonly values: unknown[] = [];
  private total = 0;

  constructor(k: number) {
    this.k = k;
  }

  get isFull(): boolean {
    return this.total >= this.k;
  }

  /** Takes a row in where it is among the first; rows are offered in ascending order. */
  offer(row: number, weight: number, value: unknown, compare?: (a: unknown, b: unknown) => number): void {
    const at = compare === undefined ? this.rows.length : this.placeOf(value, compare);
    if (this.isFull && at === this.rows.length) return;
    const counted = Math.min(weight, this.k);
    this.rows.splice(at, 0, row);
    this.weights.splice(at, 0, counted);
    this.values.splice(at, 0, value);
    this.total += counted;
    while (this.rows.length > 0 && this.total - this.weights.at(-1)! >= this.k) {
      this.total -= this.weights.pop()!;
      this.rows.pop();
      this.values.pop();
    }
  }

  /** Finds the place after all rows that come before `value` or equal it. */
  private placeOf(value: unknown, compare: (a: unknown, b: unknown) => number): number {
    let low = 0;
    let high = this.rows.length;
    if (high > 0 && compare(value, this.values[high - 1]) >= 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(value, this.values[middle]) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  pickInto(picker: RowPicker, batch: Batch): void {
    if (this.rows.length === 0) return;
    const excess = this.total - this.k;
    if (excess > 0) this.weights[this.weights.length - 1]! -= excess;
    const order = this.rows.map((_, i) => i).sort((a, b) => this.rows[a]! - this.rows[b]!);
    for (const i of order) {
      const number = batch.slotAt(this.rows[i]!);
      picker.pick(batch.parts[number]!, this.rows[i]! - batch.starts[number]!, this.weights[i]!);
    }
  }
}
