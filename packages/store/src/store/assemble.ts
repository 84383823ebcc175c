import { deflate, ZspineError, type Backend, type Placement } from "@zspine/core";
import { drawId, type HashSeed } from "@zspine/core/engine";
import { Operations } from "../diagnostics/operations.ts";
import { Emitter, type StoreEvents } from "../events/events.ts";
import { Gate } from "../gate/gate.ts";
import { HeadWriter } from "../head/head-writer.ts";
import { Manifest } from "../head/manifest.ts";
import type { Borrowing } from "../loan/borrowing-backend.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { Executor, ExecutorSurroundings } from "../merge/executor.ts";
import { InlineExecutor } from "../merge/inline-executor.ts";
import { Scheduler } from "../merge/scheduler.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { Recovered, RecoveryReport } from "../recovery/recover.ts";
import { BatchNames } from "../tier/batch-names.ts";
import { BatchWriter, type WriterSurroundings } from "../tier/batch-writer.ts";
import { Ledger } from "../tier/ledger.ts";
import { Loader } from "../tier/loader.ts";
import { Mover } from "../tier/mover.ts";
import { Spiller } from "../tier/spiller.ts";
import { ValueKeeper } from "../tier/value-keeper.ts";
import type { MergeSinks } from "../trace/stages.ts";
import { CloneBook } from "./clone-book.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Committer, type CommitterSurroundings } from "./committer.ts";
import { flush } from "./flush.ts";
import { HeldCommits } from "./held-commits.ts";
import { HoldBook } from "./hold-book.ts";
import { HoldRequests } from "./hold-requests.ts";
import { MailRoom } from "./mail-room.ts";
import { Maintenance, type MaintenanceSurroundings } from "./maintenance.ts";
import { NamedFiles } from "./named-files.ts";
import { Refresher } from "./refresher.ts";
import { toldOfOthers } from "./told-of-others.ts";
import { TraceTable, type TableSurroundings } from "./trace-table.ts";
import { WarmUp } from "./warm-up.ts";
import { chooseWriter, listForeign, looksForOrphans } from "./writer-names.ts";

/** What is cached where nothing else is said. */
const CACHE_BYTES: number = 64 * 1024 * 1024;
/** Bytes at which staged rows are sealed, whatever their number; where memory is short, an eighth of it, but no less. */
const STAGING_BYTES: number = 16 * 1024 * 1024;
const STAGING_BYTES_MIN: number = 64 * 1024;

/** The parts of an open store. */
export interface StoreParts extends MaintenanceSurroundings {
  readonly recovery: RecoveryReport;
  readonly loader: Loader;
  readonly spiller: Spiller;
  /** Missing where the backend brings no placement along. */
  readonly mover: Mover | undefined;
  readonly committer: Committer;
  readonly refresher: Refresher;
  /** Missing where the store does not take up what guests ask. */
  readonly mailRoom: MailRoom | undefined;
  /** Missing where it is no guest. */
  readonly requests: HoldRequests | undefined;
  readonly held: HeldCommits;
  readonly holds: HoldBook;
  readonly clones: CloneBook;
  readonly maintenance: Maintenance;
  readonly warmUp: WarmUp;
  /** What it borrows, where it is a clone. */
  readonly borrowing: Borrowing | undefined;
}

