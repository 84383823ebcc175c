import type { Backend, Placement } from "@zspine/core";
import { drawId } from "@zspine/core/engine";
import { Operations } from "../diagnostics/operations.ts";
import { Emitter, type StoreEvents } from "../events/events.ts";
import { Gate } from "../gate/gate.ts";
import { HeadWriter } from "../head/head-writer.ts";
import type { Borrowing } from "../loan/borrowing.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { Executor } from "../merge/executor.ts";
import { InlineExecutor } from "../merge/inline-executor.ts";
import { Scheduler } from "../merge/scheduler.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { Recovered, RecoveryReport } from "../recovery/recovered.ts";
import { Ledger } from "../tier/ledger.ts";
import type { Mover } from "../tier/mover.ts";
import { ResidentSlots } from "../tier/resident-slots.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import { ValueKeeper } from "../tier/value-keeper.ts";
import type { MergeSinks } from "../trace/stages.ts";
import type { Companions, StoredParts } from "./assemble-stored.ts";
import { CloneBook } from "./clone-book.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Committer, type CommitterSurroundings } from "./committer.ts";
import { HeldCommits } from "./held-commits.ts";
import { HoldBook } from "./hold-book.ts";
import type { StoredHalf } from "./load-stored-half.ts";
import { Maintenance, type MaintenanceSurroundings } from "./maintenance.ts";
import { NamedFiles } from "./named-files.ts";
import { Refresher } from "./refresher.ts";
import { TraceTable, type TableSurroundings } from "./trace-table.ts";

/** What is cached where nothing else is said. */
const CACHE_BYTES: number = 64 * 1024 * 1024;
/** Bytes at which staged rows are sealed, whatever their number; where memory is short, an eighth of it, but no less. */
const STAGING_BYTES: number = 16 * 1024 * 1024;
const STAGING_BYTES_MIN: number = 64 * 1024;

/** The parts of an open store. */
export interface StoreParts extends MaintenanceSurroundings, Companions {
  readonly recovery: RecoveryReport;
  /** What knows bytes, and what of the store was made by it; missing where rows never leave memory. */
  readonly half: StoredHalf | undefined;
  readonly stored: StoredParts | undefined;
  readonly loader: SlotSource;
  readonly committer: Committer;
  readonly refresher: Refresher;
  readonly held: HeldCommits;
  readonly holds: HoldBook;
  readonly clones: CloneBook;
  readonly maintenance: Maintenance;
  /** What it borrows, where it is a clone. */
  readonly borrowing: Borrowing | undefined;
}

/** What a store is built with besides its options. */
interface AssemblyChoices {
  /** What knows bytes; missing where rows never leave memory. */
  readonly half?: StoredHalf | undefined;
  /** Does the work of merges; by default the thread of the store, or who the options say. */
  readonly executor?: Executor | undefined;
  /** What the backend says of memory. */
  readonly placement?: Placement | undefined;
  /** What it borrows, where it is that of a clone. */
  readonly borrowing?: Borrowing | undefined;
}

/**
 * Builds the parts of a store over its backend, as its options say, from what was found there. They work on each other
 * in circles: a commit waits for merges, and finished merges ask for a commit; so some hear of others by a function.
 */
