import { turn, ZspineError, type Layout } from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { decodeFences } from "../block/block-index.ts";
import type { HeadBatch } from "../head/head.ts";
import type { Executor, ExecutorSurroundings } from "../merge/executor.ts";
import type { Merge } from "../merge/merge.ts";
import type { SpineMerge } from "../merge/spine.ts";
import { findBatch } from "../recovery/found-batch.ts";
import { BATCH_PREFIX } from "../tier/batch-names.ts";
import { slotsOfIndex } from "../tier/stored-slots.ts";
import { decodeResult, encodeJob, lettersOf, nameOfJob } from "./compaction-job.ts";

/** Which merges are offered, and how long is waited for. */
export interface JobTerms {
  /** Bytes that the batches of a merge take in the backend, at the least. */
  readonly bytesLeast: number;
  /** Milliseconds in which somebody is to take a job. */
  readonly takenMs: number;
  /** Milliseconds in which who has taken it is to have done it. */
  readonly doneMs: number;
  /** Milliseconds between two looks for what has come of a job. */
  readonly pollMs: number;
}

/** A merge that was offered. */
interface Job {
  readonly id: string;
  /** When it was offered, and from when on it has been somebody's. */
  since: number;
  isTaken: boolean;
  nextLook: number;
  /** Whether the store makes the merge itself. */
  isGivenUp: boolean;
  /** Values that were written for it, once its result has been taken over. */
  written: readonly string[];
}

/** Times that a job may take to be taken for which nothing is offered after one that nobody took. */
const REST_TIMES = 10;

/**
 * Offers large merges to compactors, and makes the others, and those that nobody has taken or done in time, by another
 * executor. A job is one value, under a name that the store has drawn; who creates the value beside it has it; what has come of
 * it is a third. The store reads that, checks it as it would check what it finds at opening, and puts it in place as a merge
 * of its own. Nobody else decides anything: a job that is not waited for any more is of no consequence, whoever does it and
 * when. How long is waited, the clock of the store alone says.
 */
export class JobBoard implements Executor {
  private readonly terms: JobTerms;
  private readonly surroundings: ExecutorSurroundings;
  private readonly jobs = new Map<SpineMerge, Job>();
  /** Until when nothing of a kind of lens is offered, for nobody takes it; "" stands for none. */
  private readonly restsUntil = new Map<string, number>();

  constructor(terms: JobTerms, surroundings: ExecutorSurroundings) {
    this.terms = terms;
    this.surroundings = surroundings;
  }

  begin(): void {
    this.surroundings.inline.begin();
  }

  *work(
    round: readonly SpineMerge[],
    fail: (merge: SpineMerge, error: unknown) => void,
  ): Iterable<Promise<void>> {
    const { environment, inline } = this.surroundings;
    this.sweep();
    for (const one of round) if (!this.jobs.has(one) && this.isWorthOffering(one)) yield this.offer(one);
    const here = round.filter((one) => this.jobs.get(one)?.isGivenUp !== false);
    yield* inline.work(here, fail);
    const offered = round.filter((one) => !here.includes(one));
    const next = Math.min(...offered.map((one) => this.jobs.get(one)!.nextLook));
    if (here.length === 0 && next > environment.now()) yield turn(environment, next - environment.now());
    for (const one of offered) {
      const job = this.jobs.get(one)!;
      if (job.nextLook <= environment.now()) yield this.look(one, job);
    }
  }

  stop(): void {
    this.surroundings.inline.stop();
    for (const job of this.jobs.values()) this.takeDown(job);
    this.jobs.clear();
  }

  /** Takes down what is not waited for any more: its spine has let go of the merge, or has put it in place. */
  private sweep(): void {
    for (const [one, job] of this.jobs) {
      if (one.spine !== undefined) continue;
      this.jobs.delete(one);
      this.takeDown(job);
      // It was taken over, and let go of before it was in its place.
      if (!one.isFinished) this.surroundings.keeper.discard(job.written);
    }
  }

  private isWorthOffering({ entries, merge }: SpineMerge): boolean {
    if (!merge.writes || merge.isBegun) return false;
    const kind = kindOf(merge);
    if (kind === undefined || this.surroundings.environment.now() < (this.restsUntil.get(kind) ?? -Infinity))
      return false;
    let bytes = 0;
    for (const { file } of entries) {
      if (file === undefined) return false;
      bytes += file.head.bytes;
    }
    return bytes >= this.terms.bytesLeast;
  }

