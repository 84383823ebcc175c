import { expect, it } from "vitest";
import { headConflict } from "../../src/index.ts";

it("headConflict() says which head was not created, why, and that nothing was done", () => {
  expect(headConflict(7, "the next head is 9")).toMatchObject({
    code: "ZSPINE_CONFLICT",
    determinate: true,
    message:
      "head 7 was not created: the next head is 9; another writer was first, read the newest head again",
  });
});
