import { describe, expect, it } from "vitest";
import { explore } from "./explorer.ts";
import { heldUp, orphans, slowReader, strayHead } from "./scenarios.ts";

const STATES_MAX = 200_000;

describe("in all orders of requests", () => {
  it.each([
    ["OT2 a writer that was held up does not commit a number again, and nothing is lost", heldUp()],
    ["OT2 a reader does not take a head that was created too late for the newest", strayHead],
    ["OT3 nothing is removed that another may still name", orphans],
    ["OT5 a reader sees heads in order, and finds what the newest names", slowReader],
  ])("%s", async (_, scenario) => {
    const { states, broken } = await explore(scenario, STATES_MAX);
    expect(broken).toBeUndefined();
    expect(states).toBeLessThan(STATES_MAX);
  });
});
