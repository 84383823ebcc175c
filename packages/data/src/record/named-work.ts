import { isZspineError, ZspineError, type OptionKind } from "@zspine/core";
import type { Store } from "@zspine/store";
import type { MoveKind } from "./move-record.ts";

/** What is under way in a store, and what is not known to be committed, by kind and name. */
interface Underway {
  readonly running: Set<string>;
  readonly inDoubt: Set<string>;
}

const stores = new WeakMap<Store, Underway>();

/**
 * Runs work that has a name, one at a time. Where the last of the name has ended without knowing whether its commit happened,
 * that is settled first, by another commit: it has happened then.
 *
 * @throws (rejects with) `ZSPINE_CONFLICT` while one of the name is running; as `store.commit()`; as the work.
 */
export async function runNamed<T>(
  store: Store,
  kind: MoveKind,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const underway = stores.get(store) ?? { running: new Set(), inDoubt: new Set() };
  stores.set(store, underway);
  const { running, inDoubt } = underway;
  const id = `${kind} ${JSON.stringify(name)}`;
  if (running.has(id)) {
    const message = `the ${id} is under way in this store already; await that, or take another name`;
    throw new ZspineError("ZSPINE_CONFLICT", `${message}; nothing was done`);
  }
  running.add(id);
  try {
    if (inDoubt.has(id)) await store.commit();
    inDoubt.delete(id);
    return await work();
  } catch (error) {
    if (isZspineError(error) && !error.determinate) inDoubt.add(id);
    throw error;
  } finally {
    running.delete(id);
  }
}

/** A name that a store tells of what was moved by. */
export const MOVE_NAME: OptionKind = {
  expected: "1 to 200 characters",
  accepts: (value) => typeof value === "string" && value.length > 0 && value.length <= 200,
};
