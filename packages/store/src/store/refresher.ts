import { throwIfAborted, turn, type Backend } from "@zspine/core";
import type { Gate } from "../gate/gate.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { DormantTrace } from "../recovery/dormant-trace.ts";
import { recoverBesideWriter } from "../recovery/recover-beside-writer.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import type { CloneBook } from "./clone-book.ts";
import type { Committer } from "./committer.ts";
import type { HoldBook } from "./hold-book.ts";
import type { TraceTable } from "./trace-table.ts";

/** What a refresher is told of its store. */
export interface RefresherSurroundings {
  readonly options: CheckedOptions;
  readonly backend: Backend;
  readonly gate: Gate;
  readonly table: TraceTable;
  readonly committer: Committer;
  readonly holds: HoldBook;
  readonly clones: CloneBook;
}

/** Milliseconds between two looks for a newer commit. */
const POLL_MS = 50;

/** Keeps a store that only reads up with its writer, which is another process. */
export class Refresher implements Holder {
  private readonly surroundings: RefresherSurroundings;
  /** What was found last, in a store that only reads: what of it the next head names is not read again. */
  private found: readonly DormantTrace[];
  private running: Promise<void> | undefined;
  /** The one after it, which all wait for who ask meanwhile. */
  private upcoming: Promise<void> | undefined;

  constructor(surroundings: RefresherSurroundings, found: readonly DormantTrace[]) {
    this.surroundings = surroundings;
    this.found = surroundings.options.isReadOnly ? found : [];
  }

  /** Takes over the newest head there is at the call; one at a time, whoever asks. Costs one read of a head when there is none. */
  refresh(): Promise<void> {
    if (this.upcoming !== undefined) return this.upcoming;
    if (this.running === undefined) return this.begin();
    // What is under way may have read before the newest was made.
    const next = (): Promise<void> => {
      this.upcoming = undefined;
      return this.begin();
    };
    this.upcoming = this.running.then(next, next);
    return this.upcoming;
  }

  private begin(): Promise<void> {
    this.running = this.refreshNow().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Resolves when a commit, or a later one, can be read. */
  async waitFor(token: number, signal: AbortSignal | undefined): Promise<void> {
    const { committer, gate, options } = this.surroundings;
    for (;;) {
      gate.check();
      throwIfAborted(signal, "the waiting");
      if (committer.last < token && options.isReadOnly) await this.refresh();
      if (committer.last >= token) return;
      await turn(options.environment, POLL_MS);
    }
  }

  /** Tells of the indexes that it knows the batches by. */
  account(tally: Tally): void {
    for (const { batches } of this.found) for (const { index } of batches) tally.index(index);
  }

  clear(): void {
    this.found = [];
  }

  private async refreshNow(): Promise<void> {
    const { backend, clones, committer, gate, holds, options, table } = this.surroundings;
    const newest = await backend.readHead();
    gate.check();
    if (newest === undefined || newest.number === committer.kept[0]?.number) return;
    const how = { isReadOnly: true, recover: options.recover };
    const found = await recoverBesideWriter(backend, how, this.found);
    gate.check();
    gate.whole(() => {
      holds.takeNewer(found.head?.holds ?? []);
      clones.takeNewer(found.head?.clones ?? [], found.loans);
      table.takeNewer(found.traces);
      committer.takeNewer(found);
      this.found = found.traces;
    });
  }
}
