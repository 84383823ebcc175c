import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** A turn in which less CPU is used than this, in seconds, only looked whether there is something to do. */
const IDLE = 100e-6;

/** What turns of the event loop took, in seconds of CPU of its thread. */
export interface Turns {
  /** Turns in which something was done. */
  readonly turns: number;
  readonly turnP99: number;
  readonly turnWorst: number;
}

/**
 * Measures the CPU of each turn of the event loop, from one `setImmediate` to the next, while work goes on. CPU of the
 * thread is what Linux counts for it; elsewhere it is the time that has passed, which others' work is in.
 */
export async function meterTurns(work: () => Promise<unknown>): Promise<Turns> {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  const file = existsSync(path) ? openSync(path, "r") : undefined;
  const buffer = Buffer.alloc(64);
  const now = (): number => {
    if (file === undefined) return performance.now() / 1e3;
    // Brings the counters of the running thread up to date; without it they move with the tick of the system.
    process.cpuUsage();
    return Number(buffer.toString("latin1", 0, readSync(file, buffer, 0, 64, 0)).split(" ")[0]) / 1e9;
  };
  const turns: number[] = [];
  let isDone = false;
  let last = now();
  const ticking = new Promise<void>((resolve) => {
    const tick = (): void => {
      const at = now();
      if (at - last > IDLE) turns.push(at - last);
      if (isDone) return resolve();
      last = now();
      setImmediate(tick);
    };
    setImmediate(tick);
  });
  try {
    await work();
  } finally {
    isDone = true;
    await ticking;
    if (file !== undefined) closeSync(file);
  }
  turns.sort((a, b) => a - b);
  const worst = turns.at(-1) ?? 0;
  return { turns: turns.length, turnP99: turns[Math.floor(turns.length * 0.99)] ?? worst, turnWorst: worst };
}
