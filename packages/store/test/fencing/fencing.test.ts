import { expect, it } from "vitest";
import { memoryMedium } from "./fencing-medium.ts";
import { fenceEverywhere, type Fencing } from "./fencing-law.ts";
import { writeInAllOrders } from "./order-law.ts";

const newMedia = (): Fencing["media"] => {
  const medium = memoryMedium();
  return [medium, medium];
};

it("OT2 OT10 a writer that is stopped at any of its steps, and fenced, acknowledges nothing that is lost, and removes nothing that the other needs", async () => {
  let steps = 0;
  for (let seed = 1; seed <= 4; seed++) steps += await fenceEverywhere(seed, newMedia);
  expect(steps).toBeGreaterThan(40);
});

it("OT3 what two writers write in another order than heads come to name it stays, whoever collects in between", async () => {
  expect(await writeInAllOrders(memoryMedium, 3)).toBeGreaterThan(15);
});
