import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { retainedPlaces } from "../../../packages/store/test/retained-places.ts";
import { computeAnswers, readAnswers } from "../src/answers.ts";
import { stepOf, type HouseStep } from "../src/auction-house.ts";
import { openNexmark } from "../src/queries.ts";

const SEED = 20261130;

describe("Nexmark", () => {
  it("O1 O3 queries 3, 4 and 9 are what a naive computation gives after each step, and after kills", async () => {
    const places = retainedPlaces(() => memory());
    const open = () => openStore({ backend: places.opener("place") });
    const random = new SeededRandom(SEED);
    const happened: HouseStep[] = [];
    let store = await open();
    let view = await openNexmark(store);
    let kills = 0;
    for (let step = 0; step < 60; step++) {
      happened.push(stepOf(SEED, step));
      const { rowsRead } = await view.step(happened[step]!, { metadata: { step } });
      // A bid reads its auction; an auction that gets one reads its best bid, and the sale of it. None reads all bids.
      if (step > 5) expect(rowsRead).toBeLessThan(250);
      if (random.chance(0.1)) {
        places.crash("place");
        kills++;
        store = await open();
        view = await openNexmark(store);
        expect(view.metadata).toEqual({ step });
      }
      expect(await readAnswers(view), `seed ${SEED}, step ${step}`).toEqual(computeAnswers(happened));
    }
    expect(kills).toBeGreaterThan(1);
    expect(computeAnswers(happened).q3.length).toBeGreaterThan(5);
    expect(happened.some(({ bids }) => bids.some(({ weight }) => weight < 0))).toBe(true);
    await store.close();
  });

  it("stepOf() gives the same whenever it is asked, and other steps for another seed", () => {
    expect(stepOf(1, 7)).toEqual(stepOf(1, 7));
    expect(stepOf(1, 7)).not.toEqual(stepOf(2, 7));
  });

  it("stepOf() takes bids back that the step before has made", () => {
    for (let step = 1; step < 50; step++) {
      const made = new Set(stepOf(SEED, step - 1).bids.map(({ value }) => value.time));
      for (const { value, weight } of stepOf(SEED, step).bids)
        if (weight < 0) expect(made.has(value.time)).toBe(true);
    }
  });
});
