import { Chunk, IndexedZSet, type IndexedZSetRowInput, type Layout } from "@zspine/core";
import { Batch, checkPair, makePart, Staging, type Part, type Timed } from "@zspine/core/engine";
import type { Time } from "../time/time.ts";

/** Gives rows their time, as they are asked for. */
export function* timedRows<K, V>(
  rows: Iterable<IndexedZSetRowInput<K, V>>,
  time: Time,
): Generator<IndexedZSetRowInput<K, Timed<V>>, void, undefined> {
  let at = 0;
  for (const row of rows) {
    checkPair(row, at++);
    const { key, value, weight } = row;
    const timed = { key, value: { value, time } };
    yield weight === undefined ? timed : { ...timed, weight };
  }
}

/** Gives sorted rows one time: they stay sorted. Their columns are shared. */
export function timedZSet<K, V>(
  layout: Layout<K, Timed<V>>,
  parts: readonly Part[],
  time: Time,
): IndexedZSet<K, Timed<V>> {
  const timed = parts.map(({ columns, weights }) => {
    const heads = new Float64Array(weights.length).fill(time);
    return makePart([...columns, { kind: "numeric", heads, tails: undefined }], weights);
  });
  return new IndexedZSet(Batch.of(layout, timed));
}

/** Takes rows as a chunk: checked, copied, in the order in which they were given. */
export function chunkOfRows<K, V>(
  layout: Layout<K, V>,
  rows: readonly IndexedZSetRowInput<K, V>[],
): Chunk<K, V> {
  const staging = new Staging(layout);
  rows.forEach((row, at) => {
    checkPair(row, at);
    const { key, value, weight } = row;
    staging.push(key, value, weight === undefined ? 1 : weight);
  });
  return new Chunk(layout, staging.peek());
}
