import type { HeadBatch, HeadTrace } from "../../src/head/head.ts";

/** A batch with numbers at the ends of their ranges. */
export const BATCH: HeadBatch = {
  id: "0a1b2c3d-1z",
  index: { value: "batch/0a1b2c3d-1z/0", offset: 12_345, length: 321, checksum: 99 },
  rows: 1000,
  totalWeight: 2 ** 60,
  weightBound: Number.MAX_SAFE_INTEGER,
  bytes: 12_666,
};

/** A trace without rows. */
export const EMPTY: HeadTrace = {
  name: "leer",
  created: 1,
  fingerprint: "text -> nothing",
  kinds: "b",
  keyColumns: 1,
  totalWeight: 0,
  kind: null,
  batches: [],
  held: [],
};

/** A trace of another kind, whose rows have times. */
export const TIMED: HeadTrace = {
  name: "mit Zeit",
  created: 7,
  fingerprint: "text -> {value:nothing,time:int}",
  kinds: "bt",
  keyColumns: 1,
  totalWeight: 3,
  kind: { name: "temporal", state: { since: 7, upper: 9, list: [null, true, 1.5] } },
  batches: [BATCH],
  held: [],
};
