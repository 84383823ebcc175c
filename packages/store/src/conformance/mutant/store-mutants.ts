import { reasonToSkipStoreCase } from "../suite/store-case.ts";
import type { StoreSuiteOptions } from "../suite/store-fixture.ts";
import { commitMutants } from "./commit-mutants.ts";
import { durableMutants } from "./durable-mutants.ts";
import { lifecycleMutants } from "./lifecycle-mutants.ts";
import { lookUpMutants } from "./look-up-mutants.ts";
import { rangeMutants } from "./range-mutants.ts";
import { snapshotMutants } from "./snapshot-mutants.ts";
import type { StoreMutantRecipe } from "./spoil.ts";
import { weightMutants } from "./weight-mutants.ts";

/** A store that is broken on purpose: the suite, given its options, must fail. */
export interface StoreMutant {
  /** What it does: "keeps one value of a key". */
  readonly name: string;
  /** The law that it breaks. */
  readonly law: string;
  /** The options with which `storeCases` is given the mutant. */
  readonly options: StoreSuiteOptions;
}

const ALL: readonly StoreMutantRecipe[] = [
  ...weightMutants,
  ...rangeMutants,
  ...lookUpMutants,
  ...snapshotMutants,
  ...commitMutants,
  ...lifecycleMutants,
  ...durableMutants,
];

/**
 * Breaks a correct store, each mutant in one way. They prove the suite: a suite that passes a mutant does
 * not check the law that the mutant breaks.
 */
export function storeMutants(options: StoreSuiteOptions): StoreMutant[] {
  return ALL.filter((recipe) => reasonToSkipStoreCase(recipe, options) === undefined).map(
    ({ name, law, spoil, spoilPlaces }) => {
      const { places } = options;
      const spoilt = places && spoilPlaces?.(places);
      const more = spoilt === undefined ? {} : { places: spoilt };
      return { name, law, options: { ...options, ...more, open: spoil(options.open) } };
    },
  );
}
