import { isZspineError, ZspineError, type StoredHead, type WriteOp } from "@zspine/core";
import { check } from "@zspine/core/engine";
import type { Operations } from "../diagnostics/operations.ts";
import type { Emitter, StoreEvents } from "../events/events.ts";
import {
  checksumOfHead,
  encodeHead,
  type Head,
  type HeadClone,
  type HeadHold,
  type HeadTrace,
} from "../head/head.ts";
import type { Gate } from "../gate/gate.ts";
import type { HeadOutcome, HeadWriter } from "../head/head-writer.ts";
import type { Manifest } from "../head/manifest.ts";
import { looseEdit, type ManifestEdit } from "../head/manifest-edit.ts";
import { copyMetadata, type Metadata } from "../head/metadata.ts";
import type { Recovered } from "../recovery/recovered.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { MergedBytes } from "../merge/scheduler.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import { batchesOf, NO_ROWS, type CommitRows } from "../trace/commit-rows.ts";
import type { RowsWriter } from "../trace/rows-writer.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { CloneBook } from "./clone-book.ts";
import type { CommitRequest } from "./commit-queue.ts";
import { commitsOf, type HoldBook } from "./hold-book.ts";
import type { NamedEdit, NamedFiles } from "./named-files.ts";
import type { NamedTrace, TraceTable } from "./trace-table.ts";

type AnyState = TraceState<unknown, unknown>;

/** What a committer is told of its store. */
export interface CommitterSurroundings {
  readonly heads: HeadWriter;
  readonly events: Emitter<StoreEvents>;
  readonly operations: Operations;
  readonly gate: Gate;
  readonly keeper: ValueKeeper;
  /** Begins to write the rows of a commit; missing where they stay in memory. */
  readonly newRows: ((durability: "sync" | "relaxed") => RowsWriter) | undefined;
  /** What every head says of the store. */
  readonly identity: Pick<Head, "writer" | "epoch" | "seed" | "serializer">;
  readonly table: TraceTable;
  /** What the newest head says of the traces; missing where rows stay in memory. */
  readonly manifest: Manifest | undefined;
  readonly files: NamedFiles;
  readonly holds: HoldBook;
  readonly clones: CloneBook;
  /** Tells of merges that no head has named. */
  readonly merged: MergedBytes;
  /** Waits where merging of the given traces has fallen behind. */
  waitForMerges(states: Iterable<AnyState>): Promise<void>;
  /** Removes what a head has made superfluous, where that is much. Never rejects. */
  removeMuch(): Promise<void>;
  /** Waits where there is no room in memory. */
  waitForRoom(): Promise<void> | undefined;
  /** Lists the values that may be orphans of other writers; missing where that was done at the opening. */
  readonly listOrphans: (() => Promise<readonly string[]>) | undefined;
}

/** The kept heads, and what the newest names, held until released. */
export interface HeldHeads {
  readonly heads: readonly StoredHead[];
  readonly traces: readonly HeadTrace[];
  release(): void;
}

/** What an attempt has a head say. */
type Says = Pick<Head, "number" | "commit" | "metadata" | "holds" | "clones" | "mail">;

/** What of a store that was found commits go on from. */
type CommitterStart = Pick<Recovered, "checksum" | "head" | "heads">;

/** What an attempt will have done when it turns out to have landed. */
interface Attempt {
  /** Traces of which it has taken rows. */
  readonly states: readonly AnyState[];
  /** Traces that it names though it has taken no rows of them. */
  readonly unnamed: ReadonlySet<AnyState>;
  readonly drops: readonly NamedTrace[];
  readonly metadata: Metadata;
  readonly holds: readonly HeadHold[];
  readonly clones: readonly HeadClone[];
  readonly mail: HeadMail | undefined;
  readonly rows: CommitRows;
  /** Names of values that are removed with it. */
  readonly removed: readonly string[];
  /** Names of what others have left, likewise. */
  readonly orphans: readonly string[];
  readonly edit: ManifestEdit;
  readonly files: NamedEdit;
  readonly head: StoredHead;
  readonly checksum: number;
  readonly isSynced: boolean;
  /** Bytes made superfluous by merges whose results it names. */
  readonly named: number;
  readonly isMaintenance: boolean;
}

