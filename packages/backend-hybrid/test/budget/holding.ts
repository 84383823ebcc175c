import type { MemoryMonitor, MemoryReading, Occupancy, PressureLevel } from "@zspine/core";

/** What a store says that holds nothing but what is given. */
export function holding(given: Partial<Occupancy>): Occupancy {
  const { unwrittenBytes = 0, cachedBytes = 0 } = given;
  return {
    accountedBytes: unwrittenBytes + cachedBytes,
    unwrittenBytes,
    cachedBytes,
    spilledBytes: 0,
    use: 0,
    ...given,
  };
}

/** A monitor that says what a test has it say. */
export function pressable(first: Partial<MemoryReading> = {}) {
  const listeners = new Set<(reading: MemoryReading) => void>();
  let reading: MemoryReading = {
    pressure: 0,
    level: "normal",
    residentBytes: undefined,
    heapBytes: undefined,
    heapLimitBytes: undefined,
    usedBytes: undefined,
    limitBytes: undefined,
    ...first,
  };
  const monitor: MemoryMonitor = {
    read: () => reading,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.dispose]: () => listeners.clear(),
  };
  return {
    monitor,
    listeners,
    say: (next: Partial<MemoryReading>) => void (reading = { ...reading, ...next }),
    press(level: PressureLevel) {
      reading = { ...reading, level };
      for (const listener of listeners) listener(reading);
    },
  };
}
