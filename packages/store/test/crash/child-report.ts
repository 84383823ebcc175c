/** A part of a child's life. */
export type Part = "open" | "check" | "work" | "merge" | "compact";

/** How and when a child is killed. */
export type KillPlan =
  /** By its parent, so many milliseconds after it was started. */
  | { readonly kind: "start"; readonly afterMs: number }
  /** By its parent, so many milliseconds after it was found in order. */
  | { readonly kind: "delay"; readonly afterMs: number }
  /** By its parent, as soon as it has acknowledged so many commits. */
  | { readonly kind: "acknowledged"; readonly commits: number }
  /** By itself, at the n-th call of its backend in a part of its life, from 1. */
  | {
      readonly kind: "call";
      readonly part: Exclude<Part, "check">;
      readonly call: number;
      readonly when: "before" | "during" | "after";
    }
  /** Not at all: it ends in order. */
  | { readonly kind: "none" };

/** What a child is told, in JSON. */
export interface ChildOrder {
  readonly backend: "file" | "level";
  readonly location: string;
  readonly seed: number;
  /** The steps that it does at the most before it ends. */
  readonly steps: number;
  readonly plan: KillPlan;
}

/** A line that a child prints, in JSON. */
export type ChildLine =
  /** The store is open. */
  | {
      readonly type: "open";
      readonly head: number;
      readonly steps: number;
      readonly orphans: number;
      readonly orphansRemoved: number;
      readonly problems: readonly string[];
    }
  /** What was found wrong with it; nothing, one hopes. */
  | {
      readonly type: "checked";
      readonly problems: readonly string[];
      readonly storedBytes: number;
      readonly diskBytes: number;
    }
  /** Another part of its life begins, which is told of long ones. */
  | { readonly type: "part"; readonly part: Part }
  /** A commit is called, after which so many steps will have been made. */
  | { readonly type: "called"; readonly steps: number }
  /** A commit was acknowledged, after which so many steps have been made. */
  | { readonly type: "acknowledged"; readonly steps: number }
  /** The child is about to kill itself, during this. */
  | { readonly type: "kill"; readonly during: string }
  | { readonly type: "closed" };
