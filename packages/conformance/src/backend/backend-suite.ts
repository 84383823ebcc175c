import { AssertionFailure, describeError } from "../assertion/assertion.ts";
import type { Case, SkippedCase } from "../case/case.ts";
import { abortCases } from "./abort-cases.ts";
import { reasonToSkip, type BackendCase } from "./backend-case.ts";
import { BackendFixture, type BackendSuiteOptions } from "./backend-fixture.ts";
import { closeCases } from "./close-cases.ts";
import { declarationCases } from "./declaration-cases.ts";
import { durableCases } from "./durable-cases.ts";
import { headCases } from "./head-cases.ts";
import { listCases } from "./list-cases.ts";
import { lockCases } from "./lock-cases.ts";
import { nameCases } from "./name-cases.ts";
import { ownershipCases } from "./ownership-cases.ts";
import { programCases } from "./program-cases.ts";
import { raceCases } from "./race-cases.ts";
import { syncCases } from "./sync-cases.ts";
import { valueCases } from "./value-cases.ts";
import { writeCases } from "./write-cases.ts";

const ALL: readonly BackendCase[] = [
  ...declarationCases,
  ...valueCases,
  ...nameCases,
  ...writeCases,
  ...listCases,
  ...headCases,
  ...raceCases,
  ...ownershipCases,
  ...syncCases,
  ...abortCases,
  ...closeCases,
  ...programCases,
  ...durableCases,
  ...lockCases,
];

/**
 * The cases that prove a backend against the contract of `Backend` in `@zspine/core`, as far as its
 * capabilities promise. Each runs alone, in any order, on places of its own.
 */
export function backendCases(options: BackendSuiteOptions): Case[] {
  let places = 0;
  const nextPlace = (): string => `case-${++places}`;
  return ALL.filter(({ needs }) => reasonToSkip(needs ?? [], options.capabilities) === undefined).map(
    (found) => bind(found, options, nextPlace),
  );
}

/** The cases that {@link backendCases} leaves out for the same options, each with its reason. */
export function skippedCases(options: Pick<BackendSuiteOptions, "capabilities">): SkippedCase[] {
  return ALL.flatMap(({ name, needs }) => {
    const reason = reasonToSkip(needs ?? [], options.capabilities);
    return reason === undefined ? [] : [{ name, reason }];
  });
}

function bind(found: BackendCase, options: BackendSuiteOptions, nextPlace: () => string): Case {
  const name = found.isSeeded === true ? `${found.name} (seed ${options.seed ?? 1})` : found.name;
  const run = async (): Promise<void> => {
    const fixture = new BackendFixture(options, nextPlace);
    try {
      await found.run(fixture);
      await fixture.closeAll();
    } catch (error) {
      // What the case found matters; what goes wrong while tidying up after it does not.
      await fixture.closeAll().catch(() => undefined);
      throw new AssertionFailure(`${name}: ${describeError(error)}`, { cause: error });
    }
  };
  return { name, run };
}
