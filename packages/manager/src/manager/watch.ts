import { ZspineError } from "@zspine/core";
import type { Store } from "@zspine/store";

/**
 * Watches a store that is copied, so that what the copy does not have is noticed: rows that no commit has taken, and
 * what was committed or dropped since the watch began.
 */
export class Watch {
  private readonly name: string;
  private readonly store: Store;
  private readonly ends: (() => void)[];
  private changes = 0;

  constructor(name: string, store: Store) {
    this.name = name;
    this.store = store;
    const count = (): void => void this.changes++;
    this.ends = [store.on("commit", count), store.on("drop", count)];
  }

  /** @throws `ZSPINE_CONFLICT` when there are rows that no commit has taken. */
  checkRows(): void {
    const traces = Object.entries(this.store.stats().traces);
    const found = traces.find(([, { stagedRows, uncommittedRows }]) => stagedRows + uncommittedRows > 0);
    if (found === undefined) return;
    const [trace] = found;
    throw conflict(
      this.name,
      `the trace "${trace}" has rows that no commit has taken; commit or discard them, wait for it, and switch then`,
    );
  }

  /** @throws `ZSPINE_CONFLICT` when something was committed or dropped. */
  checkCommits(): void {
    if (this.changes === 0) return;
    throw conflict(
      this.name,
      "it was written to meanwhile; let commits wait until switchMode has resolved, and call it again",
    );
  }

  end(): void {
    for (const end of this.ends) end();
  }
}

function conflict(name: string, why: string): ZspineError {
  return new ZspineError("ZSPINE_CONFLICT", `the store "${name}" was not moved: ${why}`);
}
