import { throwIfAborted, turn, type Backend } from "@zspine/core";
import type { Gate } from "../gate/gate.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { FoundBatches } from "../recovery/head-reader.ts";
import { recoverBesideWriter } from "../recovery/recover-beside-writer.ts";
import type { Recovered } from "../recovery/recover.ts";
import type { Committer, CommitterStart } from "./committer.ts";
import type { TraceTable } from "./trace-table.ts";

/** What a refresher is told of its store. */
export interface RefresherSurroundings {
  readonly options: CheckedOptions;
  readonly backend: Backend;
  readonly gate: Gate;
  readonly table: TraceTable;
  readonly committer: Committer;
  /** The batches of the state that was found last, in a store that only reads. */
  readonly batches: FoundBatches | undefined;
}

/** Milliseconds between two looks for a newer commit. */
const POLL_MS = 50;

/** Keeps a store that only reads up with its writer, which is another process. */
export class Refresher {
  private readonly surroundings: RefresherSurroundings;
  private readonly startOf: (found: Recovered) => CommitterStart;
  private running: Promise<void> | undefined;
  /** The one after it, which all wait for who ask meanwhile. */
  private upcoming: Promise<void> | undefined;

  constructor(surroundings: RefresherSurroundings, startOf: Refresher["startOf"]) {
    this.surroundings = surroundings;
    this.startOf = startOf;
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

  private async refreshNow(): Promise<void> {
    const { backend, batches, committer, gate, options, table } = this.surroundings;
    const newest = await backend.readHead();
    gate.check();
    if (newest === undefined || newest.number === committer.kept[0]?.number) return;
    const found = await recoverBesideWriter(
      backend,
      { isReadOnly: true, recover: options.recover },
      batches ?? new Map(),
    );
    gate.check();
    gate.whole(() => {
      table.takeNewer(found.traces);
      committer.takeNewer(this.startOf(found));
    });
  }
}
