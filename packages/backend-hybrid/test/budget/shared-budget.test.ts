import type { Occupancy, Seat } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { createBudget, type Budget, type BudgetOptions, type BudgetStats } from "../../src/index.ts";
import { holding, pressable } from "./holding.ts";

const MIB = 2 ** 20;

/** A budget of 15 MiB to give out and a mebibyte of reserve, a monitor to press, and a clock. */
function budgetOf(options: Partial<BudgetOptions> = {}) {
  const clock = { now: 0 };
  const pressed = pressable();
  const budget = createBudget({
    bytes: 16 * MIB,
    monitor: pressed.monitor,
    now: () => clock.now,
    ...options,
  });
  return { clock, budget, ...pressed };
}

/** A store that keeps asking as it ought to, and never does anything about it. */
function storeIn(budget: Budget, first: Partial<Occupancy> = {}) {
  const heard: string[] = [];
  let occupancy = holding(first);
  const ask = () => {
    const told = occupancy;
    occupancy = { ...occupancy, use: 0 };
    return seat.allow(told);
  };
  const seat: Seat = budget.enter(() => heard.push(ask().level));
  const hold = (next: Partial<Occupancy>) => {
    occupancy = holding(next);
    return ask();
  };
  hold(first);
  return { seat, heard, ask, hold };
}

describe("createBudget()", () => {
  it("R15 sets a sixteenth aside for spilling itself, at least a mebibyte, before it gives out the rest", () => {
    const { budget } = budgetOf();
    expect([budget.bytes, budget.reserveBytes, storeIn(budget).ask().bytes]).toEqual([
      16 * MIB,
      MIB,
      15 * MIB,
    ]);
    budget.resize(64 * MIB);
    expect([budget.reserveBytes, storeIn(budget).ask().bytes]).toEqual([4 * MIB, 60 * MIB]);
    budget.resize(2 * MIB);
    expect([budget.reserveBytes, storeIn(budget).ask().bytes]).toEqual([MIB, MIB]);
  });

  it("refuses at the door what it could not tell of changes later", () => {
    const budget = createBudget({ bytes: "auto" });
    for (const onChange of [undefined, 7, {}])
      expect(() => budget.enter(onChange as never)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["enter"] }),
      );
    expect(budget.stats().seats).toHaveLength(0);
  });

  it.each([0, -1, 2 * MIB - 1, Number.NaN, "64MB", null, 5n, undefined])(
    "R15 refuses %s bytes and names the least",
    (bytes) => {
      const refusal = (what: string) =>
        expect.objectContaining({
          code: "ZSPINE_INVALID_OPTIONS",
          path: [what, "bytes"],
          message: expect.stringContaining("at least 2097152 (2 MiB)"),
        });
      expect(() => createBudget({ bytes: bytes as never })).toThrowError(refusal("createBudget"));
      const { budget } = budgetOf();
      expect(() => budget.resize(bytes as never)).toThrowError(refusal("resize"));
      expect(budget.bytes).toBe(16 * MIB);
    },
  );

  it.each([
    [{ policy: "eager" }, "policy"],
    [{ monitor: {} }, "monitor"],
    [{ maxSpillBytes: -1 }, "maxSpillBytes"],
    [{ now: 0 }, "now"],
    [{ budgetBytes: 1 }, "budgetBytes"],
  ])("refuses %o", (options, name) => {
    expect(() => createBudget({ bytes: "auto", ...options } as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["createBudget", name] }),
    );
  });

  it("takes for auto half of what is free, a quarter of what there may be, or 256 MiB; at least the least", () => {
    const auto = (reading: Parameters<typeof pressable>[0]) =>
      createBudget({ bytes: "auto", monitor: pressable(reading).monitor }).bytes;
    expect(auto({ limitBytes: 100 * MIB, usedBytes: 40 * MIB })).toBe(30 * MIB);
    expect(auto({ limitBytes: 100 * MIB, residentBytes: 40 * MIB })).toBe(25 * MIB);
    expect(auto({ residentBytes: 40 * MIB })).toBe(256 * MIB);
    expect(auto({ limitBytes: 100 * MIB, usedBytes: 200 * MIB })).toBe(2 * MIB);
    expect(createBudget({ bytes: "auto" }).bytes).toBeGreaterThanOrEqual(2 * MIB);
  });

  it("has any number of bytes spilled, unless it is told how many", () => {
    expect(budgetOf().budget.maxSpillBytes).toBe(Infinity);
    expect(budgetOf({ maxSpillBytes: 5 }).budget.maxSpillBytes).toBe(5);
  });
});

