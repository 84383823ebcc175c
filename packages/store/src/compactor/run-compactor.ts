import {
  BOOLEAN,
  FUNCTION,
  numberWithin,
  refused,
  requireOptions,
  SIGNAL,
  systemEnvironment,
  turn,
  withMethods,
  type Backend,
  type BackendOpener,
  type Compression,
  type Environment,
  type Layout,
  type OptionKinds,
  type WriteOp,
} from "@zspine/core";
import { Batch, type Columns } from "@zspine/core/engine";
import { decodeFences } from "../block/block-index.ts";
import { compressionsOf } from "../block/compressions.ts";
import { Merge } from "../merge/merge.ts";
import type { DescribedLens, LensMaker, MergeLens } from "../merge/merge-lens.ts";
import { OPENER } from "../options/plugin-option.ts";
import { findBatch } from "../recovery/found-batch.ts";
import { BatchNames, describeBatch, identityOfBatch } from "../tier/batch-names.ts";
import { BatchWriter } from "../tier/batch-writer.ts";
import { Ledger } from "../tier/ledger.ts";
import { Loader } from "../tier/loader.ts";
import { slotsOfIndex } from "../tier/stored-slots.ts";
import {
  columnsOf,
  decodeJob,
  encodeResult,
  JOB_PREFIX,
  nameOfJob,
  type CompactionJob,
} from "./compaction-job.ts";

/** A merge that a compactor has made. */
export interface CompactedBatch {
  readonly trace: string;
  /** Batches that were merged. */
  readonly inputs: number;
  /** Bytes that it has written; 0 when all rows have cancelled. */
  readonly bytes: number;
}

/** A merge that a compactor has taken and not made. */
export interface LeftMerge {
  readonly trace: string;
  /** Batches that were to be merged. */
  readonly inputs: number;
  /** What it failed with; `undefined` where the signal has fired, or nobody waited for it any more. */
  readonly error: Error | undefined;
}

/** How a compactor runs. */
export interface CompactorOptions {
  /** Where the store lies, whose writer was opened with `compactors()`. */
  readonly backend: BackendOpener;
  /** Ends it: the merge in hand is left, and made by another or the writer. */
  readonly signal: AbortSignal;
  /** The compression of the store, where that is none of zspine's own. */
  readonly compression?: Compression | undefined;
  /**
   * What makes the lenses of traces of other kinds, such as `temporalLenses` of `@zspine/temporal`. Merges of kinds that are
   * not here are left to others; by default of all of them.
   */
  readonly lenses?: readonly LensMaker[] | undefined;
  /** Milliseconds between two looks for work, each a listing; 1–2³¹, by default 1,000. */
  readonly pollMs?: number | undefined;
  /** Whether it ends when it finds nothing to do, in place of looking again. */
  readonly once?: boolean | undefined;
  /** Told of each merge that it has taken and leaves to the writer. */
  readonly onLeave?: ((left: LeftMerge) => void) | undefined;
  /** Told of each merge that it has made. */
  readonly onMerge?: ((merged: CompactedBatch) => void) | undefined;
  /** Time, chance, turns and I/O; by default those of the process. */
  readonly environment?: Environment | undefined;
}

const OTHERS: OptionKinds = {
  compression: withMethods("a compression", "deflate()", ["compress", "decompress"]),
  lenses: {
    expected: "a list of what makes lenses, such as [temporalLenses]",
    accepts: (found) => Array.isArray(found) && found.every((one) => typeof one?.lens === "function"),
  },
  pollMs: numberWithin(1, 2 ** 31, true),
  once: BOOLEAN,
  onLeave: FUNCTION,
  onMerge: FUNCTION,
  environment: withMethods("an environment", "systemEnvironment()", ["now", "random", "schedule", "io"]),
};

/**
 * Makes merges for the writer of a store, which has the place open meanwhile: takes what it offers, one at a time, and hands
 * over what has come of it. Keeps nothing, decides nothing, and needs no schemas: run as many as you like, anywhere from where
 * the place can be reached, and end them whenever you like. Resolves when the signal has fired, or with `once` when it finds nothing.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`; `ZSPINE_NOT_SUPPORTED` for a backend that takes no guests; what opening and
 *   listing fail with. A merge that fails is told to the writer, which makes it itself.
 */
export async function runCompactor(given: CompactorOptions): Promise<void> {
  const options = requireOptions(given, "runCompactor", { backend: OPENER, signal: SIGNAL }, OTHERS);
  const { backend: opener, environment = systemEnvironment(), signal, pollMs = 1000 } = options;
  if (signal === undefined) throw refused(["runCompactor", "signal"], SIGNAL.expected, undefined);
  const backend = environment.io(await opener.open({ guest: true }));
  try {
    const passed = new Set<string>();
    const kinds = new Set(options.lenses?.map(({ kind }) => kind));
    while (!signal.aborted) {
      const job = await takeJob(backend, kinds, passed);
      if (job === undefined && options.once === true) break;
      if (job === undefined) await turn(environment, pollMs);
      else await new Compactor(backend, environment, job, options).run();
    }
  } finally {
    await backend.close();
  }
}

