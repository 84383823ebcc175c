import { IndexedZSet } from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { WHOLE_RANGE } from "../range/key-range.ts";
import { CHUNK_ROWS } from "../view/chunk-reader.ts";
import { feedOf } from "../view/read.ts";
import type { View } from "../view/view.ts";
import type { ReaderSource } from "./reader.ts";

/** Rows that are merged between two looks at what is needed. */
const FUEL = 1 << 20;

/**
 * Adds up all that a view sees to a Z-set, which shares nothing with the store; what a backend holds is waited for. What
 * is read is held meanwhile.
 *
 * @throws (rejects with) `ZSPINE_ABORTED`, and what reading fails with.
 */
export async function gather<K, V>(
  source: ReaderSource<K, V>,
  view: View<K, V>,
  signal: AbortSignal | undefined,
): Promise<IndexedZSet<K, V>> {
  const { keeper, loader } = source;
  const feed = feedOf(source, WHOLE_RANGE, CHUNK_ROWS);
  const merger = view.merge();
  const stay = keeper.enter(view.files, view, feed);
  try {
    while (!merger.isDone)
      if (merger.work(FUEL) > 0 && !merger.isDone) await loader.feed(merger, feed, signal);
    return new IndexedZSet(Batch.of(view.layout, merger.take()));
  } finally {
    keeper.leave(stay);
  }
}
