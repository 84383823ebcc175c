import { FUNCTION, refused, type Layout, type Row } from "@zspine/core";

/** What goes with rows that are inserted. */
export interface FollowingChange {
  /** Inserts it; nothing of it when it throws. */
  insert(): void;
  /** Inserts what cancels it. It must not throw. */
  takeBack(): void;
}

/**
 * Is given the rows that are about to be inserted in a trace, as they will be stored, and gives what goes with them.
 *
 * @throws for rows that must not be inserted.
 */
export type Follower<K, V> = (rows: Iterable<Row<K, V>>) => FollowingChange;

/** Who follows the inserts of one trace, whatever its rows are. */
export type Followers = ReadonlySet<Follower<unknown, unknown>>;

/** A trace whose inserts can be followed. */
export interface FollowedTrace {
  followers: Followers | undefined;
}

/**
 * Calls `follower` before each insert into a trace of the store's own, by whatever handle and method, until what is returned
 * is called. What it gives is inserted with the rows: all of it, or nothing when anything is refused; so one commit has both.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no trace of the store's own.
 */
export function followInserts<K, V>(
  trace: FollowedTrace & { readonly layout: Layout<K, V> },
  follower: Follower<K, V>,
): () => void {
  if (typeof trace !== "object" || trace === null || !("followers" in trace))
    throw refused(["trace"], "a trace, as store.trace() gives it", trace);
  if (!FUNCTION.accepts(follower)) throw refused(["follower"], FUNCTION.expected, follower);
  const own = follower as Follower<unknown, unknown>;
  trace.followers = new Set([...(trace.followers ?? []), own]);
  return () => {
    const others = [...(trace.followers ?? [])].filter((other) => other !== own);
    trace.followers = others.length === 0 ? undefined : new Set(others);
  };
}

/** Inserts rows with what goes with them; nothing of either when something is refused. */
export function insertFollowed(
  trace: FollowedTrace,
  rows: Iterable<Row<unknown, unknown>>,
  insert: () => void,
): void {
  const changes = Array.from(trace.followers ?? [], (follow) => follow(rows));
  let inserted = 0;
  try {
    for (; inserted < changes.length; inserted++) changes[inserted]!.insert();
    insert();
  } catch (error) {
    while (inserted > 0) changes[--inserted]!.takeBack();
    throw error;
  }
}