/**
 * Makes one commit at a time of a group of calls: takes their rows out of what is pending, writes them where
 * the backend is durable, creates the head, and puts the rows where its outcome says they belong.
 */
export class Committer implements Holder {
  /** Acknowledged commits, the calls they answered, and failed ones. */
  readonly counts: { commits: number; calls: number; failures: number; bytesWritten: number } = {
    commits: 0,
    calls: 0,
    failures: 0,
    bytesWritten: 0,
  };
  /** Metadata of the last acknowledged commit that had some. */
  metadata: Metadata;
  /** The newest commit of a user's, 0 for none: heads after it say the same, of fewer batches. */
  last: number;
  /** How far letters have been taken up. */
  mail: HeadMail | undefined;
  /** The checksum of the newest head. */
  private checksum: number;
  /** The newest head and the one before it, as far as they are known: what is theirs is held. */
  kept: readonly StoredHead[];

  /** Values that others have left, to be removed by the next synced head; and the look for them, which is made once. */
  private orphans: readonly string[] = [];
  private finding: Promise<void> | undefined;
  private readonly surroundings: CommitterSurroundings;
  /** The rows that are being written for an attempt. */
  private writing: RowsWriter | undefined;
  /** What takes part in an attempt that is not settled yet. */
  private inFlight: Attempt | undefined;

  constructor(surroundings: CommitterSurroundings, start: CommitterStart) {
    this.surroundings = surroundings;
    const { metadata, checksum, kept, last, mail } = goOnFrom(start);
    this.metadata = metadata;
    this.checksum = checksum;
    this.kept = kept;
    this.last = last;
    this.mail = mail;
  }

  /** Makes one commit of a group of calls. Resolves to its number. */
  async commit(group: readonly CommitRequest[]): Promise<number> {
    const calls = group.filter(({ isMaintenance }) => !isMaintenance).length;
    const { gate, operations } = this.surroundings;
    this.counts.calls += calls;
    const { bytesWritten } = this.counts;
    const watched = calls === 0 ? undefined : operations.begin("zspine:commit", { calls });
    try {
      if (gate.hasFailed) throw gate.refusal();
      await this.settleInFlight();
      const states = new Set(group.flatMap(({ cuts }) => [...cuts.keys()]));
      if (calls > 0) {
        await this.surroundings.waitForMerges(states);
        await this.surroundings.waitForRoom();
      }
      const waitMs = watched?.elapsedMs;
      const rows = await this.attempt(group, calls);
      const { number } = this.surroundings.heads;
      await this.surroundings.removeMuch();
      watched?.end({ number, rows, bytes: this.counts.bytesWritten - bytesWritten, waitMs });
      return number;
    } catch (error) {
      if (calls > 0) this.counts.failures++;
      const told: unknown = gate.hasFailed ? gate.refusal() : error;
      watched?.fail(told);
      throw told;
    }
  }

  /** Keeps what the kept heads name, for a reader of all of it. */
  holdHeads(): HeldHeads {
    const { keeper, files, manifest } = this.surroundings;
    const held = files.all();
    for (const file of held) keeper.hold(file);
    return {
      heads: this.kept,
      traces: [...(manifest?.traces.values() ?? [])],
      release: () => {
        for (const file of held) keeper.release(file);
      },
    };
  }

  /** What heads of this opening say of their writer. */
  get writer(): string {
    return this.surroundings.identity.writer;
  }

  /** Tells whether a head is kept, and no attempt is under way that lets go of it when it lands. */
  isKept(number: number): boolean {
    const least = (this.inFlight?.head.number ?? 0) - 1;
    return number >= least && this.kept.some((head) => head.number === number);
  }

