import { describe, expect, it } from "vitest";
import { TemporalProgram } from "./temporal-program.ts";
import { inMemory, inRetained, onDisk, onLosingDisk } from "./program-medium.ts";
import { SEEDS, upTo } from "./drawn-programs.ts";
import { runSeeds } from "./seeds.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/temporal/test/program/programs.test.ts`.
const { first, count } = SEEDS;

describe("temporal programs", () => {
  it(`F1 F5 F20 TT1 TT2 TT3 TT15 TT16 TT18 answer as an oracle that keeps every update, with rows in memory, of seeds ${first} to ${upTo(8)}`, async () => {
    const met = await runSeeds(inMemory, first, upTo(8));
    if (count === undefined)
      expect(Math.min(met["advanceSince"]!, met["compact"]!, met["acknowledge"]!)).toBeGreaterThan(4);
  });

  it(`F1 F5 F7 F20 TT4 TT10 TT15 TT19 answer as the oracle after each kill and restart, of seeds ${first} to ${upTo(6)}`, async () => {
    await runSeeds((random) => inRetained(random, false), first, upTo(6));
  });

  it(`F3 F5 F7 F13 F15 TT4 TT19 answer as the oracle over a medium whose calls fail, of seeds ${first} to ${upTo(6)}`, async () => {
    await runSeeds((random) => inRetained(random, true), first, upTo(6));
  });

  it(`F7 F13 F15 TT4 TT10 TT19 are after each power cut what one synced head or a later one says, rows, since, upper and holds, of seeds ${first} to ${upTo(12)}`, async () => {
    await runSeeds(onLosingDisk, first, upTo(12));
  });

  for (const kind of ["file", "level"] as const)
    it(`F7 L14 L15 answer as the oracle on a disk, by ${kind}, of seeds ${first} to ${upTo(2)}`, async () => {
      await runSeeds(() => onDisk(kind), first, upTo(2));
    });

  it(`R4 R6 R14 F7 answer as the oracle where memory is placed, over scratch, kills and faults, of seeds ${first} to ${upTo(4)}`, async () => {
    const told = { looks: 0, pressed: 0 };
    await runSeeds(inMemory, first, upTo(4), told);
    await runSeeds((random) => inRetained(random, true), first, upTo(4), told);
    await runSeeds(onLosingDisk, first, upTo(4), told);
    expect(told.pressed).toBeGreaterThan(0);
  });

  it("take the same course when they run again from the same seed", async () => {
    for (const seed of [3, 5]) {
      const [a, b] = [0, 1].map(
        () => new TemporalProgram(seed, (random) => inRetained(random, true), { steps: 50 }),
      );
      await a!.run();
      await b!.run();
      expect(a!.met).toEqual(b!.met);
      expect(a!.digest).toBe(b!.digest);
    }
  });
});