describe("a budget with one store", () => {
  it("R2 comes to its levels at 0.7, 0.85 and all of what it gives out, and leaves them 0.05 below", () => {
    const { budget } = budgetOf();
    const { hold } = storeIn(budget);
    const at = (share: number) => hold({ unwrittenBytes: Math.round(15 * MIB * share) }).level;
    const climbed = [0.5, 0.7, 0.71, 0.85, 0.86, 1, 1.01, 0.96, 0.94, 0.81, 0.79, 0.66, 0.64];
    expect(climbed.map((share) => `${share} ${at(share)}`)).toEqual([
      "0.5 normal",
      "0.7 normal",
      "0.71 elevated",
      "0.85 elevated",
      "0.86 high",
      "1 high",
      "1.01 critical",
      "0.96 critical",
      "0.94 high",
      "0.81 high",
      "0.79 elevated",
      "0.66 elevated",
      "0.64 normal",
    ]);
  });

  it("MT3 has nothing leave below the first mark, and goes down to where it ends", () => {
    const { hold } = storeIn(budgetOf().budget);
    expect(hold({ unwrittenBytes: 10 * MIB })).toMatchObject({ level: "normal", bytes: 15 * MIB });
    const { level, restBytes } = hold({ unwrittenBytes: 14 * MIB });
    expect(level).toBe("high");
    expect(restBytes / MIB).toBeCloseTo(15 * 0.65, 5);
  });

  it("does not press for what is cached, and bounds it by what the rest leaves", () => {
    const { hold } = storeIn(budgetOf().budget);
    expect(hold({ cachedBytes: 40 * MIB })).toMatchObject({ level: "normal", bytes: 15 * MIB });
    expect(hold({ cachedBytes: 15 * MIB, unwrittenBytes: 5 * MIB })).toMatchObject({
      level: "normal",
      bytes: 15 * MIB,
    });
  });

  it("counts what cannot leave as taken", () => {
    const { hold } = storeIn(budgetOf().budget);
    const allowance = hold({ accountedBytes: 14 * MIB, unwrittenBytes: 2 * MIB });
    expect(allowance).toMatchObject({ level: "high", restBytes: 12 * MIB });
    expect(hold({ accountedBytes: 40 * MIB }).bytes).toBe(40 * MIB);
  });

  it("costs nothing without a bound: it never presses and asks no monitor", () => {
    const { budget, press, listeners } = budgetOf({ bytes: Infinity });
    const { hold } = storeIn(budget);
    press("critical");
    const unlimited = { level: "normal", bytes: Infinity, restBytes: Infinity };
    expect(hold({ unwrittenBytes: 2 ** 50 })).toEqual(unlimited);
    expect([listeners.size, budget.stats().level, budget.reserveBytes]).toEqual([0, "normal", MIB]);
  });

  it("says nothing to a store that has left, and counts it no more", () => {
    const { budget } = budgetOf();
    const { seat, hold, heard } = storeIn(budget, { unwrittenBytes: 9 * MIB });
    seat.leave();
    seat.leave();
    expect(budget.stats()).toMatchObject({ accountedBytes: 0, seats: [] });
    expect(hold({ unwrittenBytes: 40 * MIB }).level).toBe("normal");
    budget.resize(4 * MIB);
    expect(heard).toEqual([]);
  });
});

