import type { HeadMark } from "../head/head.ts";
import type { Metadata } from "../head/metadata.ts";
import type { TraceState } from "../trace/trace-state.ts";

type AnyState = TraceState<unknown, unknown>;

/** A commit that is held. */
interface HeldCommit {
  readonly metadata: Metadata;
  holders: number;
}

/**
 * The commits whose rows every trace keeps apart from what came later: by holds that have names, for as long as heads
 * say so, and by whoever reads one. Which traces are open does not matter: one that is opened later holds its place too.
 */
export class HeldCommits {
  private readonly commits = new Map<number, HeldCommit>();
  private readonly states: () => Iterable<AnyState>;

  /** @param states Gives the open traces. */
  constructor(states: () => Iterable<AnyState>) {
    this.states = states;
  }

  /** The metadata of a commit that is held; `undefined` for one that is not. */
  metadataOf(commit: number): Metadata | undefined {
    return this.commits.get(commit)?.metadata;
  }

  /** Holds a commit once more: the newest one, or one that is held already. */
  hold(commit: number, metadata: Metadata): void {
    const existing = this.commits.get(commit);
    if (existing !== undefined) existing.holders++;
    else {
      this.commits.set(commit, { metadata, holders: 1 });
      for (const state of this.states()) state.mark(commit);
    }
  }

  /** Lets go of it once. */
  release(commit: number): void {
    const held = this.commits.get(commit)!;
    if (--held.holders > 0) return;
    this.commits.delete(commit);
    for (const state of this.states()) state.unmark(commit);
  }

  /** What a trace has held at each of them, by what a head says of it: where that says nothing of one, `all`. */
  marks(said: readonly HeadMark[], all: Omit<HeadMark, "commit">): HeadMark[] {
    return Array.from(
      this.commits.keys(),
      (commit) => said.find((mark) => mark.commit === commit) ?? { commit, ...all },
    );
  }
}