  /** Takes over a newer head that another process has made, in a store that only reads. */
  takeNewer(found: Recovered): void {
    const { heads, manifest, files } = this.surroundings;
    heads.takeNewer(found.newest);
    if (found.head !== undefined) manifest?.takeNewer(found.head, found.tables);
    files.takeNewer(found);
    const { metadata, checksum, kept, last, mail } = goOnFrom(found);
    this.metadata = metadata;
    this.checksum = checksum;
    this.kept = kept;
    this.last = last;
    this.mail = mail;
  }

  /** Tells of the commit that is being made, and of the kept heads. */
  account(tally: Tally): void {
    this.writing?.account(tally);
    this.inFlight?.rows.account(tally);
    const { head, edit } = this.inFlight ?? {};
    const table = edit?.written === undefined ? [] : [edit.written.bytes];
    tally.arrays("scratch", head === undefined ? table : [head.bytes, ...table]);
    for (const { bytes } of this.kept) tally.arrays("indexes", [bytes]);
  }

  /** Lets go of the kept heads, when the store has been closed. */
  clear(): void {
    this.kept = [];
  }

  /** Resolves when nothing goes on behind the commits. */
  async settled(): Promise<void> {
    await this.finding;
  }

  /** Resolves to the rows that it has made last. */
  private async attempt(group: readonly CommitRequest[], calls: number): Promise<number> {
    const { heads, events, table } = this.surroundings;
    const isMaintenance = calls === 0;
    const cuts = new Map(group.flatMap(({ cuts: ofRequest }) => [...ofRequest]));
    const drops = group.flatMap((request) => request.drops).filter((trace) => table.holds(trace));
    const isGone = (state: AnyState): boolean =>
      state.isDropped || drops.some(({ opened }) => opened?.state === state);
    const states = [...cuts.keys()].filter((state) => !isGone(state));
    // What can fail is done for all of them before anything is taken.
    for (const state of states) state.intake.seal(cuts.get(state));
    let rowCount = 0;
    for (const state of states) rowCount += state.beginCommit(cuts.get(state)!);
    const durability = group.some((request) => request.durability === "sync") ? "sync" : "relaxed";
    const rows = await this.writeRows(states, durability);
    const metadata = group.findLast((request) => request.metadata !== undefined)?.metadata ?? this.metadata;
    // From here on nothing is waited for until the head is on its way: merges go on meanwhile, and what they make
    // superfluous may be what this head names.
    const holds = this.surroundings.holds.begin(group.flatMap((request) => request.holds ?? []));
    const clones = this.surroundings.clones.begin(group.flatMap((request) => request.clones ?? []));
    const mail = group.reduce((said, request) => request.mail?.(said) ?? said, this.mail);
    const unnamed = table.takeUnnamed();
    for (const state of onlyNamed(states, unnamed)) state.beginNaming();
    const changed = [...new Set([...states, ...unnamed])].filter((state) => !isGone(state));
    const dropped = drops.map(({ name }) => name);
    const isSynced = durability === "sync";
    const number = heads.number + 1;
    const says = { number, commit: isMaintenance ? this.last : number, metadata, holds, clones, mail };
    const { edit, bytes, checksum, files } = this.name(changed, dropped, rows, says, () => {
      this.end({ states, unnamed, holds, clones }, false, NO_ROWS);
      table.returnUnnamed(unnamed);
    });
    // A commit that a power cut may take must not remove what the durable one before it needs.
    const removed = isSynced ? this.surroundings.keeper.takeGarbage() : [];
    const orphans = isSynced ? this.orphans : [];
    const head = { number, bytes };
    const named = this.surroundings.merged.unnamedBytes;
    this.inFlight = {
      states,
      unnamed,
      drops,
      metadata,
      holds,
      clones,
      mail,
      rows,
      removed,
      orphans,
      edit,
      files,
      head,
      checksum,
      isSynced,
      named,
      isMaintenance,
    };
    this.counts.bytesWritten += bytes.length + (edit.written?.bytes.length ?? 0);
    this.conclude(await this.create(this.inFlight, durability));
    if (!isMaintenance) events.emit("commit", { number: heads.number, rows: rowCount, calls });
    return rowCount;
  }