describe("a budget of several stores", () => {
  it("R16 MT7 leaves one busy store beside 128 idle ones all that they do not hold", () => {
    const { budget } = budgetOf();
    for (let index = 0; index < 128; index++) storeIn(budget);
    const { hold } = storeIn(budget);
    expect(hold({ unwrittenBytes: 10 * MIB, use: 1_000 })).toMatchObject({
      level: "normal",
      bytes: 15 * MIB,
    });
  });

  it("R16 MT7 has 128 idle ones go down before the busy one", () => {
    const { budget } = budgetOf();
    const idle = Array.from({ length: 128 }, () => storeIn(budget, { unwrittenBytes: MIB / 16 }));
    const busy = storeIn(budget);
    const allowance = busy.hold({ unwrittenBytes: 6.5 * MIB, use: 1_000_000 });
    expect(allowance).toMatchObject({ level: "normal" });
    for (const { heard, ask } of idle) {
      expect(heard.at(-1)).toBe("high");
      expect(ask().restBytes).toBeLessThan(MIB / 32);
    }
  });

  it("MT7 has the idle drop what they cache when another comes into use", () => {
    const { budget, clock } = budgetOf();
    const idle = storeIn(budget, { cachedBytes: 15 * MIB, use: 1_000_000 });
    clock.now = 600_000;
    const busy = storeIn(budget);
    let cachedBytes = 0;
    for (let round = 0; round < 30; round++) cachedBytes = busy.hold({ cachedBytes, use: 1_000 }).bytes;
    expect(cachedBytes).toBeGreaterThan(13 * MIB);
    expect(idle.ask().bytes).toBeLessThan(2 * MIB);
    expect(idle.heard).toContain("normal");
  });

  it("R16 lets each of two that are equally in use keep half when both want all", () => {
    const { budget } = budgetOf();
    const one = storeIn(budget, { unwrittenBytes: 15 * MIB, use: 100 });
    const two = storeIn(budget, { unwrittenBytes: 15 * MIB, use: 100 });
    const { level, bytes, restBytes } = one.ask();
    expect([level, bytes]).toEqual(["critical", 7.5 * MIB]);
    expect(Math.abs(restBytes - two.ask().restBytes)).toBeLessThanOrEqual(1);
  });

  it("R16 tells a store what others leave only when it is pressed by it", () => {
    const { budget } = budgetOf();
    const one = storeIn(budget, { unwrittenBytes: 4 * MIB });
    const two = storeIn(budget, { unwrittenBytes: 11 * MIB });
    expect([one.heard, two.ask().level]).toEqual([[], "high"]);
    two.hold({ unwrittenBytes: 40 * MIB, use: 100 });
    expect(one.heard).toEqual(["critical"]);
    two.seat.leave();
    expect(one.heard).toEqual(["critical", "normal"]);
  });

  it("MT5 tells stores at once when there is less, and when there is more again", () => {
    const { budget } = budgetOf();
    const store = storeIn(budget, { unwrittenBytes: 8 * MIB });
    budget.resize(8 * MIB);
    expect(store.heard).toEqual(["critical"]);
    expect(store.ask().restBytes / MIB).toBeCloseTo(7 * 0.65, 5);
    budget.resize(Infinity);
    expect(store.heard).toEqual(["critical", "normal"]);
    const caching = storeIn(budget, { cachedBytes: 100 * MIB });
    budget.resize(16 * MIB);
    expect([caching.heard.at(-1), caching.ask().bytes]).toEqual(["normal", 7 * (7 / 8) * MIB]);
  });
});

