import { canonicalText } from "./canonical-text.ts";

/** One row: a value of a key, and its weight, which is not 0. */
export interface ReferenceRow<K, V> {
  readonly key: K;
  readonly value: V;
  readonly weight: number;
}

/** Which keys, in which direction, and how many rows. A bound that is left out is open. */
export interface ReferenceRange<K> {
  readonly gt?: K | undefined;
  readonly gte?: K | undefined;
  readonly lt?: K | undefined;
  readonly lte?: K | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** The order of keys and of the values of one key: negative, 0 or positive, as for `Array.prototype.sort`. */
export interface ReferenceOrder<K, V> {
  readonly compareKeys: (a: K, b: K) => number;
  readonly compareValues: (a: V, b: V) => number;
}

/**
 * An indexed Z-set in the plainest way: a map from the canonical text of (key, value) to the row, sorted
 * whenever somebody reads. Stores and algebra are checked against it, so it shares nothing with them:
 * identity is {@link canonicalText}, order is the caller's. Keys and values must not be changed while
 * they are in it.
 */
export class ReferenceZSet<K, V> {
  readonly #order: ReferenceOrder<K, V>;
  readonly #rows = new Map<string, ReferenceRow<K, V>>();

  constructor(order: ReferenceOrder<K, V>) {
    this.#order = order;
  }

  /** Adds `weight` to the row; one whose weight becomes 0 is gone. */
  insert(key: K, value: V, weight = 1): void {
    const identity = identityOf(key, value);
    const sum = this.weight(key, value) + weight;
    if (sum === 0) this.#rows.delete(identity);
    else this.#rows.set(identity, { key, value, weight: sum });
  }

  /** The weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    return this.#rows.get(identityOf(key, value))?.weight ?? 0;
  }

  /** The rows of one key, by value. */
  get(key: K): ReferenceRow<K, V>[] {
    return this.rows({ gte: key, lte: key });
  }

  /** The rows in range, by key and then by value, or the other way round. */
  rows(range: ReferenceRange<K> = {}): ReferenceRow<K, V>[] {
    const { compareKeys, compareValues } = this.#order;
    const found = [...this.#rows.values()].filter(({ key }) => this.#isWithin(key, range));
    found.sort((a, b) => compareKeys(a.key, b.key) || compareValues(a.value, b.value));
    if (range.reverse === true) found.reverse();
    return found.slice(0, range.limit);
  }

  /** How many rows there are. */
  count(): number {
    return this.#rows.size;
  }

  /** The sum of all weights. */
  totalWeight(): number {
    return [...this.#rows.values()].reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Adds every row of `other`, its weights times `factor`. */
  add(other: ReferenceZSet<K, V>, factor = 1): void {
    for (const { key, value, weight } of other.rows()) this.insert(key, value, weight * factor);
  }

  /** A copy that later inserts do not change. */
  snapshot(): ReferenceZSet<K, V> {
    const copy = new ReferenceZSet(this.#order);
    for (const [identity, row] of this.#rows) copy.#rows.set(identity, row);
    return copy;
  }

  #isWithin(key: K, { gt, gte, lt, lte }: ReferenceRange<K>): boolean {
    const { compareKeys } = this.#order;
    return (
      (gt === undefined || compareKeys(key, gt) > 0) &&
      (gte === undefined || compareKeys(key, gte) >= 0) &&
      (lt === undefined || compareKeys(key, lt) < 0) &&
      (lte === undefined || compareKeys(key, lte) <= 0)
    );
  }
}

function identityOf(key: unknown, value: unknown): string {
  return canonicalText([key, value]);
}
