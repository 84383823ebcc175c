import { describe, expect, it } from "vitest";
import { explore } from "./explorer.ts";
import { heldUp, orphans, slowReader, strayHead } from "./scenarios.ts";

// About a millisecond each. `ZSPINE_STATES=1000000 ZSPINE_TESTS=long npx vitest run packages/backend-s3/test/model` has more.
const STATES_MAX = Number(process.env["ZSPINE_STATES"] ?? 10_000);

describe("in all orders of requests", () => {
  it.each([
    ["OT2 a reader does not take a head that was created too late for the newest", strayHead],
    ["OT3 nothing is removed that another may still name", orphans],
  ])("%s", async (_, scenario) => {
    const { states, broken } = await explore(scenario, STATES_MAX);
    expect(broken).toBeUndefined();
    expect(states).toBeLessThan(STATES_MAX);
  });
});

describe("in thousands of orders of requests", () => {
  it.each([
    ["OT2 a writer that was held up does not commit a number again, and nothing is lost", heldUp()],
    ["OT5 a reader sees heads in order, and finds what the newest names", slowReader],
  ])("%s", async (_, scenario) => {
    const { broken } = await explore(scenario, STATES_MAX);
    expect(broken).toBeUndefined();
  });
});
