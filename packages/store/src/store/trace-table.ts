import { layoutOf, quote, ZspineError, type Layout, type Schema } from "@zspine/core";
import { checkValidates, didYouMean, quoteNames, type HashSeed } from "@zspine/core/engine";
import type { Operations } from "../diagnostics/operations.ts";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";
import type { Json } from "../head/metadata.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { DormantTrace } from "../recovery/dormant-trace.ts";
import { readDecision, type MergeStrategy } from "../merge/merge-strategy.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { otherSchema } from "../trace/other-schema.ts";
import { Trace } from "../trace/trace.ts";
import type { AnyKind } from "../trace/trace-kind.ts";
import type { KindOpening } from "../trace/kind-opening.ts";
import type { SeamOfGuest } from "../trace/trace-seam.ts";
import { describeDormant, describeOpen, type TraceDescription } from "../trace/trace-description.ts";
import type { CommittedRows, MergeSinks } from "../trace/stages.ts";
import { TraceState } from "../trace/trace-state.ts";
import type { HeldCommits } from "./held-commits.ts";
import { checkTrace, type TraceOptions } from "./trace-options.ts";

type AnyState = TraceState<unknown, unknown>;
type AnyTrace = Trace<unknown, unknown>;

/** What the traces of a store share. */
export interface TableSurroundings {
  readonly options: CheckedOptions;
  readonly sinks: MergeSinks;
  readonly seed: HashSeed;
  readonly keeper: ValueKeeper;
  readonly loader: SlotSource;
  readonly events: Emitter<StoreEvents>;
  readonly operations: Operations;
  readonly gate: Gate;
  /** The commits that are held. */
  readonly held: HeldCommits;
  /** Told that there is merging to do. */
  onWork(): void;
  /** Told that about so many bytes of rows have come into memory. */
  onBytes(bytes: number, rows: number): void;
  /** Told of a trace that was found and has been opened. */
  onFound(state: TraceState<unknown, unknown>): void;
  /** Bytes at which staged rows are sealed. */
  stagingBytes(): number;
  /** Makes a head that takes no rows. */
  makeHead(): Promise<void>;
  /** Takes over what another process has committed, in a store that only reads. */
  refresh(): Promise<void>;
  nextHead(signal: AbortSignal | undefined): Promise<void>;
  readonly guest: SeamOfGuest | undefined;
}

/**
 * A trace of a store, from when it is created, or found, until it is dropped. A drop means this object: neither one
 * that is made by the same name afterwards, nor only what it was when the drop was called.
 */
export interface NamedTrace {
  readonly name: string;
  /** What a head names, as long as nobody has opened it. */
  dormant: DormantTrace | undefined;
  opened: OpenedTrace | undefined;
  /** A drop of it that is under way; it does not reject. */
  dropping?: Promise<void> | undefined;
}

/** A trace that somebody has opened. */
interface OpenedTrace {
  readonly state: AnyState;
  /** What its user holds; of a trace of the store's own that is `trace`. */
  readonly handle: unknown;
  readonly trace: AnyTrace | undefined;
  readonly validates: boolean;
}

/**
 * The traces of a store by name: those that are open, and those that the last head names and nobody has opened. Of
 * the open ones it knows which have something for a commit, so that commits need not ask all.
 */
export class TraceTable implements Holder {
  private readonly surroundings: TableSurroundings;
  private readonly traces: Map<string, NamedTrace>;
  /** The names that were there when the store was opened, and still are. */
  private readonly found: Set<string>;
  /** Those that may have rows which are not committed. */
  private readonly uncommitted = new Set<AnyState>();
  /** Those that no head names as they are: made, or merged, since. */
  private unnamed = new Set<AnyState>();
  /** Those that may have merging to do. */
  private readonly busy = new Set<AnyState>();

  constructor(surroundings: TableSurroundings, found: readonly DormantTrace[]) {
    this.surroundings = surroundings;
    this.traces = new Map(
      found.map((dormant) => [dormant.head.name, { name: dormant.head.name, dormant, opened: undefined }]),
    );
    this.found = new Set(this.traces.keys());
  }

  /** Names of the traces, sorted. */
  get names(): string[] {
    return [...this.traces.keys()].sort();
  }

  get states(): AnyState[] {
    return Array.from(this.traces.values()).flatMap(({ opened }) => opened?.state ?? []);
  }

  /** The handles of the open traces of the store's own. */
  get handles(): AnyTrace[] {
    return Array.from(this.traces.values()).flatMap(({ opened }) => opened?.trace ?? []);
  }

  /** The open traces that have merging to do. Costs nothing for those that are at rest, once it was seen. */
  get working(): AnyState[] {
    for (const state of this.busy) if (state.mergesInProgress === 0) this.busy.delete(state);
    return [...this.busy];
  }

