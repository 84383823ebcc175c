import type { PlacedSlot } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { BudgetSeat } from "../../src/budget/budget-seat.ts";
import { holding } from "./holding.ts";

/** A seat whose budget does nothing, and a clock. */
function seatAlone() {
  const clock = { now: 0 };
  const nothing = (): void => undefined;
  return { clock, seat: new BudgetSeat({ now: () => clock.now, asked: nothing, left: nothing }, nothing) };
}

describe("BudgetSeat", () => {
  it("R16 counts use half after ten seconds, and adds what is new", () => {
    const { clock, seat } = seatAlone();
    seat.allow(holding({ use: 800 }));
    clock.now = 10_000;
    expect(seat.useAt(clock.now)).toBe(400);
    seat.allow(holding({ use: 100 }));
    clock.now = 20_000;
    expect(seat.claimAt(clock.now).weight).toBe(251);
  });

  it("R16 counts as fixed what is neither unwritten nor cached, and nothing below 0", () => {
    const { seat } = seatAlone();
    seat.allow(holding({ accountedBytes: 100, unwrittenBytes: 30, cachedBytes: 60 }));
    expect(seat.claimAt(0)).toMatchObject({ fixedBytes: 10, unwrittenBytes: 30, cachedBytes: 60 });
    seat.allow(holding({ accountedBytes: 1, unwrittenBytes: 30, cachedBytes: 60 }));
    expect(seat.claimAt(0).fixedBytes).toBe(0);
  });

  it("R7 has the cold leave before the warm, the written before the unwritten, and the large before the small", () => {
    const { seat } = seatAlone();
    const slot: PlacedSlot = { rows: 10, bytes: 1_000, isWritten: true, heat: 0 };
    const slots = {
      coldWritten: slot,
      coldLarge: { ...slot, isWritten: false, bytes: 4_000 },
      coldUnwritten: { ...slot, isWritten: false },
      warmWritten: { ...slot, heat: 2 },
      warmUnwritten: { ...slot, heat: 2, isWritten: false },
      warmSmall: { ...slot, heat: 2, bytes: 100 },
    };
    const order = Object.entries(slots).toSorted(([, a], [, b]) => seat.worthOf(a) - seat.worthOf(b));
    expect(order.map(([name]) => name)).toEqual(Object.keys(slots));
    expect(seat.worthOf({ ...slot, bytes: 0, heat: 1 })).toBe(1);
  });
});
