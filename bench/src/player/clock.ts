/** Seconds that something took: wall, and CPU of the whole process, all of its threads. */
export interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

/** A moment. */
export interface Moment {
  readonly at: number;
  readonly used: NodeJS.CpuUsage;
}

/** Starts a clock. */
export function begin(): Moment {
  return { at: performance.now(), used: process.cpuUsage() };
}

/** Reads a clock. */
export function taken({ at, used }: Moment): Taken {
  const now = performance.now();
  const { user, system } = process.cpuUsage(used);
  return { wall: (now - at) / 1e3, cpu: (user + system) / 1e6 };
}