  /** Tells of the rows of the open traces, and of what is known of those of the others. */
  account(tally: Tally): void {
    for (const { opened, dormant } of this.traces.values()) {
      opened?.state.account(tally);
      for (const { index } of dormant?.batches ?? []) tally.index(index);
    }
  }

  /** Lets go of all traces, when the store has been closed. */
  clear(): void {
    for (const { opened } of this.traces.values()) opened?.state.clear();
    this.traces.clear();
  }

  /** Makes slots of staged rows, of traces that have so many bytes of them, and gives back what is reserved for others. Tells whether there were any. */
  sealLarge(bytes: number = SEAL_BYTES): boolean {
    const large = [...this.uncommitted].filter(({ intake }) => intake.length > 0 && intake.bytes >= bytes);
    for (const { intake } of large) intake.seal();
    let hasShrunk = false;
    for (const { opened } of this.traces.values())
      hasShrunk = opened?.state.intake.shrink() === true || hasShrunk;
    return large.length > 0 || hasShrunk;
  }

  /** Says that a trace may have merging to do. */
  wake(state: AnyState): void {
    this.busy.add(state);
  }

  has(name: string): boolean {
    return this.traces.has(name);
  }

  /**
   * Drops traces, by what one attempt does: one at a time, so that of several calls one drops a trace and tells of it.
   * Where none of them is being dropped, the attempt begins before this returns.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME` when there is none, or another call has dropped it; as the attempt.
   */
  async drop<T>(
    names: readonly string[],
    attempt: (traces: readonly NamedTrace[]) => Promise<T>,
  ): Promise<T> {
    const traces = names.map((name) => {
      const trace = this.traces.get(name);
      if (trace === undefined) throw this.unknown(name, "");
      return trace;
    });
    for (let busy = findDropping(traces); busy !== undefined; busy = findDropping(traces))
      await busy.dropping;
    for (const trace of traces)
      if (!this.holds(trace)) throw this.unknown(trace.name, "; another call of drop() was before this one");
    const dropping = attempt(traces);
    const end = (): void => {
      for (const trace of traces) trace.dropping = undefined;
    };
    const ended = dropping.then(end, end);
    for (const trace of traces) trace.dropping = ended;
    return dropping;
  }

  /** Tells whether it is the handle of an open trace. */
  isHandle(given: unknown): boolean {
    for (const { opened } of this.traces.values()) if (opened?.handle === given) return true;
    return false;
  }

  /** Tells whether a trace has not been dropped. */
  holds(trace: NamedTrace): boolean {
    return this.traces.get(trace.name) === trace;
  }

  /**
   * Takes over the traces that a newer head names, in a store that only reads. One that another head has named first than
   * the one that is open was dropped, and made anew.
   */
  takeNewer(found: readonly DormantTrace[]): void {
    const newer = new Map(found.map((dormant) => [dormant.head.name, dormant]));
    for (const trace of this.traces.values()) {
      const dormant = newer.get(trace.name);
      const state = trace.opened?.state;
      const isSame = state === undefined || dormant?.head.created === state.created;
      if (dormant === undefined || !isSame) this.forget(trace);
      else if (state === undefined) trace.dormant = dormant;
      else state.takeNewer(this.rowsOf(dormant, state.layout));
    }
    for (const [name, dormant] of newer)
      if (!this.traces.has(name)) this.traces.set(name, { name, dormant, opened: undefined });
    for (const name of newer.keys()) this.found.add(name);
  }

  /** Gives what takes up what guests ask of a trace. @throws `ZSPINE_UNKNOWN_NAME`; `ZSPINE_NOT_SUPPORTED`. */
  served(name: string): (asked: Json) => void {
    const trace = this.traces.get(name);
    if (trace === undefined) throw this.unknown(name, "; the writer has to create it first");
    const take = trace.opened?.state.served;
    if (take !== undefined) return take;
    const message = `the writer has not opened the trace ${quote(name)} as a kind that takes up what guests ask; have it do that first`;
    throw new ZspineError("ZSPINE_NOT_SUPPORTED", message);
  }

  /** Takes a trace off that has been dropped. */
  forget(trace: NamedTrace): void {
    if (this.holds(trace)) {
      this.traces.delete(trace.name);
      this.found.delete(trace.name);
    }
    if (trace.opened === undefined) return;
    const { state } = trace.opened;
    state.isDropped = true;
    state.clear();
    this.uncommitted.delete(state);
    this.unnamed.delete(state);
    this.busy.delete(state);
  }

  /** Holds a boundary in each trace that has rows which are not committed. @throws as `holdCut`, and holds none then. */
  holdCuts(): Map<AnyState, number> {
    const cuts = new Map<AnyState, number>();
    try {
      for (const state of this.uncommitted) cuts.set(state, state.holdCut());
    } catch (error) {
      for (const [state, boundary] of cuts) state.releaseCut(boundary);
      throw error;
    }
    return cuts;
  }

