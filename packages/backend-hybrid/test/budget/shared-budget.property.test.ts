import type { Allowance, PressureLevel, Seat } from "@zspine/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBudget, type BudgetPolicy } from "../../src/index.ts";
import { holding, pressable } from "./holding.ts";

const SEED = 20261129;
const MIB = 2 ** 20;
const BYTES = 64 * MIB;
const GIVEN = 60 * MIB;
const STORES = 6;

/** Stores that do what their seats say, each in a turn of its own, as the store does. */
function obedientStores(policy: BudgetPolicy) {
  const clock = { now: 0 };
  const { monitor, press } = pressable();
  const budget = createBudget({ bytes: BYTES, policy, monitor, now: () => clock.now });
  const due = new Set<Store>();
  const counts = { asks: 0, written: 0 };

  class Store {
    unwritten = 0;
    cached = 0;
    use = 0;
    private readonly seat: Seat = budget.enter(() => due.add(this));

    ask(): Allowance {
      counts.asks++;
      const { unwritten: unwrittenBytes, cached: cachedBytes, use } = this;
      this.use = 0;
      return this.seat.allow(holding({ unwrittenBytes, cachedBytes, use }));
    }

    obey(): void {
      const pressing = unwrittenOf(stores) / GIVEN;
      const { level, bytes, restBytes } = this.ask();
      expect(restBytes).toBeLessThanOrEqual(bytes);
      const goesDown = level === "high" || level === "critical";
      const before = this.unwritten + this.cached;
      this.cached = Math.max(0, Math.min(this.cached, (goesDown ? restBytes : bytes) - this.unwritten));
      const written = goesDown ? Math.max(0, this.unwritten - restBytes) : 0;
      // Where it ends to be high, of all that is not cached.
      if (policy === "fixed" && written > 0) expect(pressing).toBeGreaterThan(0.8);
      counts.written += written;
      this.unwritten -= written;
      if (this.unwritten + this.cached === before) return;
      // It says at once what has become of it, lest others go by what it held; and looks again in its turn.
      this.ask();
      due.add(this);
    }
  }

  const stores = Array.from({ length: STORES }, () => new Store());
  const settle = (): void => {
    for (const store of due) {
      due.delete(store);
      store.obey();
    }
  };
  return { budget, stores, counts, clock, press, settle };
}

const sumOf = (stores: readonly { unwritten: number; cached: number }[]): number =>
  stores.reduce((sum, { unwritten, cached }) => sum + unwritten + cached, 0);
const unwrittenOf = (stores: readonly { unwritten: number }[]): number =>
  stores.reduce((sum, { unwritten }) => sum + unwritten, 0);

const step = fc.record({
  at: fc.nat(STORES - 1),
  what: fc.constantFrom("insert" as const, "look up" as const),
  bytes: fc.nat(4 * MIB),
  ms: fc.nat(20_000),
});

describe("stores that do what a budget says", () => {
  it("MT1 R16 never hold more than it together, write nothing while what is not cached fits, and come to rest", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const { budget, stores, counts, clock, settle } = obedientStores("fixed");
        for (const { at, what, bytes, ms } of steps) {
          clock.now += ms;
          const store = stores[at]!;
          store.use += bytes / 1_000;
          if (what === "insert") store.unwritten += bytes;
          else store.cached += bytes;
          const asked = counts.asks;
          store.obey();
          settle();
          expect(sumOf(stores)).toBeLessThanOrEqual(BYTES);
          expect(counts.asks - asked).toBeLessThan(20 * STORES);
        }
        expect(budget.stats().accountedBytes).toBe(sumOf(stores));
      }),
      { seed: SEED },
    );
  });

  it("R8 come to rest under a monitor that stays critical, with an eighth of it, and go on writing only what comes", () => {
    const levels = fc.array(fc.constantFrom<PressureLevel>("normal", "elevated", "high", "critical"), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), levels, (steps, before) => {
        const { stores, counts, clock, press, settle } = obedientStores("adaptive");
        for (const { at, bytes } of steps) {
          stores[at]!.unwritten += bytes;
          stores[at]!.obey();
          settle();
        }
        for (const level of [...before, "critical" as const]) {
          press(level);
          settle();
        }
        for (let second = 0; second < 30; second++) {
          clock.now += 1_000;
          for (const store of stores) store.obey();
          settle();
        }
        expect(sumOf(stores)).toBeLessThanOrEqual(GIVEN / 8 + STORES);
        expect(sumOf(stores)).toBeGreaterThanOrEqual(
          Math.min(
            GIVEN / 8 - STORES,
            sumOf(steps.map(({ bytes }) => ({ unwritten: bytes, cached: 0 }))) / 8,
          ),
        );
        const { written } = counts;
        clock.now += 1_000;
        stores[0]!.unwritten += MIB;
        stores[0]!.obey();
        settle();
        expect(counts.written - written).toBeLessThanOrEqual(MIB + STORES);
      }),
      { seed: SEED },
    );
  });
});
