import { quote, ZspineError, type Layout } from "@zspine/core";
import { lookupCounts, Probe, type HashSeed, type KeyProbe } from "@zspine/core/engine";
import type { Operations } from "../diagnostics/operations.ts";
import type { Gate } from "../gate/gate.ts";
import type { HeadTrace } from "../head/head.ts";
import type { Json } from "../head/metadata.ts";
import type { MergeReport } from "../merge/merge-report.ts";
import type { SpineEntry } from "../merge/spine.ts";
import type { MergeLens } from "../merge/merge-lens.ts";
import type { MergeStrategy } from "../merge/merge-strategy.ts";
import type { SnapshotSource } from "../snapshot/snapshot.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { View, type ReadContext } from "../view/view.ts";
import type { CommitSource, CommitWatcher, HeadSays } from "./commit-source.ts";
import { Intake } from "./intake.ts";
import { PaidMerge } from "./paid-merge.ts";
import type { Telling, ToldKind } from "./told-kind.ts";
import type { ToldState } from "./told-state.ts";
import { Stages, type CommittedRows, type MergeSinks, type StoredBatch, type StoredRun } from "./stages.ts";

/** What a trace's state is told of its store. */
export interface TraceSurroundings extends CommitWatcher {
  readonly strategy: MergeStrategy;
  readonly stagingRows: number;
  /** Bytes at which staged rows are sealed. */
  stagingBytes(): number;
  readonly seed: HashSeed;
  readonly keeper: ValueKeeper;
  readonly loader: SlotSource;
  readonly gate: Gate;
  /** Whether rows are only read. */
  readonly isReadOnly: boolean;
  readonly sinks: MergeSinks;
  /** Whom merges are told to; by default nobody. */
  readonly operations?: Operations | undefined;
  /** Told of every finished merge. */
  onMerge(report: MergeReport): void;
  /** Told of a merge, or a decision what to merge, that has failed; the rows are where they were. */
  onMergeFailure(error: unknown): void;
  /** Told that there is work for the background. */
  onWork(): void;
  /** Told that about so many bytes of rows have come into memory. */
  onBytes(bytes: number, rows: number): void;
  /** Told that the next head is to name it. */
  onEdit(): void;
}

/**
 * The updates of one trace: accepted by the intake, which stages them, and from there through the stages to the
 * committed spine. Reads add all of it up.
 */
export class TraceState<K, V> implements CommitSource, Holder, SnapshotSource<K, V> {
  readonly name: string;
  readonly layout: Layout<K, V>;
  readonly context: ReadContext<K, V>;
  readonly loader: SlotSource;
  readonly keeper: ValueKeeper;
  readonly gate: Gate;
  readonly stages: Stages;
  readonly intake: Intake<K, V>;
  readonly isReadOnly: boolean;
  /** Counts how often rows were dropped or replaced, by `discard` or a newer head, for snapshots to notice. */
  discards = 0;
  isDropped = false;
  /** The number of the head that named it first; missing until that is acknowledged. */
  created: number | undefined;
  /** What kind of trace it is, where it is not the store's own, and what heads say of it besides its rows. */
  readonly kind: ToldKind<unknown> | undefined;
  readonly told: ToldState<unknown> | undefined;
  /** Told when a head that says something of it has been acknowledged, when rows were dropped that none has, and when it is gone or the store closed. */
  readonly commitListeners: Set<() => void> = new Set();
  /** Takes up what guests ask of it; missing where its kind knows of none. */
  served: ((asked: Json) => void) | undefined;

  private readonly surroundings: TraceSurroundings;
  private readonly paid = new PaidMerge();
  private cached: View<K, V> | undefined;
  private cachedEntries: readonly (readonly SpineEntry[])[] = [];

