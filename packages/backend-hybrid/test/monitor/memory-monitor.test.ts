import { describe, expect, it } from "vitest";
import { memoryMonitor } from "../../src/index.ts";
import { monitorOf } from "../../src/monitor/memory-monitor.ts";
import type { Runtime, Sensed } from "../../src/sense/runtime.ts";

const NOTHING: Sensed = {
  residentBytes: undefined,
  heapBytes: undefined,
  heapLimitBytes: undefined,
  usedBytes: undefined,
  limitBytes: undefined,
};

/** A runtime that tells what a test says, at the times that it says. */
function world() {
  const polls = new Set<() => void>();
  const state = { sensed: { ...NOTHING, usedBytes: 0, limitBytes: 100 } as Sensed, now: 0, senses: 0 };
  const runtime: Runtime = {
    sense: () => {
      state.senses++;
      return state.sensed;
    },
    every(task) {
      const poll = (): void => task();
      polls.add(poll);
      return () => polls.delete(poll);
    },
  };
  return {
    state,
    polls,
    monitor: monitorOf(runtime, { now: () => state.now }),
    use: (usedBytes: number) => void (state.sensed = { ...state.sensed, usedBytes }),
    /** Lets time pass, and whoever polls poll. */
    pass(ms: number) {
      state.now += ms;
      for (const poll of polls) poll();
    },
  };
}

describe("memoryMonitor()", () => {
  it("R1 gives a pressure from 0 to 1: the largest share that is known", () => {
    const { state, monitor } = world();
    const pressures = (
      [
        [{ usedBytes: 30, limitBytes: 100 }, 0.3],
        [{ usedBytes: 30, limitBytes: 100, heapBytes: 8, heapLimitBytes: 10 }, 0.8],
        [{ usedBytes: 90, limitBytes: 100, heapBytes: 8, heapLimitBytes: 10 }, 0.9],
        [{ residentBytes: 25, limitBytes: 100 }, 0.25],
        [{ residentBytes: 99, usedBytes: 10, limitBytes: 100 }, 0.1],
        [{ usedBytes: 250, limitBytes: 100 }, 1],
        [{ usedBytes: 250 }, 0],
        [{ heapBytes: 5 }, 0],
        [{ usedBytes: -3, limitBytes: 100 }, 0],
        [{ usedBytes: Number.NaN, limitBytes: 100 }, 0],
        [{ usedBytes: 0, limitBytes: 0 }, 0],
        [{}, 0],
      ] as const
    ).map(([sensed, expected]) => {
      state.sensed = { ...NOTHING, ...sensed };
      state.now += 1_000;
      return [monitor.read().pressure, expected] as const;
    });
    for (const [found, expected] of pressures) expect(found).toBe(expected);
  });

  it("R1 reads this process, in whatever runtime, between the bounds", () => {
    using monitor = memoryMonitor();
    const { pressure, level, residentBytes } = monitor.read();
    expect(pressure).toBeGreaterThan(0);
    expect(pressure).toBeLessThanOrEqual(1);
    expect(["normal", "elevated", "high", "critical"]).toContain(level);
    expect(residentBytes).toBeGreaterThan(0);
  });

  it("never throws: what cannot be read is missing", () => {
    const broken = monitorOf({
      sense: () => {
        throw new Error("no rights");
      },
      every: () => () => undefined,
    });
    expect(broken.read()).toEqual({ ...NOTHING, pressure: 0, level: "normal" });
  });

  it("reads the runtime again only after 50 ms, so that it may be asked often", () => {
    const { state, monitor, use } = world();
    monitor.read();
    use(90);
    state.now = 49;
    expect([monitor.read().pressure, state.senses]).toEqual([0, 1]);
    state.now = 50;
    expect([monitor.read().pressure, state.senses]).toEqual([0.9, 2]);
  });

  it("R2 tells a change of level when it looks by itself, and when it is read", () => {
    const { monitor, use, pass, state } = world();
    const heard: string[] = [];
    monitor.onChange(({ level, usedBytes }) => heard.push(`${level} ${usedBytes}`));
    pass(1_000);
    expect(heard).toEqual([]);
    use(88);
    pass(1_000);
    use(97);
    state.now += 100;
    monitor.read();
    expect(heard).toEqual(["high 88", "critical 97"]);
    use(92);
    pass(5_000);
    use(10);
    pass(1_000);
    expect(heard).toHaveLength(2);
    pass(1_000);
    expect(heard).toEqual(["high 88", "critical 97", "normal 10"]);
  });

  it("R2 tells what changes after a listener came, not what was before", () => {
    const { monitor, use, pass } = world();
    use(97);
    const heard: string[] = [];
    monitor.onChange(({ level }) => heard.push(level));
    pass(1_000);
    expect(heard).toEqual([]);
  });

  it("R2 polls only while somebody listens, and tells nobody who has gone", () => {
    const { monitor, polls, use, pass } = world();
    const heard: string[] = [];
    expect(polls.size).toBe(0);
    const stop = monitor.onChange(({ level }) => heard.push(level));
    const stopOther = monitor.onChange(() => undefined);
    expect(polls.size).toBe(1);
    stop();
    use(99);
    pass(1_000);
    stopOther();
    expect([polls.size, heard]).toEqual([0, []]);
    monitor.onChange(() => undefined);
    expect(polls.size).toBe(1);
  });

  it("R2 stops everything when it is disposed of, and can be read after that", () => {
    const { monitor, polls, use, pass } = world();
    const heard: string[] = [];
    monitor.onChange(({ level }) => heard.push(level));
    monitor[Symbol.dispose]();
    monitor.onChange(({ level }) => heard.push(level))();
    expect(polls.size).toBe(0);
    use(99);
    pass(1_000);
    expect([monitor.read().level, heard]).toEqual(["critical", []]);
  });

  it.each([
    [{ intervalMs: 0 }, "intervalMs"],
    [{ intervalMs: "1s" }, "intervalMs"],
    [{ now: 5 }, "now"],
    [{ interval: 5 }, "interval"],
  ])("refuses %o", (options, name) => {
    expect(() => memoryMonitor(options as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["memoryMonitor", name] }),
    );
  });
});
