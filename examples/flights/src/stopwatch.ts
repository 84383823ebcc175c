/** Seconds that were spent on each kind of work. */
export interface Durations {
  /** Reading the file, making up corrections, and making deltas of both. */
  input: number;
  /** Operators, and the commit of each step. */
  steps: number;
  /** Letting others have their turn, which is when the store merges in the background. */
  turns: number;
  check: number;
}

/** Tells how long each kind of work took. */
export class Stopwatch {
  readonly durations: Durations = { input: 0, steps: 0, turns: 0, check: 0 };
  private last = performance.now();

  /** Counts the time since the last call as that of `work`. */
  lap(work: keyof Durations): void {
    const now = performance.now();
    this.durations[work] += (now - this.last) / 1000;
    this.last = now;
  }

  /** The seconds of all work so far. */
  get total(): number {
    const { input, steps, turns, check } = this.durations;
    return input + steps + turns + check;
  }
}
