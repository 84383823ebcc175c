import { throwIfAborted, type Backend } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";
import type { HeadWriter } from "../head/head-writer.ts";
import type { MergedBytes, Scheduler } from "../merge/scheduler.ts";
import { checkWritable, type CheckedOptions } from "../options/store-options.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { NamedFiles } from "./named-files.ts";
import type { TraceTable } from "./trace-table.ts";
import { checkWork, progressOf, type WorkOptions } from "./work-options.ts";

/** What maintenance is told of its store. */
export interface MaintenanceSurroundings {
  readonly options: CheckedOptions;
  /** Writes nothing any more once the store is in doubt. */
  readonly backend: Backend;
  readonly gate: Gate;
  readonly events: Emitter<StoreEvents>;
  readonly heads: HeadWriter;
  readonly keeper: ValueKeeper;
  readonly files: NamedFiles;
  readonly table: TraceTable;
  readonly scheduler: Scheduler;
  readonly queue: CommitQueue;
  readonly merged: MergedBytes;
}

/** Bytes made superfluous by merges for which a head is made that no commit has asked for. */
const HEAD_WORTH_BYTES: number = 1024 * 1024;

/**
 * Keeps a store small: waits for merges, names in a head what they have made, and removes what nobody needs. `compact`,
 * `finishMerges` and `flush` are the store's, with their checks.
 */
export class Maintenance {
  /** How often a commit waited for merging. */
  stalls = 0;
  private readonly surroundings: MaintenanceSurroundings;

  constructor(surroundings: MaintenanceSurroundings) {
    this.surroundings = surroundings;
  }

  async compact(given: WorkOptions): Promise<void> {
    const { backend, files, gate, merged, options: ofStore, table } = this.surroundings;
    gate.check();
    const options = checkWork(given, "compact");
    checkWritable(ofStore, "compact");
    for (const state of table.states) {
      state.intake.seal();
      await this.workUntil(options, () => state.mergesInProgress === 0);
      // Once, but for traces of more batches than one merge takes.
      for (let before = Infinity; state.batchCount < before;) {
        before = state.batchCount;
        for (const spine of state.spines) spine.beginAll();
        table.wake(state);
        await this.workUntil(options, () => state.mergesInProgress === 0);
      }
    }
    if (!backend.capabilities.durable) return;
    // Two heads, synced, for what was merged stays as long as a kept head names it, or the newest synced one.
    if (merged.unnamedBytes > 0 || !files.isSynced) {
      await this.makeHead();
      await this.makeHead();
    }
    await this.removeGarbage();
  }

  async finishMerges(options: WorkOptions): Promise<void> {
    this.surroundings.gate.check();
    await this.workUntil(checkWork(options, "finishMerges"), () => false);
  }

  async flush(given: WorkOptions): Promise<void> {
    const { gate, heads, options, queue, table } = this.surroundings;
    gate.check();
    const { signal, onProgress } = checkWork(given, "flush");
    checkWritable(options, "flush");
    await queue.settled();
    throwIfAborted(signal, "flush");
    if (heads.number > 0) await this.makeHead(signal);
    onProgress?.(progressOf(table.states));
  }

  /** Merges until `isDone`, or nothing is due. */
  private async workUntil({ signal, onProgress }: WorkOptions, isDone: () => boolean): Promise<void> {
    const { gate, scheduler, table } = this.surroundings;
    const tell = (): void => onProgress?.(progressOf(table.states));
    const isOver = (): boolean => {
      gate.check();
      return isDone();
    };
    await scheduler.runUntil(isOver, signal, tell);
    // The last slice may have been the background's own.
    tell();
  }

  /** Waits where merging of the given traces has fallen behind. */
  async waitForMerges(states: Iterable<TraceState<unknown, unknown>>): Promise<void> {
    const { events, gate, options, scheduler } = this.surroundings;
    const { batchesMax } = options;
    for (const state of states) {
      if (state.batchesAtCommit <= batchesMax) continue;
      this.stalls++;
      events.emit("stall", { trace: state.name, batches: state.batchCount });
      const isDone = (): boolean => state.batchesAtCommit <= batchesMax;
      try {
        await scheduler.runUntil(isDone, undefined);
      } catch (error) {
        // Merging that fails, on a full disk say, does not keep rows from being committed; it has been told of.
        if (gate.hasFailed) throw error;
      }
    }
  }

  /** Makes a head of what there is, without rows of a user's. */
  async makeHead(signal?: AbortSignal): Promise<void> {
    await this.surroundings.queue.push({ isMaintenance: true, signal });
  }

  /** Makes a head of its own for merges that are finished, when it is worth it: else the next commit names them. */
  nameMerges(): void {
    const { gate, merged } = this.surroundings;
    if (gate.isClosed || merged.unnamedBytes < HEAD_WORTH_BYTES) return;
    // A failure is the next commit's to tell: nothing is lost by it.
    this.makeHead().catch(() => undefined);
  }

  /** Names merges that would have to be made again, and removes what nobody needs, at the end. */
  async tidyUp(): Promise<void> {
    const { backend, gate, heads, merged, options } = this.surroundings;
    if (gate.hasFailed || heads.isUnsettled) return;
    if (!backend.capabilities.durable || options.isReadOnly) return;
    if (merged.unnamedBytes >= HEAD_WORTH_BYTES) await this.makeHead();
    await this.removeGarbage();
  }

  /**
   * Removes what no kept head needs, unless a power cut may yet take the newest one: what the newest synced head names
   * is held and never garbage, but what the one before that names may be.
   */
  async removeGarbage(): Promise<void> {
    const { backend, files, keeper } = this.surroundings;
    if (!files.isSynced) return;
    const names = keeper.takeGarbage();
    if (names.length === 0) return;
    try {
      await backend.write(names.map((name) => ({ type: "remove", name })));
    } catch (error) {
      keeper.discard(names);
      throw error;
    }
  }
}
