import type { Serializer, SerializerOptions } from "@zspine/core";
import { AssertionFailure, describeError } from "../assertion/assertion.ts";
import type { Case } from "../case/case.ts";
import { SeededRandom } from "../random/seeded-random.ts";
import { compressionCases } from "./compression-cases.ts";
import { extensionCases } from "./extension-cases.ts";
import type { FormatCase } from "./format-case.ts";
import { limitCases } from "./limit-cases.ts";
import { mutationCases } from "./mutation-cases.ts";
import { recordCases } from "./record-cases.ts";

/** What the suite is told of the serializers that it is to prove. */
export interface FormatSuiteOptions {
  /** Makes a serializer, as plugins made with `formatSerializer` do. */
  readonly create: (options?: SerializerOptions) => Serializer;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number | undefined;
}

const ALL: readonly FormatCase[] = [
  ...recordCases,
  ...extensionCases,
  ...compressionCases,
  ...limitCases,
  ...mutationCases,
];

/**
 * The cases that prove what serializers of `formatSerializer` promise beyond the contract of `Serializer`, which
 * `serializerCases` proves: their options, refusals that name the path, ownership, and a hundred thousand
 * mutations. Ids in names are those of the project's table of features.
 */
export function formatCases({ create, seed = 1 }: FormatSuiteOptions): Case[] {
  return ALL.map((found) => {
    const name = found.isSeeded === true ? `${found.name} (seed ${seed})` : found.name;
    const run = async (): Promise<void> => {
      try {
        found.run({ create, random: new SeededRandom(seed) });
      } catch (error) {
        throw new AssertionFailure(`${name}: ${describeError(error)}`, { cause: error });
      }
    };
    return { name, run };
  });
}
