import { describe, expect, it } from "vitest";
import { runPlacedSeed } from "./placed-programs.ts";

const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? 20 : first;

describe("a simulated durable store whose memory is placed", () => {
  it(`R4 R6 R14 answers, and is after each crash, as if all were in memory, in programs of seeds ${first} to ${last}`, async () => {
    const told = { looks: 0, pressed: 0 };
    for (let seed = first; seed <= last; seed++) await runPlacedSeed(seed, told);
    expect(told.pressed).toBeGreaterThan(0);
  });
});