  constructor(
    name: string,
    layout: Layout<K, V>,
    surroundings: TraceSurroundings,
    found?: CommittedRows,
    telling?: Telling,
  ) {
    this.name = name;
    const { kind } = telling ?? {};
    this.kind = kind;
    const told = telling?.newTold(found?.told);
    this.told = told;
    this.created = found?.created;
    this.layout = layout;
    this.surroundings = surroundings;
    const { seed, loader, keeper, gate, isReadOnly, strategy, sinks, operations } = surroundings;
    const { onMerge, onMergeFailure, onWork, onBytes, stagingRows, stagingBytes } = surroundings;
    this.loader = loader;
    this.keeper = keeper;
    this.gate = gate;
    this.isReadOnly = isReadOnly;
    const counts = lookupCounts();
    this.context = { name, layout, seed, counts, probe: new Probe(layout) };
    this.stages = new Stages(
      {
        name,
        layout,
        strategy,
        told,
        lens: (): MergeLens | undefined => (!isReadOnly ? kind?.lens(told?.committed) : undefined),
        keeper,
        sinks,
        operations,
        onBytes,
        onMerge: (report) => {
          this.forgetView();
          onMerge(report);
        },
        onMergeFailure,
      },
      found?.totalWeight ?? 0,
    );
    const { stages } = this;
    const { onRows } = surroundings;
    const weigh = (): ((probe: KeyProbe) => number) => this.weigh();
    const onSeal = (): void => {
      this.forgetView();
      onWork();
    };
    this.intake = new Intake({
      name,
      layout,
      stages,
      stagingRows,
      stagingBytes,
      partBytes: sinks.partBytes,
      seed,
      gate,
      weigh,
      onRows,
      onWork: onSeal,
    });
    // Last, for it holds what is found.
    if (found !== undefined) stages.takeFound(found);
  }

  /** No fewer than the distinct rows; free. */
  get size(): number {
    return this.spines.reduce((rows, spine) => rows + spine.rows, this.intake.length);
  }

  get totalWeight(): number {
    return this.intake.totalWeight;
  }

  get spines(): Stages["spines"] {
    return this.stages.spines;
  }

  get batchCount(): number {
    return this.spines.reduce((count, spine) => count + spine.length, 0);
  }

  isBehind(batchesMax: number): boolean {
    // What is staged is a batch more.
    if (this.batchCount + (this.intake.length > 0 ? 1 : 0) > batchesMax) return true;
    return this.spines.some((spine) => spine.isBehind);
  }

  get hasUncommitted(): boolean {
    const { committing, pending } = this.stages;
    const rows = this.intake.length + pending.length + committing.length;
    return rows > 0 || this.told?.isUncommitted === true;
  }

  get mergesInProgress(): number {
    return this.spines.reduce((count, spine) => count + spine.merges.size, 0);
  }

  /** Tells of its rows, and of the merges of them; not of what its readers keep, nor commits. */
  account(tally: Tally): void {
    this.stages.account(tally);
    this.intake.account(tally);
    this.cached?.account(tally);
  }

  /** What a head says of the trace while a commit is in flight, which has written `added`. */
  describe(added: readonly StoredBatch[], { number, held }: HeadSays): HeadTrace {
    const { kinds, keyColumns, fingerprint, isTimed } = this.layout;
    const { kind, told } = this;
    const letters = kinds.map((column) => column[0]!).join("");
    const batches = [...this.committedFiles(), ...added.map(({ file }) => file)];
    return {
      name: this.name,
      created: this.created ?? number,
      fingerprint,
      kinds: isTimed === true ? `${letters.slice(0, -1)}t` : letters,
      keyColumns,
      totalWeight: this.stages.weights.taken,
      kind: kind === undefined ? null : { name: kind.name, state: told!.taken as Json },
      batches: batches.map(({ head }) => head),
      held: this.surroundings.sinks.commitsWrite ? this.stages.held.describe(held, added.length) : [],
    };
  }

  /** The batches that commits have acknowledged, as they lie in the backend; none where that keeps nothing. */
  committedFiles(): readonly StoredBatch["file"][] {
    return this.surroundings.sinks.commitsWrite ? this.stages.committed.files : [];
  }

  guard(): void {
    this.gate.check();
    if (!this.isDropped) return;
    throw new ZspineError(
      "ZSPINE_CLOSED",
      `the trace ${quote(this.name)} was dropped; open it anew with store.trace()`,
    );
  }

