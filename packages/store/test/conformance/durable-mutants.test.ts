import { describe, expect, it } from "vitest";
import { caseThatCatches, durableMutants } from "./caught-durable-mutant.ts";

// All of them run in the long tests.
const some = durableMutants.filter((_, n) => n % 8 === 0);

describe("the durable cases of storeCases() catch a store that", () => {
  it.each(some)("$name, for $law", async ({ name }) => {
    await caseThatCatches(name);
  });
});

describe("storeMutants()", () => {
  it("breaks a durable store in 25 ways and more, each with a name of its own", () => {
    expect(new Set(durableMutants.map(({ name }) => name)).size).toBe(durableMutants.length);
    expect(durableMutants.length).toBeGreaterThanOrEqual(25);
  });
});
