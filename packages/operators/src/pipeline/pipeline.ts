import {
  checkOptions,
  FUNCTION,
  isZspineError,
  oneOf,
  refused,
  SIGNAL,
  throwIfAborted,
  ZspineError,
  type Serializer,
} from "@zspine/core";
import { ANY, compareNatural, quoteNames } from "@zspine/core/engine";
import type { CommitOptions, Metadata, Store } from "@zspine/store";
import { copyMetadata } from "@zspine/store/trace-kind";
import { feed } from "../feed/feed.ts";
import type { FeedOptions } from "../feed/feed-options.ts";
import type { Node } from "../node/node.ts";
import type { Delta, Time } from "../operator/operator.ts";
import type { Plan } from "../wiring/plan.ts";
import type { PipelineRecord, StoredStep } from "../wiring/record.ts";
import { Evaluation, type Evaluated } from "./evaluation.ts";
import { deltaOf } from "./given-delta.ts";
import type { AnyTrace } from "./state-reader.ts";
import type {
  Deltas,
  Inputs,
  OutputDeliveries,
  OutputDeltas,
  Outputs,
  OutputTraces,
  StepOptions,
  StepResult,
} from "./step.ts";

/** What a pipeline stands on. */
export interface PipelineParts {
  readonly name: string;
  readonly store: Store;
  readonly plan: Plan;
  readonly inputs: ReadonlyMap<string, Node>;
  readonly traces: ReadonlyMap<string, AnyTrace>;
  readonly record: PipelineRecord;
  readonly serializer: Serializer | undefined;
  readonly hasTime: boolean;
  /** The last step as it is stored, and as text; missing before there was one. */
  readonly step: StoredStep;
  readonly stepText: string | undefined;
  /** What the first step is to store of the wiring, where nothing is stored, and the traces that go with it. */
  readonly first: { readonly wiring: Delta; readonly drops: readonly string[] } | undefined;
}

/** A step of which it is not known whether it was committed. */
interface Doubt {
  readonly step: StoredStep;
  readonly text: string;
}

/**
 * Operators over the traces of a store, as they were wired: see {@link pipeline}. It goes on by steps, each of which is
 * one commit: inputs, outputs, what operators keep, the number of the step and its metadata are committed together, or
 * none of them. So who opens it again, after whatever end, finds it after its last committed step, and goes on from its
 * metadata.
 */
export class Pipeline<I extends Inputs, O extends Outputs, T extends Time = Time> {
  readonly name: string;
  /** The traces of the outputs, to be read, also by `store.at(token).of(trace)`; and to be inserted into by nobody. */
  readonly outputs: OutputTraces<O>;
  private readonly parts: PipelineParts;
  private last: StoredStep;
  private lastText: string | undefined;
  private first: PipelineParts["first"];
  private doubt: Doubt | undefined;
  private isBusy = false;
  private isReplaced = false;

  /** Use `pipeline()`. */
  constructor(parts: PipelineParts) {
    const { name, plan, traces, step, stepText } = parts;
    this.name = name;
    this.parts = parts;
    this.last = step;
    this.lastText = stepText;
    this.first = parts.first;
    const outputs = plan.traces.filter(({ role }) => role === "output");
    this.outputs = Object.fromEntries(
      outputs.map((output) => [output.name, traces.get(output.name)!]),
    ) as unknown as OutputTraces<O>;
  }

  /** The names of its traces. */
  get traces(): string[] {
    return this.parts.plan.traces.map((trace) => trace.name);
  }

  /** How many steps it has made, in all processes. */
  get steps(): number {
    return this.last.number;
  }

  /** The metadata of the last step that had some; `{}` before. */
  get metadata(): Metadata {
    return this.last.metadata;
  }

  /** The time of the last step that had one. */
  get now(): T | undefined {
    return (this.last.now ?? undefined) as T | undefined;
  }

  /**
   * Goes on by one step: adds deltas to inputs, works out what that changes, and commits all of it. Costs the deltas, what
   * the operators read for them, and a commit; nothing is written before all is worked out. What is left out does not change.
   *
   * A step that is rejected did nothing, and can be made again; unless its commit was indeterminate: then call
   * {@link Pipeline.settle}, and go on from `metadata`.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` while another step is under way, or one is in doubt; `ZSPINE_SCHEMA`,
   *   `ZSPINE_INVALID_OPTIONS`, `ZSPINE_WEIGHT_RANGE` for rows that are refused; `ZSPINE_TIME_REGRESSED` for a time before
   *   that of the last step; `ZSPINE_CLOSED` when it has been opened again; as `store.commit()`; what its functions throw.
   */
  async step<M extends object = Metadata>(
    deltas: Deltas<I>,
    options: StepOptions<O, T, M> = {},
  ): Promise<StepResult<O>> {
    return this.alone("a step", async () => {
      if (this.doubt !== undefined) throw inDoubt(this.name, this.doubt.step.number);
      const { metadata, durability, signal, alongside, now } = checkOptions(options, "step", STEP);
      throwIfAborted(signal, "the step");
      const { plan, traces, serializer } = this.parts;
      const time = this.timeOf(now);
      const given = {
        inputs: this.readDeltas(deltas),
        now: time,
        isLater: time !== this.now,
        signal,
      };
      const step = {
        number: this.last.number + 1,
        now: time ?? null,
        metadata: metadata === undefined ? this.last.metadata : copyMetadata(metadata),
      };
      const evaluated = await new Evaluation(plan, traces, serializer, given).run();
      throwIfAborted(signal, "the step");
      const changes = Object.fromEntries(evaluated.outputs) as unknown as OutputDeltas<O>;
      alongside?.(changes);
      const token = await this.commit(step, evaluated, {
        metadata: metadata as Metadata | undefined,
        durability,
        signal,
      });
      return { number: step.number, token, changes, rowsRead: evaluated.rowsRead };
    });
  }

