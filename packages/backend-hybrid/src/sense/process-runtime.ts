import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { setInterval, clearInterval } from "node:timers";
import { getHeapStatistics } from "node:v8";
import type { ReadText } from "./bound.ts";
import type { Runtime } from "./runtime.ts";
import { senseSystem, type OwnMemory } from "./sense-system.ts";

/** Node, Deno and Bun. */
export const processRuntime: Runtime = {
  sense: () => senseSystem(readText, readProcess()),
  every(task, intervalMs) {
    // Of node:timers, for in Deno a timer of the globals is a number.
    const timer = setInterval(task, intervalMs).unref();
    return () => clearInterval(timer);
  },
};

function readProcess(): OwnMemory {
  const usage = attempt(() => process.memoryUsage());
  return {
    residentBytes: usage?.rss,
    heapBytes: usage?.heapUsed,
    // Bun tells ten times what the process has in physical memory, which is no limit of anything.
    heapLimitBytes:
      process.versions["bun"] === undefined ? attempt(() => getHeapStatistics().heap_size_limit) : undefined,
    machineBytes: attempt(totalmem),
  };
}

const readText: ReadText = (path) =>
  attempt(() => (existsSync(path) ? readFileSync(path, "utf8") : undefined));

/** Deno asks for rights, and what is not granted is not told. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
