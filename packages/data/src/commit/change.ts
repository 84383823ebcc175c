import { negate, type IndexedZSet } from "@zspine/core";

/** What is added to a trace, and can be taken out again. */
export interface Change {
  /** Inserts it; nothing of it when it throws. */
  insert(): void;
  /** Inserts what cancels it. */
  takeBack(): void;
}

/** Adds a Z-set to a trace. */
export function changeOf<K, V>(
  trace: { insertBatch(rows: IndexedZSet<K, V>): void },
  rows: IndexedZSet<K, V>,
): Change {
  return {
    insert: () => {
      trace.insertBatch(rows);
    },
    takeBack: () => {
      trace.insertBatch(negate(rows));
    },
  };
}

/** Inserts several, in order; nothing of any when one throws. */
export function insertAll(changes: readonly Change[]): void {
  let inserted = 0;
  try {
    for (; inserted < changes.length; inserted++) changes[inserted]!.insert();
  } catch (error) {
    takeBackAll(changes.slice(0, inserted));
    throw error;
  }
}

/** Takes them out again, the last first. */
export function takeBackAll(changes: readonly Change[]): void {
  for (const change of changes.toReversed()) change.takeBack();
}