  /** @throws (rejects with) as `HeadWriter.create`. */
  private async create(attempt: Attempt, durability: "sync" | "relaxed"): Promise<HeadOutcome> {
    const { heads, gate } = this.surroundings;
    try {
      return await heads.create(attempt.head, opsOf(attempt), durability);
    } catch (error) {
      throw isZspineError(error) ? error : gate.fail(error);
    }
  }

  /** Works out and encodes what a head says, and holds what it names; when that fails, the commit did not happen. */
  private name(
    changed: readonly AnyState[],
    dropped: readonly string[],
    rows: CommitRows,
    says: Says,
    undo: () => void,
  ): Pick<Attempt, "checksum" | "edit" | "files"> & { readonly bytes: Uint8Array } {
    const { manifest, files, keeper } = this.surroundings;
    try {
      const held = new Set(commitsOf(says.holds));
      const added = changed.map((state) => batchesOf(rows, state));
      const traces = changed.map((state, at) => state.describe(added[at]!, { number: says.number, held }));
      const edit = manifest === undefined ? looseEdit(traces) : manifest.plan(traces, dropped);
      const bytes = encodeHead(this.describe(says, edit));
      const ofTraces = new Map<string, readonly StoredFile[]>(dropped.map((name) => [name, []]));
      changed.forEach((state, at) => {
        ofTraces.set(state.name, [...state.committedFiles(), ...added[at]!.map(({ file }) => file)]);
      });
      const checksum = checksumOfHead(bytes);
      const loans = this.surroundings.clones.filesOf(says.clones);
      const written = new Set(rows.values);
      if (edit.written !== undefined) written.add(edit.written.head.value);
      // Last, for it holds what the head names.
      return { edit, bytes, checksum, files: files.begin(ofTraces, edit.tables, loans, written) };
    } catch (error) {
      undo();
      keeper.discard(rows.values);
      throw error;
    }
  }

  /** Writes what is too large to go with the head. When that fails, the commit did not happen. */
  private async writeRows(states: readonly AnyState[], durability: "sync" | "relaxed"): Promise<CommitRows> {
    const { newRows, heads, keeper } = this.surroundings;
    if (newRows === undefined) return NO_ROWS;
    const written = (this.writing = newRows(durability));
    try {
      await written.write(states);
      for (const state of states)
        for (const { file } of batchesOf(written, state)) this.counts.bytesWritten += file.head.bytes;
      return written;
    } catch (error) {
      for (const state of states) state.endCommit(false, []);
      keeper.discard(written.values);
      if (!isZspineError(error)) throw error;
      const message = `commit ${heads.number + 1} did not happen; its rows are kept, commit again to try again: ${error.message}`;
      throw new ZspineError(error.code, message, { cause: error, path: error.path });
    } finally {
      this.writing = undefined;
    }
  }

  private describe(
    { number, commit, metadata, holds, clones, mail }: Says,
    { tables, traces, dropped }: ManifestEdit,
  ): Head {
    const { identity } = this.surroundings;
    const { checksum: previous } = this;
    const said = { previous, tables, traces, dropped, metadata, holds, clones, mail };
    return { number, commit, ...identity, ...said };
  }

  /** Finds out what became of an attempt that did not tell, before anything else is written. */
  private async settleInFlight(): Promise<void> {
    const { heads } = this.surroundings;
    if (!heads.isUnsettled) return;
    const outcome = await heads.settle(new ZspineError("ZSPINE_IO", "its outcome was not known"));
    // Where it did not happen, its rows are among those of the commit that follows.
    const isConflict = !outcome.isCreated && outcome.error.code === "ZSPINE_CONFLICT";
    if (outcome.isCreated || isConflict) this.conclude(outcome);
    else this.putWhole(false);
  }

  private conclude(outcome: HeadOutcome): void {
    this.putWhole(outcome.isCreated);
    if (!outcome.isCreated) throw outcome.error;
  }

