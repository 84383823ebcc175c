/** What a naive computation says of a workload: contestants are held to it. */
export interface Answers {
  readonly n: number;
  /** Distinct rows once equal ones are added up and zeros dropped, and their keys. */
  readonly rows: number;
  readonly distinctKeys: number;
  /** Rows that equal an earlier one, as a part of all. */
  readonly repeated: number;
  /** Checksum of number of key, number of value and weight of all rows in order; unsigned. */
  readonly checksum: number;
  /** Sum over all rows of key (of texts, the code of the last character), word of the value, and weight. */
  readonly scan: number;
  /** Sum over all rows of weight × (word of the value + 1): the same however rows are consolidated. */
  readonly values: number;
  /** For the keys of each list: how many keys, how many rows they have, and the sum of weight × (word of the value + 1). */
  readonly found: Readonly<Record<string, Found>>;
  /** The same for the first hundred rows at or after each key of the list `steps`. */
  readonly ranges: Found;
}

/** What some keys come to. */
export interface Found {
  readonly keys: number;
  readonly rows: number;
  readonly sum: number;
}

/** Rows of a range that is read. */
export const RANGE_ROWS = 100;

/** How many keys a list of keys has at the most, and in which order they are. */
export const LISTS: Readonly<Record<string, { readonly most: number; readonly pick: Pick }>> = {
  present: { most: 100_000, pick: "any" },
  absent: { most: 100_000, pick: "absent" },
  probes: { most: 10_000, pick: "any" },
  few: { most: 2000, pick: "any" },
  steps: { most: 1000, pick: "once" },
  first: { most: 1, pick: "any" },
  one: { most: 200, pick: "once" },
  sorted: { most: 100_000, pick: "ascending" },
  delta1k: { most: 1000, pick: "ascending" },
  delta10k: { most: 10_000, pick: "ascending" },
};

/**
 * Keys of the workload in random order, a key as often as it is drawn; keys that are not in it; keys in random order,
 * each once; ascending, each once.
 */
export type Pick = "any" | "absent" | "once" | "ascending";
