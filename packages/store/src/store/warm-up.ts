import type { Backend } from "@zspine/core";
import type { Slot } from "@zspine/core/engine";
import type { Gate } from "../gate/gate.ts";
import { identityOfBatch, type BatchNames } from "../tier/batch-names.ts";
import type { Ledger } from "../tier/ledger.ts";
import type { Loader } from "../tier/loader.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import { decodeWarmList, encodeWarmList, WARM_PREFIX, warmKey } from "../tier/warm-list.ts";
import type { TraceState } from "../trace/trace-state.ts";

/** What a warm-up is told of its store. */
export interface WarmUpSurroundings {
  readonly backend: Backend;
  readonly gate: Gate;
  readonly keeper: ValueKeeper;
  readonly ledger: Ledger;
  readonly loader: Loader;
  readonly names: BatchNames;
  readonly isReadOnly: boolean;
}

/** What a list says of a slot: its heat, and how many are to be brought before it. */
interface Listed {
  readonly heat: number;
  readonly rank: number;
}

/** Slots of a list: fewer are brought by the first look-ups. */
const SLOTS_MIN = 16;
const SLOTS_MAX = 65_536;

/**
 * Has look-ups find what they used before the store was opened anew: leaves a list of those slots when it is closed, and
 * brings them, one by one and in the background, when their traces are opened, as far as there is room. The list lies
 * beside the head, which knows nothing of it: without it, or with one that is damaged or old, a store is as it was, and
 * cold (RocksDB's and Flink ForSt's caches are empty after recovery: Flink #26248).
 */
export class WarmUp {
  private readonly surroundings: WarmUpSurroundings;
  /** Lists that were there at the opening. */
  private readonly found: readonly string[];
  private listed: Promise<ReadonlyMap<string, Listed>> | undefined;
  /** What is brought, one trace after another. */
  private work: Promise<void> = Promise.resolve();
  private isStopped = false;

  /** @param names Of all values that were there. */
  constructor(surroundings: WarmUpSurroundings, names: readonly string[]) {
    this.surroundings = surroundings;
    this.found = names.filter((name) => name.startsWith(WARM_PREFIX)).sort();
  }

  /** Begins to bring what was warm of a trace that was found and has been opened. */
  begin(state: TraceState<unknown, unknown>): void {
    if (this.found.length === 0) return;
    // It is a help, and no promise: what cannot be read is told to whoever asks for it.
    this.work = this.work.then(() => this.bring(state)).catch(() => undefined);
  }

  /** Brings nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.work;
  }

  /** Leaves a list of what is warm now in the place of those that are there. */
  async leave(): Promise<void> {
    const { backend, gate, ledger, isReadOnly, names } = this.surroundings;
    const { durable, shared } = backend.capabilities;
    if (!durable || shared || isReadOnly || gate.hasFailed) return;
    const warmest = ledger.warmest(SLOTS_MAX);
    const slots = warmest.length < SLOTS_MIN ? [] : warmest;
    const removes = this.found.map((name) => ({ type: "remove", name }) as const);
    if (slots.length === 0 && removes.length === 0) return;
    const { id } = names.next();
    const bytes = encodeWarmList(slots, identityOfBatch(id));
    const puts = slots.length === 0 ? [] : [{ type: "put", name: WARM_PREFIX + id, bytes } as const];
    await backend.write([...puts, ...removes], { durability: "relaxed" });
  }

  private async bring(state: TraceState<unknown, unknown>): Promise<void> {
    const { keeper, ledger, loader } = this.surroundings;
    const listed = await (this.listed ??= this.read());
    const { committed } = state.stages;
    const ranked: (Listed & { readonly slot: Slot })[] = [];
    for (const { batch } of committed.entries)
      for (const slot of batch.slots) {
        const found = slot.home && listed.get(warmKey(slot.home.identity));
        if (found !== undefined) ranked.push({ slot, ...found });
      }
    ranked.sort((a, b) => a.rank - b.rank);
    const stay = keeper.enter(committed.files);
    try {
      for (const { slot, heat } of ranked) {
        if (this.isStopped || state.isDropped) return;
        if (slot.part !== undefined || slot.packed !== undefined) continue;
        if (!ledger.hasRoomFor(2 * slot.home!.length)) return;
        await loader.warm(state, slot);
        slot.heat = Math.max(slot.heat, heat);
      }
    } finally {
      keeper.leave(stay);
    }
  }

  /** Reads the newest list, once for all traces; one that cannot be read is none. */
  private async read(): Promise<ReadonlyMap<string, Listed>> {
    const name = this.found.at(-1)!;
    const bytes = await this.surroundings.backend.get(name, undefined, { cacheable: true });
    if (bytes === undefined) return new Map();
    const heats = decodeWarmList(bytes, identityOfBatch(name.slice(WARM_PREFIX.length)));
    return new Map(Array.from(heats, ([key, heat], rank) => [key, { heat, rank }]));
  }
}
