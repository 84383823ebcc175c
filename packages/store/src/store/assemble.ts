import { deflate, type Backend, type Layout } from "@zspine/core";
import type { HashSeed } from "@zspine/core/engine";
import { Emitter, type StoreEvents } from "../events/events.ts";
import { Gate } from "../gate/gate.ts";
import { HeadWriter } from "../head/head-writer.ts";
import { Manifest } from "../head/manifest.ts";
import type { Executor } from "../merge/executor.ts";
import { InlineExecutor } from "../merge/inline-executor.ts";
import { Scheduler } from "../merge/scheduler.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { Recovered, RecoveryReport } from "../recovery/recover.ts";
import { BatchNames } from "../tier/batch-names.ts";
import { BatchWriter } from "../tier/batch-writer.ts";
import { Ledger } from "../tier/ledger.ts";
import { Loader } from "../tier/loader.ts";
import { Spiller } from "../tier/spiller.ts";
import { ValueKeeper } from "../tier/value-keeper.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Committer, type CommitterSurroundings } from "./committer.ts";
import { Maintenance, type MaintenanceSurroundings } from "./maintenance.ts";
import { NamedFiles } from "./named-files.ts";
import { Refresher } from "./refresher.ts";
import { TraceTable } from "./trace-table.ts";
import { chooseWriter, listForeign, looksForOrphans } from "./writer-names.ts";

/** The parts of an open store. */
export interface StoreParts extends MaintenanceSurroundings {
  readonly recovery: RecoveryReport;
  readonly loader: Loader;
  readonly spiller: Spiller;
  readonly committer: Committer;
  readonly refresher: Refresher;
  readonly maintenance: Maintenance;
}

/**
 * Builds the parts of a store over its backend, as its options say, from what was found there. They work on each other
 * in circles: a commit waits for merges, and finished merges ask for a commit; so some hear of others by a function.
 */
export function assemble(
  given: Backend,
  options: CheckedOptions,
  found: Recovered,
  executor: Executor = new InlineExecutor(options.environment, options.sliceMs),
): StoreParts {
  const { environment } = options;
  const ledger = new Ledger(options.cacheBytes);
  const backend = ledger.traffic.meter(given);
  const { durable } = backend.capabilities;
  const identity = identityOf(found, options);
  const { seed } = identity;
  const { keeper, loader, names, writer, spiller } = assembleTier(backend, ledger, options, found, seed);
  const gate = new Gate();
  const events = new Emitter<StoreEvents>();
  const guarded = gate.guard(backend);
  const heads = new HeadWriter(guarded, found.newest);
  const newStoredSink = durable
    ? (name: string, layout: Layout): BatchWriter => new BatchWriter(name, layout, writer)
    : undefined;
  const onWork = (): void => scheduler.wake();
  const makeHead = (): Promise<void> => maintenance.makeHead();
  const refresh = (): Promise<void> => refresher.refresh();
  const shared = { options, newStoredSink, seed, keeper, loader, events, gate, onWork, makeHead, refresh };
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
    whole: (work) => gate.whole(work),
    onRest: () => maintenance.nameMerges(),
  });
  const queue = new CommitQueue(gate, (group): Promise<number> => committer.commit(group));
  const files = new NamedFiles(keeper, found);
  const parts = {
    options,
    backend: guarded,
    gate,
    events,
    heads,
    keeper,
    files,
    table,
    scheduler,
    queue,
    merged,
  };
  const maintenance = new Maintenance(parts);
  const committer = new Committer(
    {
      ...parts,
      rows: durable ? { backend: guarded, environment, loader, writer } : undefined,
      identity,
      manifest: durable ? new Manifest(found.head, found.tables, () => names.next().id) : undefined,
      waitForMerges: (states) => maintenance.waitForMerges(states),
      listOrphans: looksForOrphans(backend, found) ? () => listForeign(backend, names.writer) : undefined,
    },
    found,
  );
  const refresher = new Refresher({ ...parts, committer }, found.traces);
  ledger.holders.push(table, keeper, committer, scheduler, spiller, refresher);
  return { ...parts, recovery: found.report, loader, spiller, committer, maintenance, refresher };
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
  const { preferredValueBytes: valueBytes } = backend.capabilities;
  const writer = { seed, names, compression, valueBytes, ledger };
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
    writer: Array.from({ length: 4 }, () => random().toString(16).padStart(8, "0")).join(""),
    epoch: (head?.epoch ?? 0) + 1,
    seed,
    serializer:
      serializer === undefined ? (head?.serializer ?? null) : { name: serializer.name, id: serializer.id },
  };
}