  private async offer(one: SpineMerge): Promise<void> {
    const { backend, compression, environment, names, seed } = this.surroundings;
    const { owner } = one.merge;
    const { id } = names.next();
    const job = {
      id,
      trace: owner.name,
      kinds: lettersOf(owner.layout),
      keyColumns: owner.layout.keyColumns,
      seed,
      compression: compression?.id ?? 0,
      lens: one.merge.lens?.describe?.() ?? null,
      valueBytes: backend.capabilities.preferredValueBytes,
      inputs: one.entries.map(({ file }) => file!.head),
    };
    const now = environment.now();
    const offered: Job = {
      id,
      since: now,
      isTaken: false,
      nextLook: now + this.terms.pollMs,
      isGivenUp: false,
      written: [],
    };
    this.jobs.set(one, offered);
    try {
      await backend.write([{ type: "put", name: nameOfJob(id, "want"), bytes: encodeJob(job) }]);
    } catch {
      // Where nothing can be written, the merge tells of it.
      this.giveUp(offered);
    }
  }

  /** Looks what has become of a job, and how long it has taken. Never rejects: what is wrong with it is given up. */
  private async look(one: SpineMerge, job: Job): Promise<void> {
    const { backend, environment } = this.surroundings;
    try {
      const bytes = await backend.get(nameOfJob(job.id, "done"));
      if (bytes !== undefined) {
        const { batch, error } = decodeResult(bytes, job.id);
        if (error === null) await this.takeOver(one, job, batch);
        else this.giveUp(job);
        return;
      }
      if (!job.isTaken && (await backend.get(nameOfJob(job.id, "taken"))) !== undefined) {
        job.isTaken = true;
        job.since = environment.now();
      }
    } catch {
      this.giveUp(job);
      return;
    }
    const now = environment.now();
    job.nextLook = now + this.terms.pollMs;
    if (now - job.since <= (job.isTaken ? this.terms.doneMs : this.terms.takenMs)) return;
    if (!job.isTaken) this.restsUntil.set(kindOf(one.merge)!, now + REST_TIMES * this.terms.takenMs);
    this.giveUp(job);
  }

  /** Makes what has come of a job the result of its merge. @throws (rejects with) `ZSPINE_CORRUPT` for what cannot be. */
  private async takeOver(one: SpineMerge, job: Job, head: HeadBatch | null): Promise<void> {
    const { merge, entries } = one;
    const { name, layout } = merge.owner;
    if (head === null) {
      merge.takeOver(undefined, []);
      return;
    }
    const { backend } = this.surroundings;
    const where = `what a compactor has made of the trace ${JSON.stringify(name)}`;
    if (head.id !== job.id) throw new ZspineError("ZSPINE_CORRUPT", `${where} is not what was asked for`);
    const { file, index } = await findBatch(backend, name, head);
    const own = file.values.filter((value) => value.startsWith(`${BATCH_PREFIX}${job.id}/`));
    const ofInputs = new Set(entries.flatMap((entry) => entry.file!.values));
    for (const [at, value] of file.values.entries()) {
      const bytes = file.valueBytes[at]!;
      if (ofInputs.has(value)) continue;
      const last = own.includes(value) && (await backend.get(value, { offset: bytes - 1, length: 1 }));
      if (!last) throw new ZspineError("ZSPINE_CORRUPT", `${where} lies in ${value}, which is not there`);
    }
    const slots = slotsOfIndex(decodeFences(index, layout.kinds, where), file);
    job.written = own;
    merge.takeOver({ batch: new Batch(layout as Layout, slots), file }, own);
  }

  /** Has the store make the merge itself. Who still does it, does it in vain. */
  private giveUp(job: Job): void {
    job.isGivenUp = true;
    this.takeDown(job);
  }

  private takeDown({ id }: Job): void {
    const names = (["want", "taken", "done"] as const).map((part) => nameOfJob(id, part));
    this.surroundings.keeper.discard(names);
  }
}

/** The kind of what a merge looks through, "" for nothing; `undefined` where no other process can make it. */
function kindOf({ lens }: Merge): string | undefined {
  return lens === undefined ? "" : lens.describe?.()?.kind;
}
