import { describe, expect, it } from "vitest";
import { caseThatCatches, durableMutants } from "./caught-durable-mutant.ts";

const caughtBy = new Map<string, string>();

describe("the durable cases of storeCases() catch a store that", () => {
  it.each(durableMutants)("$name, for $law", async ({ name }) => {
    caughtBy.set(name, await caseThatCatches(name));
  });

  it("are told which case caught which", ({ annotate }) => {
    expect(caughtBy.size).toBe(durableMutants.length);
    return annotate(Array.from(caughtBy, ([mutant, name]) => `${mutant}: ${name}`).join("\n"));
  });
});
