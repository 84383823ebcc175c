import { describe, it } from "vitest";
import { runSeeds } from "./cut-seeds.ts";

// Those before run in the short test.
const FIRST = 51;
const LAST = 300;

describe("a store on a medium that loses what was not synced", () => {
  it(`C24 C25 C26 opens by itself after any power cut, at the last synced commit or later, in programs of seeds ${FIRST} to ${LAST}`, async () => {
    await runSeeds(FIRST, LAST);
  });
});
