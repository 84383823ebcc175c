import { add, restrict, type IndexedZSet, type ZSet } from "@zspine/core";

/**
 * A sum of Z-sets that is added up while it grows, of sums that are more than halved from each to the next: a row
 * is added O(log n) times, and what cancels out is gone once sums of like size meet.
 */
export class RunningSum<K, V> {
  private readonly sums: IndexedZSet<K, V>[] = [];

  add(delta: IndexedZSet<K, V>): void {
    const { sums } = this;
    let sum = delta;
    while (sums.length > 0 && sums.at(-1)!.size <= 2 * sum.size) sum = add(sums.pop()!, sum);
    if (sum.size > 0) sums.push(sum);
  }

  /** The rows of some keys; `undefined` where there is nothing at all. */
  of(keys: ZSet<K>): IndexedZSet<K, V> | undefined {
    return sumOf(this.sums.map((sum) => restrict(sum, keys)));
  }

  /** All of it, added up for good; `undefined` where there was nothing. */
  total(): IndexedZSet<K, V> | undefined {
    const total = sumOf(this.sums);
    if (total !== undefined) this.sums.splice(0, Infinity, total);
    return total;
  }
}

/** Adds up the smallest first, which are the last. */
function sumOf<K, V>(sums: readonly IndexedZSet<K, V>[]): IndexedZSet<K, V> | undefined {
  return sums.length === 0 ? undefined : sums.reduceRight((sum, next) => add(next, sum));
}
