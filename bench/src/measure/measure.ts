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
  /** Time after which what it is compared with is left out of the further runs. */
  readonly otherMs: number;
}

/** Times of runs in nanoseconds; runs of the same number came one right after the other. */
export interface Times {
  readonly zspine: number[];
  /** Of plain JavaScript, or of `classic-level`. */
  readonly other: number[];
}

/**
 * Runs both subjects of a trial in turn, so that what else the machine does falls on both alike; which of
 * them is first changes each time.
 *
 * @throws `Error` when a run gives another answer than the naive computation.
 */
export async function measure(trial: Trial, effort: Effort): Promise<Times> {
  const times: Times = { zspine: [], other: [] };
  const compared = trial.plain ?? trial.classicLevel;
  await warmUp(trial, effort);
  // Once, not before each run: what is freed goes back to the system, and the next run pays to get it again.
  if (effort.warmUpRuns > 0) collectGarbage();
  let spentMs = 0;
  let otherSpentMs = 0;
  for (let run = 0; run < effort.iterationsMax; run++) {
    if (run >= effort.iterationsMin && spentMs >= effort.targetMs) break;
    const other = otherSpentMs < effort.otherMs ? compared : undefined;
    const isOtherFirst = run % 2 === 1;
    if (other !== undefined && isOtherFirst) times.other.push(await timeRun(other, trial));
    times.zspine.push(await timeRun(trial.zspine, trial));
    if (other !== undefined && !isOtherFirst) times.other.push(await timeRun(other, trial));
    spentMs += times.zspine.at(-1)! / 1e6;
    if (other !== undefined) otherSpentMs += times.other.at(-1)! / 1e6;
  }
  return times;
}

async function warmUp(trial: Trial, effort: Effort): Promise<void> {
  let runs = 0;
  for (let spentMs = 0; runs < effort.warmUpRuns || spentMs < effort.warmUpMs; runs++) {
    spentMs += (await timeRun(trial.zspine, trial)) / 1e6;
  }
  const other = trial.plain ?? trial.classicLevel;
  if (other === undefined || runs === 0) return;
  for (let spentMs = 0; spentMs < effort.warmUpMs;) spentMs += (await timeRun(other, trial)) / 1e6;
}

async function timeRun(subject: Subject, trial: Trial): Promise<number> {
  await subject.before?.();
  const start = performance.now();
  const pending = subject.run();
  const answer = typeof pending === "number" ? pending : await pending;
  const time = performance.now() - start;
  do_not_optimize(answer);
  if (answer !== trial.answer) {
    throw new Error(`${nameOf(subject, trial)} answered ${answer}, the naive computation ${trial.answer}`);
  }
  return time * 1e6;
}

function nameOf(subject: Subject, trial: Trial): string {
  if (subject === trial.zspine) return "zspine";
  return subject === trial.plain ? "plain JavaScript" : "classic-level";
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
