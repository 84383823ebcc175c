import { describe, expect, it } from "vitest";
import type { Allowance, Occupancy, PlacedSlot, Placement, Seat } from "../../src/index.ts";

/** Lets every store keep a share of a number of bytes, and what is written leave first. */
function shares(bytes: number): Placement {
  const seats = new Map<Seat, () => void>();
  const tellOthers = (of: Seat): void => {
    for (const [seat, onChange] of seats) if (seat !== of) onChange();
  };
  return {
    name: "shares",
    maxSpillBytes: Infinity,
    enter(onChange) {
      const seat: Seat = {
        allow({ accountedBytes }: Occupancy): Allowance {
          const share = bytes / seats.size;
          return { level: accountedBytes > share ? "high" : "normal", bytes: share, restBytes: share / 2 };
        },
        worthOf: ({ heat, isWritten }: PlacedSlot) => (isWritten ? heat : heat + 1),
        leave() {
          seats.delete(seat);
          tellOthers(seat);
        },
      };
      seats.set(seat, onChange);
      tellOthers(seat);
      return seat;
    },
  };
}

const holding = (accountedBytes: number): Occupancy => ({
  accountedBytes,
  unwrittenBytes: accountedBytes,
  cachedBytes: 0,
  spilledBytes: 0,
  use: 0,
});

describe("Placement", () => {
  it("says enough to a policy that shares a budget and keeps what is warm", () => {
    const heard: string[] = [];
    const placement = shares(100);
    const one = placement.enter(() => heard.push("one"));
    expect(one.allow(holding(80))).toEqual({ level: "normal", bytes: 100, restBytes: 50 });
    const other = placement.enter(() => heard.push("other"));
    expect(one.allow(holding(80))).toEqual({ level: "high", bytes: 50, restBytes: 25 });
    other.leave();
    expect(heard).toEqual(["one", "one"]);
    const slot: PlacedSlot = { rows: 1, bytes: 8, isWritten: true, heat: 2 };
    expect(one.worthOf(slot)).toBeLessThan(one.worthOf({ ...slot, isWritten: false }));
  });
});