  /** Says which of the states have no rows left that are not committed. */
  settle(states: Iterable<AnyState>): void {
    for (const state of states) if (!state.hasUncommitted) this.uncommitted.delete(state);
  }

  /** Takes the states that no head names as they are. */
  takeUnnamed(): ReadonlySet<AnyState> {
    const { unnamed } = this;
    this.unnamed = new Set();
    return unnamed;
  }

  /** Has the next head name the traces that have gone on since a commit, which is held from then on. */
  nameSince(commit: number): void {
    this.returnUnnamed(this.states.filter((state) => state.stages.held.isPassed(commit)));
  }

  /** Bytes of the batches that have come after a commit that is held. Costs a step for each trace. */
  bytesSince(commit: number): number {
    let bytes = 0;
    for (const { opened, dormant } of this.traces.values()) {
      bytes += opened?.state.stages.held.bytesSince(commit) ?? 0;
      const mark = dormant?.head.held.find((one) => one.commit === commit);
      for (const { bytes: ofBatch } of mark === undefined ? [] : dormant!.head.batches.slice(mark.batches))
        bytes += ofBatch;
    }
    return bytes;
  }

  /** Takes back those that no head came to name. */
  returnUnnamed(states: Iterable<AnyState>): void {
    for (const state of states) if (!state.isDropped) this.unnamed.add(state);
  }

  /** Tells what is known of a trace, whether it is open or not. @throws `ZSPINE_UNKNOWN_NAME`. */
  describe(name: string): TraceDescription {
    const trace = this.traces.get(name);
    if (trace === undefined) throw this.unknown(name, "");
    return trace.opened === undefined ? describeDormant(trace.dormant!) : describeOpen(trace.opened.state);
  }

  /** Opens a trace without schemas, as it was opened before. */
  get(name: string): AnyTrace {
    const existing = this.traces.get(name);
    if (existing?.opened !== undefined) {
      checkKind(name, existing.opened.state.kind?.name, undefined);
      return existing.opened.trace!;
    }
    if (existing === undefined) throw this.unknown(name, "; to create it, pass its schemas { key, value }");
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `the trace ${quote(name)} is there, but nobody has told its schemas since the store was opened; pass { key, value }`,
    );
  }

  /** Opens a trace, creating it when there is none of the name and it may be created; gives its handle. */
  getOrCreate(name: string, given: TraceOptions<Schema, Schema>, opening?: KindOpening): unknown {
    const options = checkTrace(given);
    const { serializer } = this.surroundings.options;
    const { kind } = opening ?? {};
    const ofRows = layoutOf(options.key, options.value, serializer === undefined ? {} : { serializer });
    const layout: Layout = kind === undefined ? ofRows : kind.layout(ofRows);
    if (options.validate === true) checkValidates([options.key, options.value]);
    const existing = this.traces.get(name)?.opened;
    if (existing === undefined) {
      if (!this.has(name)) this.checkMayCreate(name, options.create);
      return this.create(name, layout, options.validate === true, opening).handle;
    }
    checkKind(name, existing.state.kind?.name, kind);
    const { fingerprint } = existing.state.layout;
    if (fingerprint !== layout.fingerprint) throw otherSchema(name, fingerprint, layout.fingerprint);
    if (options.validate !== undefined && options.validate !== existing.validates) {
      const message = `trace.validate: ${quote(name)} is open with validate: ${existing.validates}; leave it out, or open it so first`;
      throw new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: ["trace", "validate"] });
    }
    return existing.handle;
  }

  private unknown(name: string, advice: string): ZspineError {
    return new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `there is no trace ${quote(name)}; known: ${quoteNames(this.names)}${didYouMean(name, this.names)}${advice}`,
    );
  }

  /**
   * A name that is not there may be mistyped where others are: an empty trace in place of a full one would be a
   * wrong answer. See decisions/0030.
   */
  private checkMayCreate(name: string, create: boolean | undefined): void {
    if (this.surroundings.options.isReadOnly) throw this.unknown(name, "; the store is read only");
    if (create === false) throw this.unknown(name, "; to create it, leave out create: false");
    if (create === true || this.found.size === 0) return;
    throw this.unknown(
      name,
      "; this store has traces already: to add one, pass { create: true } beside its schemas, which does no harm once it is there",
    );
  }

  private create(
    name: string,
    layout: Layout,
    validates: boolean,
    opening: KindOpening | undefined,
  ): OpenedTrace {
    const { options, sinks, seed, keeper, loader, events, operations, gate } = this.surroundings;
    const { onWork, onBytes, onFound, stagingBytes, makeHead, refresh, nextHead, guest } = this.surroundings;
    const dormant = this.traces.get(name)?.dormant;
    if (dormant !== undefined) checkKind(name, dormant.head.kind?.name, opening?.kind);
    if (dormant !== undefined && dormant.head.fingerprint !== layout.fingerprint)
      throw otherSchema(name, dormant.head.fingerprint, layout.fingerprint);
    const { strategy, stagingRows, isReadOnly } = options;
    const state: AnyState = new TraceState(
      name,
      layout,
      {
        strategy: isReadOnly ? { name: "none", choose: () => undefined } : asked(strategy, gate),
        stagingRows,
        stagingBytes,
        seed,
        keeper,
        loader,
        gate,
        isReadOnly,
        sinks,
        operations,
        onMerge: (report) => {
          if (sinks.commitsWrite) this.unnamed.add(state);
          events.emit("merge", { trace: name, ...report });
        },
        onMergeFailure: (error) => {
          events.emit("mergeFailure", { trace: name, error });
        },
        onRows: () => {
          this.uncommitted.add(state);
        },
        onEdit: () => {
          this.unnamed.add(state);
        },
        onWork: () => {
          this.busy.add(state);
          onWork();
        },
        onBytes,
      },
      this.rowsOf(dormant, layout),
      opening,
    );
    const trace: AnyTrace | undefined = opening === undefined ? new Trace(state, validates) : undefined;
    const { environment } = options;
    const handle: unknown =
      trace ?? opening?.open(state, { validates, environment, makeHead, refresh, nextHead, guest });
    const opened = { state, trace, handle, validates };
    this.adopt(name, opened);
    if (dormant === undefined) this.unnamed.add(state);
    else {
      onFound(state);
      // What was found may be to be merged at once: who only reads it would find it unmerged for ever.
      this.busy.add(state);
      onWork();
    }
    return opened;
  }

  /** What a head says of a trace, for its state; of one that is made now, nothing. */
  private rowsOf(dormant: DormantTrace | undefined, layout: Layout): CommittedRows {
    const { held } = this.surroundings;
    if (dormant === undefined) {
      const marks = held.marks([], { batches: 0, totalWeight: 0 });
      return { batches: [], totalWeight: 0, held: marks, created: undefined };
    }
    const { totalWeight, kind, created, batches } = dormant.head;
    const marks =
      kind === null ? held.marks(dormant.head.held, { batches: batches.length, totalWeight }) : [];
    return { batches: dormant.awaken(layout), totalWeight, told: kind?.state, held: marks, created };
  }

  private adopt(name: string, opened: OpenedTrace): void {
    const existing = this.traces.get(name);
    if (existing === undefined) this.traces.set(name, { name, dormant: undefined, opened });
    else {
      existing.dormant = undefined;
      existing.opened = opened;
    }
  }
}

