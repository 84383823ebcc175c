import type { Serializer } from "@zspine/core";
import { AssertionFailure, describeError } from "../assertion/assertion.ts";
import type { Case } from "../case/case.ts";
import { SeededRandom } from "../random/seeded-random.ts";
import { canonicalCases } from "./canonical-cases.ts";
import { hostileCases } from "./hostile-cases.ts";
import { refusalCases } from "./refusal-cases.ts";
import { roundTripCases } from "./round-trip-cases.ts";
import type { SerializerCase } from "./serializer-case.ts";

/** What the suite is told of the serializer that it is to prove. */
export interface SerializerSuiteOptions {
  readonly serializer: Serializer;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number | undefined;
}

const ALL: readonly SerializerCase[] = [
  ...roundTripCases,
  ...canonicalCases,
  ...refusalCases,
  ...hostileCases,
];

/** The cases that prove a serializer against the contract of `Serializer` in `@zspine/core`. */
export function serializerCases({ serializer, seed = 1 }: SerializerSuiteOptions): Case[] {
  return ALL.map((found) => {
    const name = found.isSeeded === true ? `${found.name} (seed ${seed})` : found.name;
    const run = async (): Promise<void> => {
      try {
        found.run({ serializer, random: new SeededRandom(seed) });
      } catch (error) {
        throw new AssertionFailure(`${name}: ${describeError(error)}`, { cause: error });
      }
    };
    return { name, run };
  });
}