describe("the policies of a budget", () => {
  it("R8 adaptive goes down when the monitor presses, below its own share, and no further than its floor", () => {
    const { budget, press, clock, listeners } = budgetOf();
    const store = storeIn(budget, { unwrittenBytes: 8 * MIB });
    press("elevated");
    press("high");
    expect(store.heard).toEqual(["elevated", "high"]);
    expect(store.ask()).toMatchObject({ level: "high", restBytes: 6 * MIB });
    press("critical");
    expect(store.ask()).toMatchObject({ level: "critical", restBytes: 4 * MIB });
    let unwrittenBytes = 8 * MIB;
    for (let second = 1; second < 20; second++) {
      clock.now = second * 1_000;
      unwrittenBytes = Math.min(unwrittenBytes, store.hold({ unwrittenBytes }).restBytes);
    }
    expect([unwrittenBytes, store.ask().level]).toEqual([(15 / 8) * MIB, "critical"]);
    press("normal");
    expect(store.ask()).toMatchObject({ level: "normal", bytes: 15 * MIB });
    store.seat.leave();
    expect(listeners.size).toBe(0);
  });

  it("R8 adaptive has the idle go down first, and takes the worse of budget and monitor", () => {
    const { budget, press } = budgetOf();
    const idle = storeIn(budget, { unwrittenBytes: 4 * MIB });
    const busy = storeIn(budget, { unwrittenBytes: 4 * MIB, use: 1_000_000 });
    press("critical");
    expect(busy.ask().restBytes).toBeGreaterThan(4 * MIB - 100);
    expect(idle.ask().restBytes).toBeLessThan(MIB);
    press("elevated");
    expect(busy.hold({ unwrittenBytes: 40 * MIB }).level).toBe("critical");
  });

  it("R8 fixed goes by the budget alone", () => {
    const { budget, press, listeners } = budgetOf({ policy: "fixed" });
    const store = storeIn(budget, { unwrittenBytes: 8 * MIB });
    press("critical");
    expect([listeners.size, store.ask().level]).toEqual([0, "normal"]);
    expect(store.hold({ unwrittenBytes: 14 * MIB }).level).toBe("high");
  });

  it("R8 manual never has a store go down, nor its merges write, by itself", () => {
    const store = storeIn(budgetOf({ policy: "manual" }).budget, { unwrittenBytes: 40 * MIB });
    expect(store.ask()).toMatchObject({ level: "normal", restBytes: Infinity });
  });

  it("R8 manual never presses, and bounds what is cached", () => {
    const { budget, press, listeners } = budgetOf({ policy: "manual" });
    const store = storeIn(budget, { unwrittenBytes: 40 * MIB, cachedBytes: MIB });
    press("critical");
    expect(store.ask()).toMatchObject({ level: "normal", bytes: 15 * MIB });
    expect([listeners.size, store.heard, budget.stats().level]).toEqual([0, [], "normal"]);
  });
});

describe("stats() and onChange() of a budget", () => {
  it("R19 MT4 tells what nobody accounts for: what is resident without that, and without what was there before", () => {
    const { budget, say } = (() => {
      const pressed = pressable({ residentBytes: 100 * MIB });
      return { budget: createBudget({ bytes: 64 * MIB, monitor: pressed.monitor }), say: pressed.say };
    })();
    storeIn(budget, { unwrittenBytes: 20 * MIB, cachedBytes: 10 * MIB });
    say({ residentBytes: 145 * MIB });
    expect(budget.stats()).toMatchObject({
      bytes: 64 * MIB,
      reserveBytes: 4 * MIB,
      accountedBytes: 30 * MIB,
      unaccountedBytes: 15 * MIB,
    });
    say({ residentBytes: 90 * MIB });
    expect(budget.stats().unaccountedBytes).toBe(0);
    say({ residentBytes: undefined });
    expect(budget.stats().unaccountedBytes).toBeUndefined();
  });

  it("tells of each store what it holds, how much it is in use, and what it may hold", () => {
    const { budget, clock } = budgetOf();
    storeIn(budget, { unwrittenBytes: 3 * MIB, use: 8 });
    storeIn(budget, { cachedBytes: 4 * MIB });
    clock.now = 10_000;
    expect(budget.stats().seats).toEqual([
      { accountedBytes: 3 * MIB, use: 4, level: "normal", bytes: expect.any(Number) as number },
      { accountedBytes: 4 * MIB, use: 0, level: "normal", bytes: expect.any(Number) as number },
    ]);
  });

  it("R2 tells when the level has changed, by the stores or by the monitor, until the listener is taken off", () => {
    const { budget, press, listeners } = budgetOf();
    const heard: BudgetStats[] = [];
    const stop = budget.onChange((stats) => heard.push(stats));
    expect(listeners.size).toBe(1);
    press("elevated");
    const { hold, seat } = storeIn(budget, { unwrittenBytes: 14 * MIB });
    press("normal");
    hold({ unwrittenBytes: MIB });
    expect(heard.map(({ level, accountedBytes }) => [level, accountedBytes / MIB])).toEqual([
      ["elevated", 0],
      ["high", 14],
      ["normal", 1],
    ]);
    stop();
    hold({ unwrittenBytes: 14 * MIB });
    expect(heard).toHaveLength(3);
    seat.leave();
    expect(listeners.size).toBe(0);
  });
});
