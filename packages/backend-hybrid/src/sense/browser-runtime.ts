import type { Runtime, Sensed } from "./runtime.ts";

/** What some browsers tell of memory: the heap, and gibibytes of the device, rounded and at most 8 (or 32). */
interface Told {
  readonly performance?: {
    readonly memory?: { readonly usedJSHeapSize?: number; readonly jsHeapSizeLimit?: number };
  };
  readonly navigator?: { readonly deviceMemory?: number };
}

/** What a browser tells; nothing of it is what the page has in physical memory. */
export function senseBrowser({ performance, navigator }: Told): Sensed {
  const gibibytes = navigator?.deviceMemory;
  return {
    residentBytes: undefined,
    heapBytes: performance?.memory?.usedJSHeapSize,
    heapLimitBytes: performance?.memory?.jsHeapSizeLimit,
    usedBytes: undefined,
    limitBytes: gibibytes === undefined ? undefined : gibibytes * 2 ** 30,
  };
}

/** A page, or a worker of one. */
export const browserRuntime: Runtime = {
  sense: () => senseBrowser(globalThis as Told),
  every(task, intervalMs) {
    const timer = setInterval(task, intervalMs);
    return () => clearInterval(timer);
  },
};
