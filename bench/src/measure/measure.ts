import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { do_not_optimize } from "mitata";
import type { Subject, Trial } from "./trial.ts";

/** How long to measure. */
export interface Effort {
  /** Least number of, and time to spend on, runs that are not counted, so that V8 has optimised them. */
  readonly warmUpRuns: number;
  readonly warmUpMs: number;
  /** Time to spend on counted runs of it, once there are `iterationsMin`. */
  readonly targetMs: number;
  readonly iterationsMin: number;
  readonly iterationsMax: number;
  /** Time after which plain JavaScript is left out of the further runs. */
  readonly plainMs: number;
}

/** Times of runs in nanoseconds; runs of the same number came one right after the other. */
export interface Times {
  readonly zspine: number[];
  readonly plain: number[];
}

/**
 * Runs both subjects of a trial in turn, so that what else the machine does falls on both alike; which of
 * them is first changes each time.
 *
 * @throws `Error` when a run gives another answer than the naive computation.
 */
export async function measure(trial: Trial, effort: Effort): Promise<Times> {
  const times: Times = { zspine: [], plain: [] };
  await warmUp(trial, effort);
  // Once, not before each run: what is freed goes back to the system, and the next run pays to get it again.
  if (effort.warmUpRuns > 0) collectGarbage();
  let spentMs = 0;
  let plainSpentMs = 0;
  for (let run = 0; run < effort.iterationsMax; run++) {
    if (run >= effort.iterationsMin && spentMs >= effort.targetMs) break;
    const plain = plainSpentMs < effort.plainMs ? trial.plain : undefined;
    const isPlainFirst = run % 2 === 1;
    if (plain !== undefined && isPlainFirst) times.plain.push(await timeRun(plain, trial));
    times.zspine.push(await timeRun(trial.zspine, trial));
    if (plain !== undefined && !isPlainFirst) times.plain.push(await timeRun(plain, trial));
    spentMs += times.zspine.at(-1)! / 1e6;
    if (plain !== undefined) plainSpentMs += times.plain.at(-1)! / 1e6;
  }
  return times;
}

async function warmUp(trial: Trial, effort: Effort): Promise<void> {
  let runs = 0;
  for (let spentMs = 0; runs < effort.warmUpRuns || spentMs < effort.warmUpMs; runs++) {
    spentMs += (await timeRun(trial.zspine, trial)) / 1e6;
  }
  if (trial.plain === undefined || runs === 0) return;
  for (let spentMs = 0; spentMs < effort.warmUpMs;) spentMs += (await timeRun(trial.plain, trial)) / 1e6;
}

async function timeRun(subject: Subject, trial: Trial): Promise<number> {
  await subject.before?.();
  const start = performance.now();
  const pending = subject.run();
  const answer = typeof pending === "number" ? pending : await pending;
  const time = performance.now() - start;
  do_not_optimize(answer);
  if (answer !== trial.answer) {
    const who = subject === trial.zspine ? "zspine" : "plain JavaScript";
    throw new Error(`${who} answered ${answer}, the naive computation ${trial.answer}`);
  }
  return time * 1e6;
}

/** Collects all garbage, whether or not the process was started with `--expose-gc`. */
export function collectGarbage(): void {
  collect ??= exposeCollect();
  collect();
}

let collect: (() => void) | undefined;

function exposeCollect(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