/** What a store is built with besides its options. */
interface AssemblyChoices {
  /** Does the work of merges; by default the thread of the store. */
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
  { executor: chosen, placement, borrowing }: AssemblyChoices = {},
): StoreParts {
  const { environment } = options;
  const ledger = new Ledger(options.cacheBytes ?? CACHE_BYTES);
  const identity = identityOf(found, options);
  const { seed, writer: self } = identity;
  const backend = toldOfOthers(ledger.traffic.meter(given), found.newest, self);
  const { durable } = backend.capabilities;
  const { keeper, loader, names, writer, spiller } = assembleTier(backend, ledger, options, found, seed);
  const gate = new Gate();
  const events = new Emitter<StoreEvents>();
  const operations = new Operations(options.name ?? given.type, environment);
  const guarded = gate.guard(backend);
  const executor = chosen ?? executorOf(options, { backend: guarded, keeper, names, seed });
  const heads = new HeadWriter(guarded, found.newest);
  const moverOf = (): Mover | undefined => mover;
  const sinks = sinksOf(durable, writer, moverOf);
  const onWork = (): void => scheduler.wake();
  const makeHead = (): Promise<void> => maintenance.makeHead();
  const refresh = (): Promise<void> => refresher.refresh();
  const nextHead = (signal: AbortSignal | undefined): Promise<void> => refresher.next(signal);
  const onFound: TableSurroundings["onFound"] = (state) => warmUp.begin(state);
  const ofTraces = { onWork, onFound, ...stagingOf(moverOf), makeHead, refresh, nextHead };
  const held: HeldCommits = new HeldCommits(() => table.states);
  const shared = { options, sinks, seed, keeper, loader, events, operations, gate, held, ...ofTraces };
  const table = new TraceTable(shared, found.traces);
  const merged = { bytesWritten: 0, unnamedBytes: 0 };
  const scheduler = new Scheduler({
    backend: guarded,
    environment,
    executor,
    loader,
    keeper,
    merged,
    traces: () => table.working,
    mergesMax: () => mover?.mergesMax ?? Infinity,
    whole: (work) => gate.whole(work),
    onFinish: (): Promise<void> => maintenance.removeMuch(),
    onRest: () => {
      maintenance.nameMerges();
      mover?.rest();
    },
  });
  const queue = new CommitQueue(gate, async (group): Promise<number> => {
    try {
      return await committer.commit(group);
    } finally {
      mover?.rest();
    }
  });
  const files = new NamedFiles(keeper, found);
  const { isReadOnly } = options;
  const newest = (): Committer => committer;
  const ofHolds = { environment, isReadOnly, events, gate, queue, table, held, newest };
  const holds = new HoldBook(ofHolds, found.head?.holds ?? []);
  const ofClones = { backend: guarded, keeper, names, queue, files };
  const clones = new CloneBook(ofClones, found.head?.clones ?? [], found.loans);
  const common = { options, backend: guarded, gate, events, operations, heads };
  const parts = { ...common, keeper, files, table, scheduler, queue, merged, held, holds, clones };
  const maintenance = new Maintenance(parts);
  const committer = new Committer(
    {
      ...parts,
      rows: durable ? { backend: guarded, environment, loader, writer } : undefined,
      identity,
      manifest: durable ? new Manifest(found.head, found.tables, () => names.next().id) : undefined,
      waitForMerges: (states) => maintenance.waitForMerges(states),
      removeMuch: () => maintenance.removeMuch(),
      // Spilling that fails does not keep rows from being committed; it has been told of.
      waitForRoom: () => mover?.room().catch(() => undefined),
      listOrphans: looksForOrphans(backend, found) ? () => listForeign(backend, names.writer) : undefined,
    },
    found,
  );
  const refresher = new Refresher({ ...parts, committer }, found.traces);
  const mail = (): HeadMail | undefined => committer.mail;
  const { isGuest, serveMs } = options;
  const mailRoom =
    serveMs === undefined
      ? undefined
      : new MailRoom({ environment, backend: guarded, events, queue, holds, pollMs: serveMs, mail });
  const ofGuest = { environment, backend: guarded, holds, mail, refresh, next: nextHead };
  const requests = isGuest ? new HoldRequests(ofGuest) : undefined;
  const warmUp = new WarmUp(
    { backend: guarded, gate, keeper, ledger, loader, names, isReadOnly },
    found.names,
  );
  loader.operations = operations;
  loader.onLoad = (loaded) => events.emit("load", loaded);
  ledger.holders.push(table, keeper, committer, scheduler, spiller, refresher);
  const mover = assembleMover(placement, { ...parts, ledger, spiller, maintenance });
  return {
    ...parts,
    recovery: found.report,
    loader,
    spiller,
    mover,
    committer,
    maintenance,
    refresher,
    mailRoom,
    requests,
    warmUp,
    borrowing,
  };
}

