import type { Backend, Compression, Environment } from "@zspine/core";
import type { HashSeed } from "@zspine/core/engine";
import type { BatchNames } from "../tier/batch-names.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SpineMerge } from "./spine.ts";

/** What an executor is told of the store whose merges it makes. */
export interface ExecutorSurroundings {
  /** Writes nothing any more once the store is in doubt. */
  readonly backend: Backend;
  readonly environment: Environment;
  readonly keeper: ValueKeeper;
  readonly names: BatchNames;
  readonly seed: HashSeed;
  readonly compression: Compression | undefined;
  /** Makes merges in the thread of the store. */
  readonly inline: Executor;
}

/** Has merges made elsewhere: what `compactors()` gives. */
export interface Compactors {
  readonly name: string;
  /** Called by the store that it is given to: an executor, of what that tells. */
  executor(surroundings: unknown): unknown;
}

/**
 * Does the work of the merges of one store: between the turns of others, or elsewhere. What is due, what a merge needs
 * and what becomes of it is the scheduler's; when and where rows are merged is the executor's.
 */
export interface Executor {
  /** Told that rounds follow after a rest. */
  begin(): void;
  /**
   * Brings every merge of a round on: by as much as it sees fit, or until it is hungry or done. Gives a pause where
   * others are to have their turn, and is to be asked to go on when it is over; it may find then that a spine has let
   * go of a merge, which is left as it is. A merge that fails is told with its error, and does not keep others from
   * going on.
   */
  work(
    round: readonly SpineMerge[],
    fail: (merge: SpineMerge, error: unknown) => void,
  ): Iterable<Promise<void>>;
  /** Ends the round in hand as soon as may be, for there are none to come. */
  stop(): void;
}
