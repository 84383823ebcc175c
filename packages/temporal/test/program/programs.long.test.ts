import { describe, it } from "vitest";
import { runCompacted } from "./compacted-programs.ts";
import { inMemory, inRetained, onDisk, onLosingDisk } from "./program-medium.ts";
import { runSeeds } from "./seeds.ts";

const FIRST = 1001;
const upTo = (seeds: number): number => FIRST + seeds - 1;

describe("temporal programs of many seeds", () => {
  it(`F1 F5 F20 TT1 TT2 TT3 TT15 TT16 TT18 answer as an oracle that keeps every update, with rows in memory, of seeds ${FIRST} to ${upTo(60)}`, async () => {
    await runSeeds(inMemory, FIRST, upTo(60));
  });

  it(`F1 F5 F7 F20 TT4 TT10 TT15 TT19 answer as the oracle after each kill and restart, of seeds ${FIRST} to ${upTo(50)}`, async () => {
    await runSeeds((random) => inRetained(random, false), FIRST, upTo(50));
  });

  it(`F3 F5 F7 F13 F15 TT4 TT19 answer as the oracle over a medium whose calls fail, of seeds ${FIRST} to ${upTo(40)}`, async () => {
    await runSeeds((random) => inRetained(random, true), FIRST, upTo(40));
  });

  it(`F7 F13 F15 TT4 TT10 TT19 are after each power cut what one synced head or a later one says, rows, since, upper and holds, of seeds ${FIRST} to ${upTo(130)}`, async () => {
    await runSeeds(onLosingDisk, FIRST, upTo(130));
  });

  it(`R4 R6 R14 F7 answer as the oracle where memory is placed, over scratch, kills, faults and power cuts, of seeds ${FIRST} to ${upTo(8)}`, async () => {
    const told = { looks: 0, pressed: 0 };
    await runSeeds(inMemory, FIRST, upTo(8), told);
    await runSeeds((random) => inRetained(random, true), FIRST, upTo(8), told);
    await runSeeds(onLosingDisk, FIRST, upTo(8), told);
  });

  it(`OT8 OT9 answer as the oracle when compactors that die, are late and give damaged results make merges, of seeds ${FIRST} to ${upTo(10)}`, async () => {
    await runCompacted(FIRST, upTo(10));
  });

  for (const kind of ["file", "level"] as const)
    it(`F7 L14 L15 answer as the oracle on a disk, by ${kind}, of seeds ${FIRST} to ${upTo(4)}`, async () => {
      await runSeeds(() => onDisk(kind), FIRST, upTo(4));
    });
});
