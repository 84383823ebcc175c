import { AssertionFailure, describeError } from "../assertion/assertion.ts";
import type { Case } from "../case/case.ts";
import { SeededRandom } from "../random/seeded-random.ts";
import { CORE_ALGEBRA, type AlgebraUnderTest } from "./algebra-under-test.ts";
import { groupLaws } from "./group-laws.ts";
import { joinLaws } from "./join-laws.ts";
import { randomIntegers } from "./law.ts";
import { streamLaws } from "./stream-laws.ts";

/** What the suite of the algebra is told. */
export interface AlgebraSuiteOptions {
  /** Functions to use instead of those of `@zspine/core`, by name. */
  readonly algebra?: Partial<AlgebraUnderTest> | undefined;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number | undefined;
  /** On how many Z-sets by chance each law is tried. Default: 60. */
  readonly runs?: number | undefined;
}

/** The laws of the Z-set algebra as cases: `it(case.name, case.run)` with any test runner. */
export function algebraCases(options: AlgebraSuiteOptions = {}): Case[] {
  const { seed = 1, runs = 60 } = options;
  const algebra = { ...CORE_ALGEBRA, ...options.algebra };
  return [...groupLaws, ...joinLaws, ...streamLaws].map((law) => {
    const name = `${law.name} (${runs} runs of seed ${seed})`;
    const run = async (): Promise<void> => {
      const seeds = new SeededRandom(seed);
      for (let number = 0; number < runs; number++) {
        const random = new SeededRandom(seeds.uint32());
        const [a, b, c] = [randomIntegers(random), randomIntegers(random), randomIntegers(random)];
        try {
          law.holds({ algebra, random, a, b, c });
        } catch (error) {
          throw new AssertionFailure(`${name}: run ${number}: ${describeError(error)}`, { cause: error });
        }
      }
    };
    return { name, run };
  });
}
