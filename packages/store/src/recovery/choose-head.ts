import { isZspineError, ZspineError, type Backend, type StoredHead } from "@zspine/core";

/** The head that a store goes on from. */
export interface ChosenHead<State> {
  /** What was found of it; undefined when no head was ever synced, and of the others none has survived. */
  readonly state: State | undefined;
  /** The heads that were passed over, each with its reason. */
  readonly problems: readonly string[];
}

/**
 * Chooses the newest head that has survived whole: goes back from the newest, through as many as there are that were
 * committed `relaxed`, to the newest synced one, which is durable: damage there is damage, and no reason to go on.
 *
 * @param stored The newest head, as the backend tells of it.
 * @param find Finds what a head names; of one that is not known to be durable it reads all that no synced head names.
 * @throws (rejects with) what `find` does for the synced head; `ZSPINE_CORRUPT` when that is missing.
 */
export async function chooseHead<State>(
  backend: Backend,
  stored: StoredHead,
  find: (head: StoredHead, isSynced: boolean) => Promise<State>,
): Promise<ChosenHead<State>> {
  const { number, synced = number } = stored;
  const problems: string[] = [];
  for (let at = number; at > synced; at--) {
    try {
      const head = at === number ? stored : await backend.readHead(at);
      if (head !== undefined) return { state: await find(head, false), problems };
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT")) throw error;
      problems.push(`head ${at}, which was committed relaxed, has not survived: ${error.message}`);
    }
  }
  if (synced === 0) return { state: undefined, problems };
  const head = synced === number ? stored : await backend.readHead(synced);
  if (head === undefined) throw lostHead(synced, number);
  return { state: await find(head, true), problems };
}

/** Makes the error for a synced head that is gone. */
export function lostHead(newest: number, found: number): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `head ${newest} was there and is missing; the newest that is left is head ${found}; open the store with ` +
      '{ recover: "previous" } to go on from that one, or restore a backup',
  );
}