  /** What can be read now. */
  view(): View<K, V> {
    const staged = this.intake.view();
    const { lists } = this.stages;
    const isSame =
      this.cached?.staged === staged && lists.every((list, at) => list === this.cachedEntries[at]);
    if (isSame && this.cached !== undefined) return this.cached;
    this.cached = new View(this.context, lists, staged, this.totalWeight, this.stages.files);
    this.cachedEntries = lists;
    return this.cached;
  }

  /** What can be read now, for a reader in order: rows that are staged are sorted once, for all. */
  viewInOrder(): View<K, V> {
    this.intake.seal();
    return this.view();
  }

  /** Merges what look-ups have paid for by what they had to bring. */
  onLookUp(bytes: number): void {
    // Of another kind it is the lens that says what is merged.
    const inputsMax = this.kind === undefined ? this.surroundings.sinks.paidInputs() : 0;
    if (inputsMax > 0 && this.paid.pay(bytes, this.spines, inputsMax)) this.surroundings.onWork();
  }

  /** Sorts what is staged below a place that is held; gives what covers the places from `from` on and below it. */
  between(from: number, place: number): readonly SpineEntry[] {
    this.intake.seal(place);
    return this.entriesBetween(from, place);
  }

  private entriesBetween(from: number, place: number): readonly SpineEntry[] {
    return this.stages.entries.filter(({ lower, upper }) => lower >= from && upper <= place);
  }

  /** What can be read below a place that is held, sorted. */
  viewAt(place: number, totalWeight: number): View<K, V> {
    return this.viewOf(this.between(0, place), totalWeight);
  }

  /** What covers the places from `from` on and below one that is held, as one sum. */
  viewBetween(from: number, place: number): View<K, V> {
    return this.viewOf(this.between(from, place), 0);
  }

  private viewOf(entries: readonly SpineEntry[], totalWeight: number): View<K, V> {
    const files = entries.flatMap(({ file }) => file ?? []);
    return new View(this.context, [entries], undefined, totalWeight, files);
  }

  /** What a commit that is held had acknowledged, below a place that is held from now on. */
  holdAt(commit: number): { readonly view: View<K, V>; readonly place: number } {
    const { held, weights } = this.stages;
    const place = held.placeOf(commit)!;
    const total = weights.at(place);
    const view = this.viewOf(this.entriesBetween(0, place), total);
    this.stages.hold(place, total);
    return { view, place };
  }

  /** Keeps merges from reaching across what commits have acknowledged by now, as what `commit` held. */
  mark(commit: number): void {
    // One of another kind tells itself what it keeps.
    if (this.kind === undefined) this.stages.held.mark(commit);
  }

  unmark(commit: number): void {
    const place = this.stages.held.take(commit);
    if (place !== undefined) this.release(place);
  }

  /** Keeps merges from reaching across now. Gives the place, to be released. */
  hold(): number {
    const { place } = this.intake;
    this.stages.hold(place, this.totalWeight);
    return place;
  }

  release(place: number): void {
    this.gate.whole(() => {
      this.stages.release(place);
      this.payForRelease();
    });
  }

  /** Holds a place for a commit: rows below it are not discarded while the commit waits. */
  holdCut(): number {
    const { place } = this.intake;
    this.stages.holdCut(place, this.totalWeight);
    return place;
  }

  releaseCut(place: number): void {
    this.gate.whole(() => {
      this.stages.releaseCut(place);
      this.payForRelease();
    });
  }

  /** Takes what was inserted below `place`, which must be held, into a commit. Gives the rows taken. */
  beginCommit(place: number): number {
    this.intake.seal(place);
    return this.gate.whole(() => this.stages.beginCommit(place));
  }

  /** Puts what a commit has taken where its outcome says. */
  endCommit(isCommitted: boolean, written: readonly StoredRun[]): void {
    this.gate.whole(() => {
      this.settle(isCommitted, () => {
        this.stages.endCommit(isCommitted, written);
      });
      this.forgetView();
      this.surroundings.onWork();
    });
  }

