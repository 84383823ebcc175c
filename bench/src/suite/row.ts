import type { Answers } from "../workload/answers.ts";
import type { Kind } from "../workload/kind.ts";

/** Parts of the suite, in the order in which they are run. */
export const PARTS = ["bulk", "steps", "disk", "state", "budget", "growth", "runtimes"] as const;
export type Part = (typeof PARTS)[number];

/** A row: a work that contestants do in turn on the same rows. */
export interface Row {
  readonly part: Part;
  /** What it is called in tables; with kind and size it is what `--filter` looks in. */
  readonly title: string;
  readonly work: string;
  readonly kind: Kind;
  readonly n: number;
  /** Rows, keys, commits or whatever a run does so many of. */
  readonly units: number | ((answers: Answers) => number);
  /** Who takes part, and by which work where it is not that of the row. */
  readonly contestants: readonly string[];
  readonly ways?: Readonly<Record<string, string>>;
  /** What every run must answer. */
  readonly answer: (answers: Answers) => number;
  /** What `check` must answer, once before the first run. */
  readonly check?: (answers: Answers) => number;
  /** Rows of one scene that follow one another are played by the same processes. */
  readonly scene?: string;
  /** Each run in a process of its own, that does it so many times, of which the last counts. */
  readonly fresh?: number;
  /** A work that each contestant does once in a process of its own before. */
  readonly prepare?: string;
  /** Runs, where it is not for the suite to say. */
  readonly runs?: number;
}

/** The name of a row in a result file. */
export function idOf({ title, kind, n }: Pick<Row, "title" | "kind" | "n">): string {
  return `${title}, ${kind}, ${n} rows`;
}
