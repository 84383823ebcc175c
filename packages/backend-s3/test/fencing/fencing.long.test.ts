import { it } from "vitest";
import { fenceEverywhere, type Fencing } from "../../../store/test/fencing/fencing-law.ts";
import { s3Medium } from "./s3-medium.ts";

// `ZSPINE_SEED=9 ZSPINE_TESTS=long npx vitest run packages/backend-s3/test/fencing` has one.
const only = process.env["ZSPINE_SEED"];
const [first, last] = only === undefined ? [3, 9] : [Number(only), Number(only)];

it("OT2 OT10 a writer that is stopped at any of its requests, and fenced, acknowledges nothing that is lost, and removes nothing that the other needs", async () => {
  for (let seed = first; seed <= last; seed++) {
    const newMedia = (): Fencing["media"] => {
      const medium = s3Medium();
      return [medium, medium];
    };
    await fenceEverywhere(seed, newMedia, only === undefined ? 4 : 1);
  }
});
