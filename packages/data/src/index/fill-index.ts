import { throwIfAborted, type Chunk, type Row } from "@zspine/core";
import type { Store, Trace } from "@zspine/store";
import { environmentOf, followInserts, type Follower } from "@zspine/store/trace-kind";
import type { Change } from "../commit/change.ts";
import { tellEnd } from "../commit/progress.ts";
import { commitTogether } from "../commit/commit-together.ts";
import { Gathering } from "../commit/gathering.ts";
import { Slices } from "../commit/slices.ts";
import type { IndexedRow } from "./secondary-index.ts";

/** How an index is filled. */
export interface Filling<B, K, V> {
  readonly store: Store;
  readonly source: Trace<K, V>;
  readonly trace: Trace<B, IndexedRow<K, V>>;
  /** What the index has for a row. */
  rowsOf(row: Row<K, V>): Iterable<Row<B, IndexedRow<K, V>>>;
  readonly follow: Follower<K, V>;
  /** Called in the turn from which on inserts are followed. */
  onFollow(): void;
  readonly commitEvery: number;
  readonly signal: AbortSignal | undefined;
  onProgress(rows: number): void;
  /** Gives what goes with the last commit: that it is filled. */
  last(): Change;
}

/**
 * Fills an index with what its source has at one moment, from which on inserts are followed: rows add up, so that the order in
 * which they come does not matter. Resolves to what ends the following.
 *
 * What is there at the moment is committed by a commit of the same turn, or nothing is filled: a discard takes nothing back
 * then of what is read.
 *
 * @throws (rejects with) what its function throws; `ZSPINE_ABORTED`; as `store.commit()`. Inserts are not followed any more then.
 */
export async function fillIndex<B, K, V>(filling: Filling<B, K, V>): Promise<() => void> {
  const { store, source, signal } = filling;
  const committed = store.commit({ signal });
  const chunks = source.chunks({}, { signal })[Symbol.asyncIterator]();
  // It reads what is there when it is asked first, which is now.
  const first = chunks.next();
  const stop = followInserts(source, filling.follow);
  filling.onFollow();
  try {
    first.catch(() => undefined);
    await committed;
    await fill(filling, first, chunks);
    return stop;
  } catch (error) {
    stop();
    await chunks.return?.();
    throw error;
  }
}

async function fill<B, K, V>(
  { store, trace, rowsOf, commitEvery, signal, onProgress, last }: Filling<B, K, V>,
  first: Promise<IteratorResult<Chunk<K, V>>>,
  chunks: AsyncIterator<Chunk<K, V>>,
): Promise<void> {
  const slices = new Slices(environmentOf(store));
  let gathering = new Gathering(trace);
  let rows = 0;
  for (let next = await first; next.done !== true; next = await chunks.next()) {
    for (const row of next.value.rows()) {
      for (const { key, value, weight } of rowsOf(row)) gathering.push(key, value, weight);
      rows++;
      if (gathering.rows >= commitEvery) {
        await commitTogether(store, [gathering], { signal });
        gathering = new Gathering(trace);
        onProgress(rows);
      }
      if (slices.step()) {
        await slices.rest();
        throwIfAborted(signal, "the making of the index");
      }
    }
  }
  await commitTogether(store, [gathering, last()], { signal });
  tellEnd(() => {
    onProgress(rows);
  });
}