/** Takes a job that nobody has, and that looks through nothing but what is known. @param passed Those that were looked at. */
async function takeJob(
  backend: Backend,
  kinds: ReadonlySet<string>,
  passed: Set<string>,
): Promise<CompactionJob | undefined> {
  const names = new Set<string>();
  for await (const name of backend.list(JOB_PREFIX)) names.add(name);
  for (const name of names) {
    const id = name.slice(JOB_PREFIX.length, -"/want".length);
    if (name !== nameOfJob(id, "want") || passed.has(id)) continue;
    passed.add(id);
    if (names.has(nameOfJob(id, "taken"))) continue;
    const bytes = await backend.get(name);
    if (bytes === undefined) continue;
    const job = decodeJob(bytes, id);
    if (job.lens !== null && !kinds.has(job.lens.kind)) continue;
    if (await backend.create!(nameOfJob(id, "taken"), new Uint8Array())) return job;
  }
  return undefined;
}

/** Rows that are merged between two turns of others. */
const FUEL = 32_768;

/** Makes one merge. */
class Compactor {
  private readonly backend: Backend;
  private readonly environment: Environment;
  private readonly job: CompactionJob;
  private readonly options: CompactorOptions;
  private readonly written: string[] = [];

  constructor(backend: Backend, environment: Environment, job: CompactionJob, options: CompactorOptions) {
    this.backend = backend;
    this.environment = environment;
    this.job = job;
    this.options = options;
  }

  /** Makes it, or says why not. @throws (rejects with) what even that fails with. */
  async run(): Promise<void> {
    const { backend, job, options } = this;
    try {
      const merge = await this.merge();
      if (merge === undefined) {
        this.leave(undefined);
        return;
      }
      const batch = merge.made?.file?.head ?? null;
      await backend.create!(nameOfJob(job.id, "done"), encodeResult(job.id, { batch, error: null }));
      options.onMerge?.({ trace: job.trace, inputs: job.inputs.length, bytes: batch?.bytes ?? 0 });
    } catch (error) {
      const told = error instanceof Error ? error : new Error(String(error));
      await this.undo();
      const result = encodeResult(job.id, { batch: null, error: told.message });
      await backend.create!(nameOfJob(job.id, "done"), result);
      this.leave(told);
    }
  }

  private leave(error: Error | undefined): void {
    const { trace, inputs } = this.job;
    this.options.onLeave?.({ trace, inputs: inputs.length, error });
  }

  /** Merges; nothing when it was ended, or nobody waits for it any more. */
  private async merge(): Promise<Merge | undefined> {
    const { backend, environment, job, options } = this;
    const ledger = new Ledger(0);
    const loader = new Loader(backend, ledger, compressionsOf(options.compression), true);
    const layout = columnsOf(job);
    const batches = await Promise.all(
      job.inputs.map(async (head) => {
        const { file, index } = await findBatch(backend, job.trace, head);
        const where = `${describeBatch(job.trace, head.id)}, index`;
        return new Batch(layout as Layout, slotsOfIndex(decodeFences(index, layout.kinds, where), file));
      }),
    );
    const { writer, batch } = identityOfBatch(job.id);
    const sink = new BatchWriter(job.trace, layout as Layout, {
      seed: job.seed,
      compression: this.compressionOf(job.compression),
      hasFilters: () => true,
      names: new BatchNames(writer, batch - 1),
      valueBytes: job.valueBytes,
      ledger,
    });
    const lens = job.lens === null ? undefined : this.lensOf(job.lens, layout);
    const merge = new Merge({ name: job.trace, layout }, batches, sink, lens);
    for (;;) {
      merge.work(FUEL);
      await this.write(merge.takeOps());
      if (merge.isDone) break;
      if (merge.isHungry) await merge.feed(loader);
      else await turn(environment);
      if (options.signal.aborted) break;
    }
    const isWanted = merge.isDone && (await backend.get(nameOfJob(job.id, "want"))) !== undefined;
    if (isWanted) return merge;
    this.written.push(nameOfJob(job.id, "taken"));
    await this.undo();
    return undefined;
  }

  private async write(ops: readonly WriteOp[]): Promise<void> {
    if (ops.length === 0) return;
    this.written.push(...ops.map(({ name }) => name));
    await this.backend.write(ops);
  }

  /** Removes what it has written, of which nobody will make anything. */
  private async undo(): Promise<void> {
    await this.backend.write(this.written.map((name) => ({ type: "remove", name })));
  }

  private lensOf({ kind, terms }: DescribedLens, columns: Columns): MergeLens {
    return this.options.lenses!.find((one) => one.kind === kind)!.lens(terms, columns);
  }

  private compressionOf(id: number): Compression | undefined {
    if (id === 0) return undefined;
    const found = compressionsOf(this.options.compression).find((one) => one.id === id);
    if (found !== undefined) return found;
    throw refused(["runCompactor", "compression"], `the compression of the store, of id ${id}`, undefined);
  }
}
