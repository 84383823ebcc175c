import { describe, it } from "vitest";
import { runCompacted } from "./compacted-programs.ts";
import { inMemory, inRetained, onDisk, onLosingDisk } from "./program-medium.ts";
import { runSeeds } from "./seeds.ts";

const FIRST = 1001;
const upTo = (seeds: number): number => FIRST + seeds - 1;

describe("temporal programs of many seeds", () => {
  it(`F1 F5 F20 TT1 TT2 TT3 TT15 TT16 TT18 answer as an oracle that keeps every update, with rows in memory, of seeds ${FIRST} to ${upTo(120)}`, async () => {
    await runSeeds(inMemory, FIRST, upTo(120));
  });

  it(`F1 F5 F7 F20 TT4 TT10 TT15 TT19 answer as the oracle after each kill and restart, of seeds ${FIRST} to ${upTo(100)}`, async () => {
    await runSeeds((random) => inRetained(random, false), FIRST, upTo(100));
  });

  it(`F3 F5 F7 F13 F15 TT4 TT19 answer as the oracle over a medium whose calls fail, of seeds ${FIRST} to ${upTo(80)}`, async () => {
    await runSeeds((random) => inRetained(random, true), FIRST, upTo(80));
  });

  it(`F7 F13 F15 TT4 TT10 TT19 are after each power cut what one synced head or a later one says, rows, since, upper and holds, of seeds ${FIRST} to ${upTo(260)}`, async () => {
    await runSeeds(onLosingDisk, FIRST, upTo(260));
  });

  it(`R4 R6 R14 F7 answer as the oracle where memory is placed, over scratch, kills, faults and power cuts, of seeds ${FIRST} to ${upTo(16)}`, async () => {
    const told = { looks: 0, pressed: 0 };
    await runSeeds(inMemory, FIRST, upTo(16), told);
    await runSeeds((random) => inRetained(random, true), FIRST, upTo(16), told);
    await runSeeds(onLosingDisk, FIRST, upTo(16), told);
  });

  it(`OT8 OT9 answer as the oracle when compactors that die, are late and give damaged results make merges, of seeds ${FIRST} to ${upTo(20)}`, async () => {
    await runCompacted(FIRST, upTo(20));
  });

  for (const kind of ["file", "level"] as const)
    it(`F7 L14 L15 answer as the oracle on a disk, by ${kind}, of seeds ${FIRST} to ${upTo(6)}`, async () => {
      await runSeeds(() => onDisk(kind), FIRST, upTo(6));
    });
});
