import { ZspineError, type Backend, type Environment, type Layout, type Placement } from "@zspine/core";
import type { HashSeed } from "@zspine/core/engine";
import { compressionsOf } from "../block/compressions.ts";
import type { Operations } from "../diagnostics/operations.ts";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";
import { Manifest } from "../head/manifest.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { Executor } from "../merge/executor.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { Recovered } from "../recovery/recovered.ts";
import { BatchNames } from "../tier/batch-names.ts";
import type { BatchSink } from "../tier/batch-sink.ts";
import { BatchWriter } from "../tier/batch-writer.ts";
import type { Ledger } from "../tier/ledger.ts";
import { Loader } from "../tier/loader.ts";
import { Mover } from "../tier/mover.ts";
import { Spiller } from "../tier/spiller.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import { RowsWriter } from "../trace/rows-writer.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { flush } from "./flush.ts";
import type { HoldBook } from "./hold-book.ts";
import { HoldRequests } from "./hold-requests.ts";
import { MailRoom } from "./mail-room.ts";
import type { Maintenance, MaintenanceSurroundings } from "./maintenance.ts";
import { WarmUp } from "./warm-up.ts";
import { chooseWriter, listForeign, looksForOrphans } from "./writer-names.ts";

/** What the stored parts of a store are told of it. */
interface StoredSurroundings {
  readonly options: CheckedOptions;
  readonly found: Recovered;
  readonly seed: HashSeed;
  readonly backend: Backend;
  /** The backend, which is written to no more once the store is in doubt. */
  readonly guarded: Backend;
  readonly ledger: Ledger;
  readonly keeper: ValueKeeper;
  readonly gate: Gate;
  readonly events: Emitter<StoreEvents>;
  readonly operations: Operations;
  /** Makes merges in the thread of the store. */
  readonly inline: Executor;
}

/** The parts of a store that know bytes. */
export interface StoredParts {
  readonly loader: Loader;
  readonly names: BatchNames;
  readonly spiller: Spiller;
  readonly executor: Executor;
  readonly warmUp: WarmUp;
  /** What the newest head says of the traces; missing where commits write no rows. */
  readonly manifest: Manifest | undefined;
  /** Makes a sink that writes to the backend. */
  newSink(name: string, layout: Layout): BatchSink;
  /** Begins to write the rows of a commit; missing where commits write none. */
  readonly newRows: ((durability: "sync" | "relaxed") => RowsWriter) | undefined;
  /** Lists the values that may be orphans of other writers; missing where that was done at the opening. */
  readonly listOrphans: (() => Promise<readonly string[]>) | undefined;
}

/** Builds what writes slots and brings them, and tells heads what lies where. @throws `ZSPINE_NOT_SUPPORTED` for compactors. */
export function assembleStored(surroundings: StoredSurroundings): StoredParts {
  const { backend, events, found, gate, guarded, keeper, ledger, operations, options, seed } = surroundings;
  const { compression, environment, isReadOnly } = options;
  const loader = new Loader(backend, ledger, compressionsOf(compression), isReadOnly);
  loader.operations = operations;
  loader.onLoad = (loaded) => events.emit("load", loaded);
  const names = new BatchNames(chooseWriter(() => environment.random(), found.names));
  const { durable, preferredValueBytes: valueBytes } = backend.capabilities;
  // Who opens a store that is kept may only read; what goes with this one has filters once they have been asked for.
  const hasFilters = (): boolean => durable || ledger.isAsked;
  const writer = { seed, names, compression, hasFilters, valueBytes, ledger };
  const ofRows = { backend: guarded, environment, loader, writer };
  const ofWarmUp = { backend: guarded, gate, keeper, ledger, loader, names, isReadOnly };
  return {
    loader,
    names,
    spiller: new Spiller({ backend, keeper, loader, encoding: writer, names }),
    executor: executorOf(surroundings, names),
    warmUp: new WarmUp(ofWarmUp, found.names),
    manifest: durable ? new Manifest(found.head, found.tables, () => names.next().id) : undefined,
    newSink: (name, layout) => new BatchWriter(name, layout, writer),
    newRows: durable ? (durability) => new RowsWriter(durability, ofRows) : undefined,
    listOrphans: looksForOrphans(backend, found) ? () => listForeign(backend, names.writer) : undefined,
  };
}

/** Makes merges here, and has those made elsewhere that the options say. @throws `ZSPINE_NOT_SUPPORTED`. */
function executorOf(
  { guarded: backend, inline, keeper, options, seed }: StoredSurroundings,
  names: BatchNames,
): Executor {
  const { compactors, compression, environment } = options;
  const { capabilities, type } = backend;
  if (compactors === undefined || capabilities.readOnly === true) return inline;
  if (capabilities.durable && capabilities.guests === true)
    return compactors.executor({
      backend,
      keeper,
      names,
      seed,
      compression,
      environment,
      inline,
    }) as Executor;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `compactors need a durable backend that takes guests, and ${JSON.stringify(type)} is none; use file({ location }) of @zspine/backend-file, or leave compactors out`,
    { path: ["openStore", "compactors"] },
  );
}

/** What those who work beside a store are told of it. */
interface CompanionSurroundings extends MaintenanceSurroundings {
  readonly environment: Environment;
  readonly operations: Operations;
  readonly ledger: Ledger;
  readonly spiller: Spiller;
  readonly maintenance: Maintenance;
  readonly queue: CommitQueue;
  readonly holds: HoldBook;
  readonly placement: Placement | undefined;
  /** What the newest head says of letters. */
  mail(): HeadMail | undefined;
  refresh(): Promise<void>;
  nextHead(signal: AbortSignal | undefined): Promise<void>;
}

/** Those who work beside a store, each where it is asked for. */
export interface Companions {
  /** Missing where the backend brings no placement along. */
  readonly mover: Mover | undefined;
  /** Missing where the store does not take up what guests ask. */
  readonly mailRoom: MailRoom | undefined;
  /** Missing where it is no guest. */
  readonly requests: HoldRequests | undefined;
}

/** Builds those who work beside a store, when it is whole otherwise. @throws `ZSPINE_NOT_SUPPORTED` over a backend without guests. */
export function assembleCompanions(surroundings: CompanionSurroundings): Companions {
  const {
    backend,
    environment,
    events,
    holds,
    mail,
    nextHead: next,
    options,
    queue,
    refresh,
    table,
  } = surroundings;
  const { isGuest, serveMs: pollMs } = options;
  const ofMail = { environment, backend, events, queue, holds, table, mail };
  return {
    mailRoom: pollMs === undefined ? undefined : new MailRoom({ ...ofMail, pollMs }),
    requests: isGuest ? new HoldRequests({ environment, backend, holds, mail, refresh, next }) : undefined,
    mover: moverOf(surroundings),
  };
}

/** Builds what keeps memory within what a placement allows, where there is one and rows are written. */
function moverOf(surroundings: CompanionSurroundings): Mover | undefined {
  const { backend, environment, events, operations, gate, ledger, spiller, keeper } = surroundings;
  const { maintenance, options, placement, scheduler, table } = surroundings;
  if (placement === undefined || options.isReadOnly) return undefined;
  return new Mover({
    placement,
    environment,
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
