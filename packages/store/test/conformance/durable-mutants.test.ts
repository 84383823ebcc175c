import type { Case } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import { describe, expect, it } from "vitest";
import { storeCases, storeMutants, type StoreSuiteOptions } from "../../src/conformance/index.ts";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

/** Stores at places of their own, for each suite begins with the first place. */
function newOptions(): StoreSuiteOptions {
  // Values of several blocks, so that it tells whether one block is read or its whole value.
  const places = retainedPlaces(() => memory({ preferredValueBytes: 2 ** 20 }));
  return {
    capabilities: places.capabilities,
    places,
    open: (given, place) => openStore({ ...given, backend: places.opener(place) }),
  };
}
const resident: StoreSuiteOptions = {
  capabilities: memory().capabilities,
  open: (given) => openStore({ backend: memory(), ...given }),
};

/** The cases that only a durable medium runs. */
function durableCases(of: StoreSuiteOptions): Case[] {
  const others = new Set(storeCases(resident).map(({ name }) => name));
  const all = storeCases(of).filter(({ name }) => !others.has(name));
  const quick = new Set(storeCases({ ...of, speed: "quick" }).map(({ name }) => name));
  return [...all.filter(({ name }) => quick.has(name)), ...all.filter(({ name }) => !quick.has(name))];
}

const known = new Set(storeMutants(resident).map(({ name }) => name));
const mutants = storeMutants(newOptions()).filter(({ name }) => !known.has(name));
const caughtBy = new Map<string, string>();

describe("the durable cases of storeCases() catch a store that", () => {
  it.each(mutants)("$name, for $law", async ({ name: mutantName }) => {
    const mutant = storeMutants(newOptions()).find(({ name }) => name === mutantName)!;
    for (const { name, run } of durableCases(mutant.options)) {
      const isCaught = await run().then(
        () => false,
        () => true,
      );
      if (!isCaught) continue;
      caughtBy.set(mutant.name, name);
      break;
    }
    const name = caughtBy.get(mutant.name);
    expect(name, "the case that catches it").toBeDefined();
    // By the mutant's fault, that is: the correct store passes the same case.
    await durableCases(newOptions())
      .find((one) => one.name === name)!
      .run();
  });

  it("are told which case caught which", ({ annotate }) => {
    expect(caughtBy.size).toBe(mutants.length);
    return annotate(Array.from(caughtBy, ([mutant, name]) => `${mutant}: ${name}`).join("\n"));
  });
});

describe("storeMutants()", () => {
  it("breaks a durable store in 25 ways and more, each with a name of its own", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(25);
  });
});