  /** Takes over what a newer head names and says, of a store that only reads. */
  takeNewer(found: CommittedRows): void {
    this.gate.whole(() => {
      this.settle(true, () => {
        this.stages.takeNewer(found);
        this.told?.renew(this.kind!.read(found.told));
      });
      // What lies between two of its snapshots is told by places no more.
      this.discards++;
      this.forgetView();
    });
  }

  /** Takes what was edited of what heads say into one that takes no rows of it; and puts it where the outcome says. */
  beginNaming(): void {
    this.told?.takeEdits();
  }

  endNaming(isCommitted: boolean): void {
    this.gate.whole(() => {
      this.settle(isCommitted, () => this.told?.settle(isCommitted));
    });
  }

  private settle(isCommitted: boolean, work: () => void): void {
    const before = this.told?.committed;
    work();
    // What was edited while the head was made: another is to name it.
    if (this.told?.isEdited === true) this.surroundings.onEdit();
    if (this.told?.committed !== before) {
      this.stages.committed.reconsider();
      // Also where no rows have come.
      this.surroundings.onWork();
    }
    if (isCommitted) for (const listener of this.commitListeners) listener();
  }

  /** Lets go of all rows, cached ones too, when it has been dropped or the store closes. */
  clear(): void {
    const { ledger } = this.loader;
    for (const { batch } of this.stages.entries)
      for (const slot of batch.slots) if (slot.home !== undefined) ledger.dropSlot(slot);
    this.stages.clear();
    this.intake.clear();
    this.forgetView();
    for (const listener of this.commitListeners) listener();
  }

  /** Drops what no commit has taken, nor waits to take. Gives the rows dropped. */
  discard(): number {
    this.intake.seal();
    return this.gate.whole(() => {
      const rows = this.stages.discard();
      this.forgetView();
      if (rows > 0) this.discards++;
      for (const listener of this.commitListeners) listener();
      return rows;
    });
  }

  /** Likewise when the store closes, whatever fails: then equal rows may be counted each. */
  discardAtEnd(): number {
    const most = this.intake.length + this.stages.pending.rows;
    try {
      return this.discard();
    } catch {
      return most;
    }
  }

  /** Lets go of the view that was read last, which would keep what is gone by now until the next is read. */
  private forgetView(): void {
    this.cached = undefined;
    this.cachedEntries = [];
  }

  /**
   * Merges a little of what has become possible: many boundaries that are let go of in one turn would else leave all
   * that they have parted to merges that are begun and not worked at, and each would look at all of it.
   */
  private payForRelease(): void {
    this.stages.work(RELEASE_FUEL);
    this.surroundings.onWork();
  }

  /** Notes what heads are to say of it besides its rows, with all that was inserted so far. */
  tell(state: unknown): void {
    // A commit that was called before takes what was told then.
    this.intake.part();
    this.surroundings.onRows();
    this.told!.now = state;
  }

  /** Edits what heads say of it, from the next one on; `isDiscarded` where it is taken back with rows that are discarded. */
  edit(edit: (state: unknown) => unknown, isDiscarded: boolean): void {
    this.surroundings.onEdit();
    // So that a commit which is called covers it.
    if (isDiscarded) this.surroundings.onRows();
    this.told!.edit(edit, isDiscarded);
  }

  /** Tells the weights of rows in what is sealed now, or what rows that have times may weigh; no code of the caller's is run for it. */
  private weigh(): (probe: KeyProbe) => number {
    const { context, loader, stages } = this;
    const view = new View<K, V>(context, stages.lists, undefined, stages.weights.sealed, stages.files);
    return (probe) => {
      const hand = new ReadHand(loader.ledger, "look-up");
      const isTimed = this.layout.isTimed === true;
      return loader.lookSync(this, hand, () => (isTimed ? view.mass(probe, hand) : view.weight(probe, hand)));
    };
  }
}

/** Rows of merging that letting go of a boundary pays for. */
const RELEASE_FUEL = 64;
