import type { HeadTrace } from "../head/head.ts";
import type { BatchFile } from "../tier/batch-file.ts";
import type { StoredBatch, StoredRun } from "./stages.ts";

/** What a head that is being made says of the whole store, as far as its traces need it. */
export interface HeadSays {
  readonly number: number;
  /** The commits that are held. */
  readonly held: Iterable<number>;
}

/**
 * What commits ask of a trace, all of it. In return a trace tells ({@link CommitWatcher}) when a commit would find
 * something, so that commits ask only those that have something to say.
 */
export interface CommitSource {
  readonly name: string;
  isDropped: boolean;
  /** Tells whether a commit is to wait for merges: there would be more than so many batches, or they keep too much. */
  isBehind(batchesMax: number): boolean;
  /** Whether it has rows that no commit has acknowledged. */
  readonly hasUncommitted: boolean;
  /** Holds a boundary: rows below it belong to a commit and are not discarded while it waits. */
  holdCut(): number;
  releaseCut(boundary: number): void;
  /** Takes what lies below a held boundary into a commit. Gives the rows taken. */
  beginCommit(boundary: number): number;
  /** Puts what was taken where the outcome says: `written` stands for it then, where it is stored. */
  endCommit(isCommitted: boolean, written: readonly StoredRun[]): void;
  /** The number of the head that named it first; missing until that is acknowledged. */
  created: number | undefined;
  /** What a head says of it while a commit is in flight, which has written `added`. */
  describe(added: readonly StoredBatch[], says: HeadSays): HeadTrace;
  /** The batches that commits have acknowledged, as they lie in the backend. */
  committedFiles(): readonly BatchFile[];
  /** Lets go of all rows, when it has been dropped. */
  clear(): void;
}

/** What a trace tells of itself to whoever commits it; besides, finished merges: see `TraceSurroundings.onMerge`. */
export interface CommitWatcher {
  /** Told when rows come, or are about to, to a trace that may have had none which are not committed; often is harmless. */
  onRows(): void;
}
