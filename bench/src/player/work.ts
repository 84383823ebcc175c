import type { Workload } from "../workload/workload.ts";
import { begin, taken, type Taken } from "./clock.ts";

/** One run of a work: what it took, what it answered, and more figures by name. */
export interface Report extends Taken {
  readonly answer: number;
  readonly [figure: string]: number;
}

/** A work that is set up: `check` answers in full once, `run` is timed again and again. */
export interface Work {
  run(): Report | Promise<Report>;
  /** What all rows, or all that was asked for, come to; missing where the answer of each run says it. */
  check?(): number | Promise<number>;
  close?(): void | Promise<void>;
}

/** What a contestant plays with. */
export interface Stage {
  readonly workload: Workload;
  /** Where its data lies; of this contestant, kind and size alone. */
  readonly location: string;
}

/** Sets a work up. */
export type OpenWork = (stage: Stage) => Work | Promise<Work>;

/** What a contestant can do, by the names of works. */
export type Repertoire = Readonly<Record<string, OpenWork>>;

/** Times a call that answers at once. */
export function timed(call: () => number): Report {
  const clock = begin();
  const answer = call();
  return { ...taken(clock), answer };
}

/** Times a call that may have to be waited for. */
export async function timedAsync(call: () => number | Promise<number>): Promise<Report> {
  const clock = begin();
  const answer = await call();
  return { ...taken(clock), answer };
}
