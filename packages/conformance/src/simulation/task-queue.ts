import type { SeededRandom } from "../random/seeded-random.ts";

/** A task that waits for its time. */
export interface Task {
  /** Counts the tasks in the order in which they were scheduled, from 1. */
  readonly number: number;
  readonly dueMs: number;
  readonly run: () => void;
}

/** The tasks of a simulation, not yet run. There are few at a time, hence a list. */
export class TaskQueue {
  #tasks: Task[] = [];
  #scheduled = 0;

  add(dueMs: number, run: () => void): Task {
    const task = { number: ++this.#scheduled, dueMs, run };
    this.#tasks.push(task);
    return task;
  }

  remove(task: Task): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  /** The time at which the first task is due; `undefined` when none waits. */
  earliestMs(): number | undefined {
    if (this.#tasks.length === 0) return undefined;
    return this.#tasks.reduce((earliest, { dueMs }) => Math.min(earliest, dueMs), Infinity);
  }

  /**
   * Takes out a task that is due at `nowMs`: any of them when `random` is given, else the one that is
   * due first, of equals the one that was scheduled first.
   */
  take(nowMs: number, random: SeededRandom | undefined): Task | undefined {
    const due = this.#tasks.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length === 0) return undefined;
    const first = due.reduce((a, b) => (b.dueMs < a.dueMs ? b : a));
    const task = random?.pick(due) ?? first;
    this.remove(task);
    return task;
  }
}
