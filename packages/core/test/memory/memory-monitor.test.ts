import { describe, expect, it } from "vitest";
import type { MemoryMonitor, MemoryReading } from "../../src/engine.ts";

/** Knows of nothing but what is accounted. */
function accounting(budgetBytes: number): MemoryMonitor {
  const listeners = new Set<(reading: MemoryReading) => void>();
  let accountedBytes = 0;
  const read = (): MemoryReading => {
    const pressure = Math.min(1, accountedBytes / budgetBytes);
    return { pressure, level: pressure < 0.8 ? "normal" : "high", accountedBytes, budgetBytes };
  };
  return {
    read,
    account(bytes) {
      const before = read().level;
      accountedBytes += bytes;
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
  it("says enough to account for bytes and to tell when the level changes", () => {
    using monitor = accounting(100);
    const heard: MemoryReading[] = [];
    const stop = monitor.onChange((reading) => heard.push(reading));
    monitor.account(70);
    monitor.account(20);
    monitor.account(-50);
    expect(heard.map(({ level, accountedBytes }) => [level, accountedBytes])).toEqual([
      ["high", 90],
      ["normal", 40],
    ]);
    stop();
    monitor.account(200);
    expect(heard).toHaveLength(2);
    expect(monitor.read()).toEqual({ pressure: 1, level: "high", accountedBytes: 240, budgetBytes: 100 });
  });
});
