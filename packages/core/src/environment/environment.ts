import type { Backend } from "../backend/backend.ts";

/** Takes back what was scheduled; without effect when it has run. */
export type Cancel = () => void;

/**
 * Everything outside a store that decides what it does: time, chance, turns of the event loop and I/O.
 * A store asks nothing else, so that a store in a simulated environment runs from a seed, step for step.
 */
export interface Environment {
  /** Milliseconds that never go back, from any origin. Used for slices, ages and statistics. */
  now(): number;
  /** A uniformly random unsigned 32-bit integer. Used for hash seeds and writer ids. */
  random(): number;
  /** Runs `task` in a later turn, not before `delayMs` have passed. Used for background merging. */
  schedule(task: () => void, delayMs: number): Cancel;
  /** Wraps the backend of a store as it opens: the door for simulated and faulty media. */
  io(backend: Backend): Backend;
}

/** Resolves in a later turn of `environment`, so that others may run meanwhile. */
export function turn(environment: Environment, delayMs = 0): Promise<void> {
  return new Promise((resolve) => {
    environment.schedule(resolve, delayMs);
  });
}

/**
 * The environment of the process: `performance.now`, `crypto.getRandomValues`, timers, and the backend as
 * it is.
 */
export function systemEnvironment(): Environment {
  return {
    now: () => performance.now(),
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] as number,
    schedule(task, delayMs) {
      const timer = setTimeout(task, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
    io: (backend) => backend,
  };
}