/** Makes merges here, and has those made elsewhere that the options say. @throws `ZSPINE_NOT_SUPPORTED`. */
function executorOf(
  { compactors, compression, environment, sliceMs }: CheckedOptions,
  parts: Pick<ExecutorSurroundings, "backend" | "keeper" | "names" | "seed">,
): Executor {
  const inline = new InlineExecutor(environment, sliceMs);
  const { capabilities, type } = parts.backend;
  if (compactors === undefined || capabilities.readOnly === true) return inline;
  if (capabilities.durable && capabilities.guests === true)
    return compactors.executor({ ...parts, compression, environment, inline }) as Executor;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `compactors need a durable backend that takes guests, and ${JSON.stringify(type)} is none; use file({ location }) of @zspine/backend-file, or leave compactors out`,
    { path: ["openStore", "compactors"] },
  );
}

/** Where what merges make goes. */
function sinksOf(
  commitsWrite: boolean,
  writer: WriterSurroundings,
  mover: () => Mover | undefined,
): MergeSinks {
  return {
    commitsWrite,
    isWritten: (bytes) => mover()?.isWritten(bytes) ?? false,
    isShort: () => mover()?.isShort ?? false,
    paidInputs: () => mover()?.paidInputs ?? 0,
    partBytes: () => writer.ledger.workBytes,
    newStored: (name, layout) => new BatchWriter(name, layout, writer),
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

/** Builds what keeps memory within what a placement allows, where there is one and rows are written. */
function assembleMover(
  placement: Placement | undefined,
  parts: MaintenanceSurroundings & {
    readonly operations: Operations;
    readonly ledger: Ledger;
    readonly spiller: Spiller;
    readonly maintenance: Maintenance;
  },
): Mover | undefined {
  const {
    backend,
    events,
    operations,
    gate,
    ledger,
    spiller,
    keeper,
    maintenance,
    options,
    scheduler,
    table,
  } = parts;
  if (placement === undefined || options.isReadOnly) return undefined;
  return new Mover({
    placement,
    environment: options.environment,
    ledger,
    spiller,
    keeper,
    isDurable: backend.capabilities.durable,
    cacheBytesMax: options.cacheBytes ?? Infinity,
    seal: (all) => table.sealLarge(all === undefined ? undefined : 0),
    flush: (bytesLeast, onBegin) => flush(table, scheduler, bytesLeast, onBegin),
    // A merge that fails has been told of.
    advance: (signal) => scheduler.advance(signal).catch(() => false),
    tidy: () => maintenance.removeGarbage(),
    onPressure: (pressure) => events.emit("pressure", pressure),
    onSpill: (spilled) => events.emit("spill", spilled),
    operations,
    onFailure: (error) => events.emit("spillFailure", { error }),
    isInDoubt: () => gate.hasFailed,
  });
}

/** Builds what writes slots and brings them, and knows who needs what lies in the backend. */
function assembleTier(
  backend: Backend,
  ledger: Ledger,
  { environment, compression, isReadOnly }: CheckedOptions,
  { names: taken }: Recovered,
  seed: HashSeed,
) {
  const compressions = [...(compression === undefined ? [] : [compression]), deflate()];
  const loader = new Loader(backend, ledger, compressions, isReadOnly);
  const keeper = new ValueKeeper((name) => ledger.drop(name));
  const names = new BatchNames(chooseWriter(() => environment.random(), taken));
  const { durable, preferredValueBytes: valueBytes } = backend.capabilities;
  // Who opens a store that is kept may only read; what goes with this one has filters once they have been asked for.
  const hasFilters = (): boolean => durable || ledger.isAsked;
  const writer = { seed, names, compression, hasFilters, valueBytes, ledger };
  const spiller = new Spiller({ backend, keeper, loader, encoding: writer, names });
  return { keeper, loader, names, writer, spiller };
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
