import { checkOptions, numberWithin, type OptionKinds } from "@zspine/core";
import type { Compactors, ExecutorSurroundings } from "../merge/executor.ts";
import { JobBoard } from "./job-board.ts";

/** Which merges are made elsewhere. */
export interface CompactorsOptions {
  /** Bytes that the batches of a merge take in the backend at the least; 0–2⁴⁰, by default 16 MiB. Smaller ones stay here. */
  readonly bytesLeast?: number | undefined;
  /**
   * Milliseconds for which a merge waits for a compactor to take it; 1–2³¹, by default 2,000. When nobody has, it is made
   * here, and nothing is offered for ten times as long.
   */
  readonly takenMs?: number | undefined;
  /** Milliseconds for which it waits for who has taken it; 1–2³¹, by default 600,000. Then it is made here. */
  readonly doneMs?: number | undefined;
  /** Milliseconds between two looks for what has come of it; 1–2³¹, by default 200. */
  readonly pollMs?: number | undefined;
}

const MILLISECONDS = numberWithin(1, 2 ** 31, true);
const KINDS: OptionKinds = {
  bytesLeast: numberWithin(0, 2 ** 40, true),
  takenMs: MILLISECONDS,
  doneMs: MILLISECONDS,
  pollMs: MILLISECONDS,
};

/**
 * Has large merges of stored batches made by compactors, which are other processes: see `runCompactor()`. Costs a value for
 * each of these merges, and reads while one is waited for; nothing while nothing is merged. For a backend that takes guests,
 * such as `file()`. What nobody makes is made here: of traces of other kinds what no compactor was given the lenses of.
 *
 * ```ts
 * await using store = await openStore({ backend: file({ location: "./data" }), compactors: compactors() });
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function compactors(options: CompactorsOptions = {}): Compactors {
  const checked = checkOptions(options, "compactors", KINDS);
  const { bytesLeast = 16 * 1024 * 1024, takenMs = 2000, doneMs = 600_000, pollMs = 200 } = checked;
  const terms = { bytesLeast, takenMs, doneMs, pollMs };
  return {
    name: "compactors",
    executor: (surroundings) => new JobBoard(terms, surroundings as ExecutorSurroundings),
  };
}