// long: the parts of a store, each once, in the order in which they need one another
export function assemble(
  given: Backend,
  options: CheckedOptions,
  found: Recovered,
  { half, executor: chosen, placement, borrowing }: AssemblyChoices = {},
): StoreParts {
  const { environment } = options;
  const ledger = new Ledger(options.cacheBytes ?? CACHE_BYTES);
  const identity = identityOf(found, options);
  const { seed, writer: self } = identity;
  const plain = ledger.traffic.meter(given);
  const metered = half?.toldOfOthers(plain, found.newest, self) ?? plain;
  const keeper = new ValueKeeper((name) => ledger.drop(name));
  const gate = new Gate();
  const events = new Emitter<StoreEvents>();
  const operations = new Operations(options.name ?? given.type, environment);
  const backend = gate.guard(metered);
  const inline = new InlineExecutor(environment, options.sliceMs);
  const ofStored = { options, found, seed, ledger, keeper, gate, events, operations, inline };
  const stored = half?.assembleStored({ ...ofStored, backend: metered, guarded: backend });
  const loader: SlotSource = stored?.loader ?? new ResidentSlots(ledger);
  const heads = new HeadWriter(backend, found.newest);
  let companions: Companions = ALONE;
  const moverOf = (): Mover | undefined => companions.mover;
  const sinks = sinksOf(given.capabilities.durable, stored, ledger, moverOf);
  const onWork = (): void => scheduler.wake();
  const makeHead = (): Promise<void> => maintenance.makeHead();
  const refresh = (): Promise<void> => refresher.refresh();
  const nextHead = (signal: AbortSignal | undefined): Promise<void> => refresher.next(signal);
  const onFound: TableSurroundings["onFound"] = (state) => stored?.warmUp.begin(state);
  const guest: TableSurroundings["guest"] = options.isGuest
    ? {
        name: options.name ?? "guest",
        ask: (...asked): Promise<void> => companions.requests!.askTrace(...asked),
      }
    : undefined;
  const ofTraces = { onWork, onFound, ...stagingOf(moverOf), makeHead, refresh, nextHead, guest };
  const held: HeldCommits = new HeldCommits(() => table.states);
  const shared = { options, sinks, seed, keeper, loader, events, operations, gate, held, ...ofTraces };
  const table = new TraceTable(shared, found.traces);
  const merged = { bytesWritten: 0, unnamedBytes: 0 };
  const scheduler = new Scheduler({
    backend,
    environment,
    executor: chosen ?? stored?.executor ?? inline,
    loader,
    keeper,
    merged,
    traces: () => table.working,
    mergesMax: () => moverOf()?.mergesMax ?? Infinity,
    whole: (work) => gate.whole(work),
    onFinish: (): Promise<void> => maintenance.removeMuch(),
    onRest: () => {
      maintenance.nameMerges();
      moverOf()?.rest();
    },
  });
  const queue = new CommitQueue(gate, async (group): Promise<number> => {
    try {
      return await committer.commit(group);
    } finally {
      moverOf()?.rest();
    }
  });
  const files = new NamedFiles(keeper, found);
  const { isReadOnly } = options;
  const newest = (): Committer => committer;
  const ofHolds = { environment, isReadOnly, events, gate, queue, table, held, newest };
  const holds = new HoldBook(ofHolds, found.head?.holds ?? []);
  const clones = new CloneBook({ keeper, queue, files }, found.head?.clones ?? [], found.loans);
  const common = { options, backend, gate, events, operations, heads, half, stored, loader, borrowing };
  const parts = { ...common, keeper, files, table, scheduler, queue, merged, held, holds, clones };
  const maintenance = new Maintenance(parts);
  const committer = new Committer(
    {
      ...parts,
      identity,
      newRows: stored?.newRows,
      manifest: stored?.manifest,
      waitForMerges: (states) => maintenance.waitForMerges(states),
      removeMuch: () => maintenance.removeMuch(),
      // Spilling that fails does not keep rows from being committed; it has been told of.
      waitForRoom: () =>
        moverOf()
          ?.room()
          .catch(() => undefined),
      listOrphans: stored?.listOrphans,
    },
    found,
  );
  const refresher = new Refresher({ ...parts, committer }, found.traces);
  ledger.holders.push(table, keeper, committer, scheduler, ...(stored ? [stored.spiller] : []), refresher);
  if (half !== undefined && stored !== undefined) {
    const { spiller } = stored;
    const mail = (): HeadMail | undefined => committer.mail;
    const toCompanions = { environment, ledger, spiller, maintenance, placement, mail, refresh, nextHead };
    companions = half.assembleCompanions({ ...parts, ...toCompanions });
  }
  return { ...parts, ...companions, recovery: found.report, committer, maintenance, refresher };
}

const ALONE: Companions = { mover: undefined, mailRoom: undefined, requests: undefined };

/** Where what merges make goes. */
function sinksOf(
  commitsWrite: boolean,
  stored: StoredParts | undefined,
  ledger: Ledger,
  mover: () => Mover | undefined,
): MergeSinks {
  return {
    commitsWrite,
    isWritten: (bytes) => mover()?.isWritten(bytes) ?? false,
    isShort: () => mover()?.isShort ?? false,
    paidInputs: () => mover()?.paidInputs ?? 0,
    partBytes: () => ledger.workBytes,
    newStored: (name, layout) => stored!.newSink(name, layout),
  };
}

/** What staging asks and tells of memory. */
function stagingOf(mover: () => Mover | undefined): Pick<TableSurroundings, "onBytes" | "stagingBytes"> {
  return {
    onBytes: (bytes, rows) => mover()?.grow(bytes, rows),
    stagingBytes: () =>
      Math.min(STAGING_BYTES, Math.max(STAGING_BYTES_MIN, (mover()?.allowance.bytes ?? Infinity) / 8)),
  };
}

/** What every head of this opening will say of the store. */
function identityOf(
  { head }: Recovered,
  { environment, serializer }: CheckedOptions,
): CommitterSurroundings["identity"] {
  const random = (): number => environment.random();
  const seed = head?.seed ?? { k0: random(), k1: random() };
  return {
    writer: drawId(environment),
    epoch: (head?.epoch ?? 0) + 1,
    seed,
    serializer:
      serializer === undefined ? (head?.serializer ?? null) : { name: serializer.name, id: serializer.id },
  };
}
