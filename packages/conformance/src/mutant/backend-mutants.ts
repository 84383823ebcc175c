import { reasonToSkip } from "../backend/backend-case.ts";
import type { BackendSuiteOptions } from "../backend/backend-fixture.ts";
import { durableMutants } from "./durable-mutants.ts";
import { guestMutants } from "./guest-mutants.ts";
import { headMutants } from "./head-mutants.ts";
import { lifecycleMutants } from "./lifecycle-mutants.ts";
import { listMutants } from "./list-mutants.ts";
import type { MutantRecipe } from "./mutant-recipe.ts";
import { valueMutants } from "./value-mutants.ts";
import { writeMutants } from "./write-mutants.ts";

/** A backend that is broken on purpose: the suite, given its options, must fail. */
export interface BackendMutant {
  /** What it does: "gives an empty value for none". */
  readonly name: string;
  /** The law that it breaks. */
  readonly law: string;
  /** The options with which `backendCases` is given the mutant. */
  readonly options: BackendSuiteOptions;
}

const ALL: readonly MutantRecipe[] = [
  ...valueMutants,
  ...writeMutants,
  ...listMutants,
  ...headMutants,
  ...lifecycleMutants,
  ...durableMutants,
  ...guestMutants,
];

/**
 * Breaks a correct backend in every way that its capabilities allow, each mutant in one. They prove the
 * suite: a suite that passes a mutant does not check the law that the mutant breaks.
 */
export function backendMutants(options: BackendSuiteOptions): BackendMutant[] {
  return ALL.filter(({ needs }) => reasonToSkip(needs ?? [], options.capabilities) === undefined).map(
    ({ name, law, spoil }, at) => {
      // Places of its own, so that what one mutant left behind does not betray the next.
      const open = spoil(async (place, how) => options.open(`mutant-${at + 1}-${place}`, how));
      return { name, law, options: { ...options, open } };
    },
  );
}
