import {
  checkOptions,
  FUNCTION,
  numberWithin,
  type MemoryMonitor,
  type MemoryReading,
  type PressureLevel,
} from "@zspine/core";
import { Listeners } from "../listeners/listeners.ts";
import { Ladder } from "../pressure/ladder.ts";
import type { Runtime, Sensed } from "../sense/runtime.ts";

/** How a monitor of the runtime reads. */
export interface MemoryMonitorOptions {
  /** How often it looks while somebody listens, in milliseconds; 1,000 by default, at least 10. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds that never go back, from any origin; by default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** How long a reading is given again, in milliseconds: so that it can be asked for at every commit. */
const FRESH_MS = 50;

const NOTHING: Sensed = {
  residentBytes: undefined,
  heapBytes: undefined,
  heapLimitBytes: undefined,
  usedBytes: undefined,
  limitBytes: undefined,
};

/**
 * Makes the monitor of a runtime.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function monitorOf(runtime: Runtime, options: MemoryMonitorOptions = {}): MemoryMonitor {
  const { intervalMs = 1_000, now = () => performance.now() } = checkOptions(options, "memoryMonitor", {
    intervalMs: numberWithin(10, 2 ** 31 - 1, false),
    now: FUNCTION,
  });
  return new RuntimeMonitor(runtime, intervalMs, now);
}

class RuntimeMonitor implements MemoryMonitor {
  private readonly runtime: Runtime;
  private readonly intervalMs: number;
  private readonly now: () => number;
  private readonly ladder = new Ladder();
  private readonly listeners = new Listeners<MemoryReading>();
  private last: { readonly reading: MemoryReading; readonly at: number } | undefined;
  private stopPolling: (() => void) | undefined;
  private isDisposed = false;

  constructor(runtime: Runtime, intervalMs: number, now: () => number) {
    this.runtime = runtime;
    this.intervalMs = intervalMs;
    this.now = now;
  }

  read(): MemoryReading {
    const { last } = this;
    return last !== undefined && this.now() - last.at < FRESH_MS ? last.reading : this.look();
  }

  onChange(listener: (reading: MemoryReading) => void): () => void {
    if (this.isDisposed) return () => undefined;
    // What changes is told, not what is: a listener starts from the level that there is.
    this.read();
    const remove = this.listeners.add(listener);
    this.stopPolling ??= this.runtime.every(() => void this.look(), this.intervalMs);
    return () => {
      remove();
      if (this.listeners.size === 0) this.stop();
    };
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
    this.listeners.clear();
    this.stop();
  }

  private look(): MemoryReading {
    const sensed = this.sense();
    const at = this.now();
    const pressure = pressureOf(sensed);
    const before: PressureLevel | undefined = this.last?.reading.level;
    const reading = { pressure, level: this.ladder.step(pressure, at), ...sensed };
    this.last = { reading, at };
    if (before !== undefined && before !== reading.level) this.listeners.tell(reading);
    return reading;
  }

  private sense(): Sensed {
    try {
      return this.runtime.sense();
    } catch {
      return NOTHING;
    }
  }

  private stop(): void {
    this.stopPolling?.();
    this.stopPolling = undefined;
  }
}

/** The largest share that is known, from 0 to 1; 0 where none is. */
function pressureOf({ residentBytes, heapBytes, heapLimitBytes, usedBytes, limitBytes }: Sensed): number {
  const shares = [shareOf(usedBytes ?? residentBytes, limitBytes), shareOf(heapBytes, heapLimitBytes)];
  return Math.min(1, Math.max(...shares));
}

function shareOf(bytes: number | undefined, limitBytes: number | undefined): number {
  const share = bytes === undefined || limitBytes === undefined ? 0 : bytes / limitBytes;
  return share > 0 ? share : 0;
}
