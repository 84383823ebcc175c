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
/** Bytes that are removed, superfluous as they are, by a write of their own, or by heads when merges are waited for. */
const REMOVAL_WORTH_BYTES: number = 64 * 1024;
/** And the part of all that is stored that they must be, one of so many. */
const REMOVAL_PART = 8;

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
    const isNamed = (): boolean => merged.unnamedBytes > 0 || files.passedBytes > 0 || !files.isSynced;
    for (let heads = 0; heads < 2 && isNamed(); heads++) await this.makeHead();
    await this.removeGarbage();
  }

  async finishMerges(given: WorkOptions): Promise<void> {
    this.surroundings.gate.check();
    const options = checkWork(given, "finishMerges");
    // A head can make more of it due: a trace with history forgets what one has said that it may.
    do await this.workUntil(options, () => this.isWorthHeads(REMOVAL_WORTH_BYTES));
    while (await this.letGo(REMOVAL_WORTH_BYTES, options.signal));
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
      if (!state.isBehind(batchesMax)) continue;
      this.stalls++;
      events.emit("stall", { trace: state.name, batches: state.batchCount });
      const isDone = (): boolean => !state.isBehind(batchesMax);
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

  /** Makes heads of its own for merges that are finished, when it is worth it: else the next commit names them. */
  nameMerges(): void {
    const { gate, merged } = this.surroundings;
    if (gate.isClosed || merged.unnamedBytes < HEAD_WORTH_BYTES) return;
    // A failure is the next commit's to tell: nothing is lost by it.
    this.makeHead()
      .then(() => this.letGo(HEAD_WORTH_BYTES))
      .catch(() => undefined);
  }

  /**
   * Removes at once what nobody needs, where that is much of what is stored: else the next synced head does. To be called
   * when a head has been made, or a merge; what cannot be removed is left to the next.
   */
  async removeMuch(): Promise<void> {
    const { keeper } = this.surroundings;
    if (this.isMuch(keeper.garbageBytes, REMOVAL_WORTH_BYTES))
      await this.removeGarbage().catch(() => undefined);
  }

  /**
   * Makes the heads after which what merges have made superfluous is not named any more, and removes it, where it is `worth`
   * bytes or more, and much of what is stored. What readers need stays. Resolves to whether any was made.
   */
  private async letGo(worth: number, signal?: AbortSignal): Promise<boolean> {
    const { backend, gate, options } = this.surroundings;
    if (!backend.capabilities.durable || options.isReadOnly) return false;
    let heads = 0;
    // One head names what merges have made, the next lets go of what the one before it named, and then it is removed.
    while (heads < 2 && !gate.isClosed && this.isWorthHeads(worth)) {
      await this.makeHead(signal);
      heads++;
    }
    return heads > 0;
  }

  /** Tells whether much is superfluous that neither spines nor readers need, but for what heads name. */
  private isWorthHeads(worth: number): boolean {
    const { files, keeper, merged } = this.surroundings;
    const named = merged.unnamedBytes + files.passedBytes;
    return named > 0 && this.isMuch(named + keeper.garbageBytes, worth);
  }

  private isMuch(bytes: number, worth: number): boolean {
    const { keeper } = this.surroundings;
    return bytes >= worth && bytes * REMOVAL_PART >= keeper.bytes + keeper.garbageBytes;
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
   * is held and never garbage, but what the one before that names may be. Nothing once another writer has committed: of an
   * attempt whose answer was lost it may have gone on.
   */
  async removeGarbage(): Promise<void> {
    const { backend, files, heads, keeper } = this.surroundings;
    if (!files.isSynced || heads.isLost) return;
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
