import { expect, it } from "vitest";
import { fenceEverywhere, type Fencing } from "../../../store/test/fencing/fencing-law.ts";
import { writeInAllOrders } from "../../../store/test/fencing/order-law.ts";
import { s3Medium } from "./s3-medium.ts";

it("OT2 OT10 a writer that is stopped at any of its requests, and fenced, acknowledges nothing that is lost, and removes nothing that the other needs", async () => {
  let steps = 0;
  for (let seed = 1; seed <= 2; seed++) {
    const newMedia = (): Fencing["media"] => {
      const medium = s3Medium();
      return [medium, medium];
    };
    steps += await fenceEverywhere(seed, newMedia, 3);
  }
  expect(steps).toBeGreaterThan(50);
});

it("OT3 what two writers write in another order than heads come to name it stays, whoever collects in between", async () => {
  expect(await writeInAllOrders(s3Medium, 9)).toBeGreaterThan(8);
});
