import { isZspineError, ZspineError } from "@zspine/core";
import type { CommitOptions, Store } from "@zspine/store";
import { insertAll, takeBackAll, type Change } from "./change.ts";

/**
 * Inserts changes and commits them, in one turn: no commit of another comes in between, and whatever commit takes one of them
 * takes all. Resolves to the token. Where the commit fails determinately they are taken out again, so that nothing has
 * happened.
 *
 * @param isThere Tells whether what was inserted is there still, for somebody may have discarded it; by default that is told
 *   by the event.
 * @throws (rejects with) as the inserts, and `store.commit()`: with an indeterminate error they may be committed, or be by
 *   the next commit.
 */
export async function commitTogether(
  store: Store,
  changes: readonly Change[],
  options: CommitOptions,
  isThere?: () => Promise<boolean>,
): Promise<number> {
  insertAll(changes);
  let isDiscarded = false;
  const forget = store.on("discard", () => {
    isDiscarded = true;
  });
  try {
    return await store.commit(options);
  } catch (error) {
    throw await undo(error, changes, isThere ?? (async () => !isDiscarded));
  } finally {
    forget();
  }
}

/** Takes changes out again, where it is known that they are not committed; gives the error that tells. */
async function undo(
  error: unknown,
  changes: readonly Change[],
  isThere: () => Promise<boolean>,
): Promise<unknown> {
  if (!isZspineError(error) || !error.determinate) return error;
  try {
    if (await isThere()) takeBackAll(changes);
    return error;
  } catch (cause) {
    const message = `${error.message}; and what was inserted could not be taken back`;
    return new ZspineError(error.code, message, { cause, determinate: false });
  }
}