  private putWhole(isCommitted: boolean): void {
    this.surroundings.gate.whole(() => {
      this.put(isCommitted);
    });
  }

  /** Puts the rows in flight where they belong. */
  private put(isCommitted: boolean): void {
    const { keeper, merged, table, manifest } = this.surroundings;
    const { states, drops, metadata, rows, head, checksum, isSynced, isMaintenance, ...attempt } =
      this.inFlight!;
    this.inFlight = undefined;
    const isThere = head.number <= this.surroundings.heads.number;
    check(isThere || !isCommitted, "nothing is acknowledged before its head is there (6)");
    this.surroundings.files.end(attempt.files, isCommitted, isSynced);
    this.end({ states, ...attempt }, isCommitted, rows, head.number);
    if (!isCommitted) {
      table.returnUnnamed(attempt.unnamed);
      // What it would have removed is still garbage, and so is what it has written.
      keeper.discard(attempt.removed);
      keeper.discard(rows.values);
      return;
    }
    this.checksum = checksum;
    // After heads that were lost, the one that the store went on from is not kept.
    this.kept = [head, ...this.kept.filter(({ number }) => number === head.number - 1)];
    merged.unnamedBytes -= attempt.named;
    manifest?.apply(attempt.edit);
    for (const trace of drops) table.forget(trace);
    table.settle(states);
    if (!isMaintenance) {
      this.counts.commits++;
      this.last = head.number;
    }
    this.metadata = metadata;
    this.mail = attempt.mail;
    if (attempt.orphans.length > 0) this.orphans = [];
    if (isSynced) this.finding ??= this.findOrphans();
  }

  /** Tells the traces that take part in an attempt how it has ended. */
  private end(
    { states, unnamed, holds, clones }: Pick<Attempt, "states" | "unnamed" | "holds" | "clones">,
    isCommitted: boolean,
    rows: CommitRows,
    number?: number,
  ): void {
    this.surroundings.holds.end(holds, isCommitted);
    this.surroundings.clones.end(clones, isCommitted);
    // Traces that were made since have a name from now on.
    if (isCommitted) for (const state of [...states, ...unnamed]) state.created ??= number;
    for (const state of states) state.endCommit(isCommitted, rows.written.get(state) ?? []);
    for (const state of onlyNamed(states, unnamed)) state.endNaming(isCommitted);
  }

  /**
   * Looks for what others have left, where there can be others: after a head of this writer, which has told them that
   * they are out. What is found is removed by the next synced head; where one of them comes before that, it is not.
   */
  private async findOrphans(): Promise<void> {
    const { listOrphans, keeper } = this.surroundings;
    if (listOrphans === undefined) return;
    try {
      const names = await listOrphans();
      this.orphans = names.filter((name) => !keeper.isUsed(name));
    } catch {
      // Nothing depends on it, and the next opening looks again.
    }
  }
}

/** Those that a head names though it takes no rows of them. */
function onlyNamed(states: readonly AnyState[], unnamed: ReadonlySet<AnyState>): AnyState[] {
  const taken = new Set(states);
  return [...unnamed].filter((state) => !taken.has(state));
}

/** The newest head, as commits go on from it: of users' commits, what it says. */
function goOnFrom({ checksum, heads, head }: CommitterStart): {
  readonly checksum: number;
  readonly kept: readonly StoredHead[];
  readonly last: number;
  readonly metadata: Metadata;
  readonly mail: HeadMail | undefined;
} {
  const metadata = copyMetadata(head?.metadata ?? {});
  return { checksum, kept: heads, last: head?.commit ?? 0, metadata, mail: head?.mail };
}

function opsOf({ rows, edit, removed, orphans }: Attempt): WriteOp[] {
  const { written } = edit;
  return [
    ...rows.ops,
    ...(written === undefined
      ? []
      : [{ type: "put", name: written.head.value, bytes: written.bytes } as const]),
    ...[...removed, ...orphans].map((name) => ({ type: "remove", name }) as const),
  ];
}
