import type { IndexedZSet, Infer, Schema } from "@zspine/core";
import type { JsonOf, Metadata, Trace } from "@zspine/store";
import type { FeedDelivery } from "../feed/feed-options.ts";
import type { Time } from "../operator/operator.ts";
import type { AnyStream, Stream } from "../wiring/stream.ts";
import type { GivenDelta } from "./given-delta.ts";

/** The inputs of a pipeline: schemas by name. */
export type Inputs = Readonly<Record<string, { readonly key: Schema; readonly value: Schema }>>;

/** The outputs of a pipeline: streams by name. */
export type Outputs = Readonly<Record<string, AnyStream>>;

/** What a step changes of inputs. */
export type Deltas<I extends Inputs> = {
  readonly [Name in keyof I]?: GivenDelta<Infer<I[Name]["key"]>, Infer<I[Name]["value"]>> | undefined;
};

/** What a step has changed of each output: empty where it is as it was. */
export type OutputDeltas<O extends Outputs> = {
  readonly [Name in keyof O]: O[Name] extends Stream<infer K, infer V> ? IndexedZSet<K, V> : never;
};

/** The traces of the outputs. */
export type OutputTraces<O extends Outputs> = {
  readonly [Name in keyof O]: O[Name] extends Stream<infer K, infer V> ? Trace<K, V> : never;
};

/** What feeds of the outputs deliver. */
export type OutputDeliveries<O extends Outputs> = {
  readonly [Name in keyof O]: O[Name] extends Stream<infer K, infer V> ? FeedDelivery<K, V> : never;
};

/** How to make a step. */
export interface StepOptions<O extends Outputs, T extends Time, M extends object = Metadata> {
  /** The time of the step, in a pipeline that has one: not before that of the last step, which it is by default. */
  readonly now?: T | undefined;
  /** Replaces the pipeline's metadata in the same commit, and the store's: such as the offset of the source. */
  readonly metadata?: (M & JsonOf<M>) | undefined;
  /** As of `store.commit()`. */
  readonly durability?: "sync" | "relaxed" | undefined;
  /** Takes the step back as long as its commit has not begun to write. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with what comes out, before anything is inserted: what it inserts into other traces of the store goes with the
   * commit of the step. When that fails, it stays for the next, as rows do that are inserted by hand.
   */
  readonly alongside?: ((changes: OutputDeltas<O>) => void) | undefined;
}

/** What a step has done. */
export interface StepResult<O extends Outputs> {
  /** Steps are numbered from 1. */
  readonly number: number;
  /** The token of its commit. */
  readonly token: number;
  readonly changes: OutputDeltas<O>;
  /** How many rows were read of traces for it. */
  readonly rowsRead: number;
}