/** @throws `ZSPINE_SCHEMA` for a trace that is of another kind than it is opened as. */
function checkKind(name: string, stored: string | undefined, given: AnyKind | undefined): void {
  if (stored === given?.name) return;
  const what = stored === undefined ? "a trace of the store's own" : `a ${stored} trace`;
  const how = given === undefined ? "store.trace()" : given.opener;
  const right = stored === undefined ? "store.trace()" : `what opens ${stored} traces`;
  throw new ZspineError(
    "ZSPINE_SCHEMA",
    `trace ${quote(name)} is ${what}, and ${how} opens others; open it with ${right}, or take another name`,
  );
}

/**
 * Asks a strategy, whose code is the caller's, where the engine is in the middle of something. That it gives what is no
 * decision is told once: it is asked for every batch.
 */
function asked(strategy: MergeStrategy, gate: Gate): MergeStrategy {
  const { name } = strategy;
  let isTold = false;
  const choose: MergeStrategy["choose"] = (batches) => {
    const given = gate.ask(() => readDecision(name, strategy.choose(batches), batches.length));
    if (!(given instanceof Error)) return given;
    if (isTold) return undefined;
    isTold = true;
    throw given;
  };
  return { name, choose };
}

/** Bytes of staged rows that are worth a batch of their own when memory is short. */
const SEAL_BYTES = 16 * 1024;

/** Finds a trace that is being dropped. */
function findDropping(traces: readonly NamedTrace[]): NamedTrace | undefined {
  return traces.find(({ dropping }) => dropping !== undefined);
}

const NAME_LENGTH_MAX = 200;

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no name of a trace. */
export function checkName(name: unknown): asserts name is string {
  const isName =
    typeof name === "string" &&
    name.length > 0 &&
    name.length <= NAME_LENGTH_MAX &&
    !/[\p{Cc}\p{Cs}]/u.test(name);
  if (isName) return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `name: expected 1 to ${NAME_LENGTH_MAX} characters without control characters, found ${quote(name)}`,
    { path: ["name"] },
  );
}
