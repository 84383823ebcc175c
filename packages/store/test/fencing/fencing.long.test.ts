import { it } from "vitest";
import { memoryMedium } from "./fencing-medium.ts";
import { fenceEverywhere } from "./fencing-law.ts";

// `ZSPINE_SEED=9 ZSPINE_TESTS=long npx vitest run packages/store/test/fencing` has one.
const only = process.env["ZSPINE_SEED"];
const [first, last] = only === undefined ? [5, 14] : [Number(only), Number(only)];

it("OT2 OT10 a writer that is stopped at any of its steps, and fenced, acknowledges nothing that is lost, and removes nothing that the other needs", async () => {
  for (let seed = first; seed <= last; seed++) {
    await fenceEverywhere(seed, () => {
      const medium = memoryMedium();
      return [medium, medium];
    });
  }
});
