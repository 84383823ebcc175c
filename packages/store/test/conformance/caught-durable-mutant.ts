import { memory } from "@zspine/backend-memory";
import type { Case } from "@zspine/conformance";
import { expect } from "vitest";
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
export const durableMutants = storeMutants(newOptions()).filter(({ name }) => !known.has(name));

/** Gives the durable case that catches a mutant, by the mutant's fault: the correct store passes that case. */
export async function caseThatCatches(mutantName: string): Promise<string> {
  const mutant = storeMutants(newOptions()).find(({ name }) => name === mutantName)!;
  for (const { name, run } of durableCases(mutant.options)) {
    const isCaught = await run().then(
      () => false,
      () => true,
    );
    if (!isCaught) continue;
    await durableCases(newOptions())
      .find((one) => one.name === name)!
      .run();
    return name;
  }
  return expect.fail(`no case catches a store that ${mutantName}`);
}
