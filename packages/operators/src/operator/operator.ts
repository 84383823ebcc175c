import type { IndexedZSet, KeyBounds, Row, Schema, WeightedValue, ZSet } from "@zspine/core";

/** A Z-set of whatever rows: within a pipeline types have been checked, and rows are what their layouts say. */
export type Delta = IndexedZSet<unknown, unknown>;

/** Keys of a stream. */
export type Keys = ZSet<unknown>;

/** The schemas of the rows of a stream or of a state. */
export interface RowSchemas {
  readonly key: Schema;
  readonly value: Schema;
}

/** What is read of a trace as it was before the step. Every row that is given is counted as read. */
export interface StateReader {
  /** Reads the rows of some keys. */
  rowsOf(keys: Keys): Promise<Delta>;
  /** Tells the weight of a row. */
  weight(key: unknown, value: unknown): Promise<number>;
  /** Reads rows in order, as far as they are asked for. */
  rows(range: KeyBounds<unknown> & { readonly reverse?: boolean }): AsyncIterable<Row<unknown, unknown>>;
}

/** What an operator is given in a step. */
export interface StepInput {
  /** What has changed of each input, and what each was before, where the operator asks for it. */
  readonly inputs: readonly { readonly delta: Delta; readonly before: StateReader }[];
  /** What it kept for itself, as it was before. */
  readonly state: StateReader;
  /** The time of the step, where the pipeline has one. */
  readonly now: Time | undefined;
}

/** The time of a step. */
export type Time = number | string;

/** What an operator makes of a step: the change of what comes out, and of what it keeps for itself. */
export interface StepOutput {
  readonly delta: Delta;
  readonly state?: Delta | undefined;
}

/**
 * What a node of a pipeline does. It holds nothing between steps: all it knows is in traces, so that a step which is not
 * committed is not there. `step` must give the same for the same input, and may be called with everything as the delta and
 * nothing before, to begin.
 */
export interface Operator {
  /** What it is, with everything that its results depend on but the inputs: equal for operators that do the same. */
  readonly text: string;
  /** The rows that come out. */
  readonly output: RowSchemas;
  /** For each input, whether `before` is read: then its stream is kept in a trace. */
  readonly keepsInputs: readonly boolean[];
  /** The rows that it keeps for itself, where it does. */
  readonly state?: RowSchemas | undefined;
  /** Whether it has something to do in a step in which no input changes, but time goes on. */
  readonly isTimed?: boolean | undefined;
  step(input: StepInput): StepOutput | Promise<StepOutput>;
}

/** The rows of one key. */
export type Values = readonly WeightedValue<unknown>[];
