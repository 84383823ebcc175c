import type { PressureLevel } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { Pressing } from "../../src/budget/pressing.ts";

/** What all stores may hold after each [level, accounted, milliseconds], where 100 are left in any case. */
const pressed = (...steps: readonly (readonly [PressureLevel, number, number])[]) => {
  const pressing = new Pressing();
  return steps.map(([level, accounted, now]) => {
    pressing.press(level, accounted, 100, now);
    return pressing.bytes;
  });
};

describe("Pressing R8", () => {
  it("lets everything stay below high", () => {
    expect(pressed(["normal", 1_000, 0], ["elevated", 1_000, 1])).toEqual([Infinity, Infinity]);
  });

  it("goes down to three quarters at high, and to half at critical, at once", () => {
    expect(pressed(["high", 1_000, 0], ["critical", 800, 1])).toEqual([750, 400]);
    expect(pressed(["critical", 1_000, 0], ["high", 500, 1])).toEqual([500, 500]);
  });

  it("goes down again only after a second, of what is accounted then", () => {
    expect(pressed(["high", 1_000, 0], ["high", 400, 999], ["high", 400, 1_000])).toEqual([750, 750, 300]);
  });

  it("comes to rest at its floor, however long others fill the memory", () => {
    let accounted = 100_000;
    const pressing = new Pressing();
    for (let second = 0; second < 100; second++) {
      pressing.press("critical", accounted, 100, second * 1_000);
      accounted = Math.min(accounted, pressing.bytes);
    }
    expect([pressing.bytes, accounted]).toEqual([100, 100]);
  });

  it("lets everything stay again when the monitor does", () => {
    expect(pressed(["critical", 1_000, 0], ["normal", 500, 1], ["high", 500, 2])).toEqual([
      500,
      Infinity,
      375,
    ]);
  });
});