  /**
   * Finds out what became of a step whose commit was indeterminate, and sees to it that it is there: it is the last step
   * then, whose number and metadata the pipeline tells. Does nothing where none is in doubt.
   *
   * @throws (rejects with) as `store.commit()`; it is in doubt still.
   */
  async settle(): Promise<void> {
    await this.alone("settle()", async () => {
      const { doubt } = this;
      if (doubt === undefined) return;
      await this.parts.store.commit();
      this.take(doubt);
    });
  }

  /** Tells what commits change of an output, from a token on: see {@link feed}. */
  feed<Name extends keyof O & string>(
    output: Name,
    options?: FeedOptions,
  ): AsyncGenerator<OutputDeliveries<O>[Name], void, undefined> {
    const trace = (this.outputs as Record<string, AnyTrace>)[output];
    if (trace === undefined)
      throw refused(
        ["feed"],
        "an output of the pipeline",
        output,
        `known: ${quoteNames(Object.keys(this.outputs))}`,
      );
    return feed(this.parts.store, trace, options) as AsyncGenerator<
      OutputDeliveries<O>[Name],
      void,
      undefined
    >;
  }

  /** Ends it, for another that is opened by its name. @throws `ZSPINE_CONFLICT` while a step is under way; as `settle`. */
  async replace(): Promise<void> {
    await this.settle();
    this.isReplaced = true;
  }

  /** Goes on with it, for there is no other. */
  resume(): void {
    this.isReplaced = false;
  }

  /** Inserts what was worked out and commits it, in one go: no commit of another comes in between. */
  private async commit(step: StoredStep, { changes }: Evaluated, options: CommitOptions): Promise<number> {
    const { record, store, name } = this.parts;
    const text = JSON.stringify(step);
    changes.put(
      record.trace as unknown as AnyTrace,
      record.change(name, "step", this.lastText, text) as Delta,
    );
    const { wiring, drops = [] } = this.first ?? {};
    if (wiring !== undefined) changes.put(record.trace as unknown as AnyTrace, wiring);
    changes.insert();
    try {
      const token = await store.commit({ ...options, drops: drops.filter((gone) => store.has(gone)) });
      this.take({ step, text });
      return token;
    } catch (error) {
      const told = await changes.undo(error, () => record.has(name, "step", text));
      if (!isZspineError(told) || !told.determinate) this.doubt = { step, text };
      throw told;
    }
  }

  private take({ step, text }: Doubt): void {
    this.last = step;
    this.lastText = text;
    this.first = undefined;
    this.doubt = undefined;
  }

  private readDeltas(deltas: Deltas<I>): Map<string, Delta> {
    const { inputs } = this.parts;
    const read = new Map<string, Delta>();
    const kinds = Object.fromEntries([...inputs.keys()].map((name) => [name, ANY]));
    for (const [name, given] of Object.entries(checkOptions<Record<string, unknown>>(deltas, "step", kinds)))
      read.set(name, deltaOf(name, inputs.get(name)!, given));
    return read;
  }

  private timeOf(given: unknown): Time | undefined {
    const { now } = this;
    if (given === undefined) return now;
    const { hasTime } = this.parts;
    if (!hasTime)
      throw refused(["step", "now"], "a pipeline with a time", given, "wire it with { time: z.int(), … }");
    const isTime = (typeof given === "number" && Number.isFinite(given)) || typeof given === "string";
    if (!isTime || (now !== undefined && typeof now !== typeof given))
      throw refused(["step", "now"], "a number or a text, as the time of the pipeline is", given);
    if (now === undefined || compareNatural(now, given) <= 0) return given;
    throw new ZspineError(
      "ZSPINE_TIME_REGRESSED",
      `step.now: the last step was at ${JSON.stringify(now)}, and time cannot go back to ${JSON.stringify(given)}; nothing was changed`,
      { path: ["step", "now"] },
    );
  }

  private async alone<R>(what: string, work: () => Promise<R>): Promise<R> {
    if (this.isReplaced) throw replaced(this.name);
    if (this.isBusy) throw busy(this.name, what);
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }
}

const STEP = {
  now: ANY,
  metadata: ANY,
  durability: oneOf("sync", "relaxed"),
  signal: SIGNAL,
  alongside: FUNCTION,
};

function busy(name: string, what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `${what} of the pipeline ${JSON.stringify(name)} came while a step is under way; await that first`,
  );
}

function replaced(name: string): ZspineError {
  const message = `the pipeline ${JSON.stringify(name)} has been opened again since; use that one`;
  return new ZspineError("ZSPINE_CLOSED", message);
}

function inDoubt(name: string, number: number): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `it is not known whether step ${number} of the pipeline ${JSON.stringify(name)} was committed; await settle(), and go on from its metadata`,
  );
}
