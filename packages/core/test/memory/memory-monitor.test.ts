import { describe, expect, it } from "vitest";
import type { MemoryMonitor, MemoryReading } from "../../src/index.ts";

/** Feels what it is told to feel. */
function pressed(): MemoryMonitor & { press(pressure: number): void } {
  const listeners = new Set<(reading: MemoryReading) => void>();
  let pressure = 0;
  const read = (): MemoryReading => ({
    pressure,
    level: pressure < 0.8 ? "normal" : "high",
    residentBytes: undefined,
    heapBytes: undefined,
    heapLimitBytes: undefined,
    usedBytes: pressure * 100,
    limitBytes: 100,
  });
  return {
    read,
    press(given) {
      const before = read().level;
      pressure = given;
      const now = read();
      if (now.level !== before) for (const listener of listeners) listener(now);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.dispose]: () => listeners.clear(),
  };
}

describe("MemoryMonitor", () => {
  it("says enough to press and to tell when the level changes", () => {
    using monitor = pressed();
    const heard: MemoryReading[] = [];
    const stop = monitor.onChange((reading) => heard.push(reading));
    for (const pressure of [0.7, 0.9, 0.95, 0.4]) monitor.press(pressure);
    expect(heard.map(({ level, usedBytes }) => [level, usedBytes])).toEqual([
      ["high", 90],
      ["normal", 40],
    ]);
    stop();
    monitor.press(1);
    expect(heard).toHaveLength(2);
    expect(monitor.read().level).toBe("high");
  });
});
