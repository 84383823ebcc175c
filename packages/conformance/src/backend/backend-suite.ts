import { bindCase } from "../case/bind-case.ts";
import type { Case, SkippedCase } from "../case/case.ts";
import { abortCases } from "./abort-cases.ts";
import { reasonToSkip, type BackendCase } from "./backend-case.ts";
import { BackendFixture, type BackendSuiteOptions } from "./backend-fixture.ts";
import { closeCases } from "./close-cases.ts";
import { declarationCases } from "./declaration-cases.ts";
import { durableCases } from "./durable-cases.ts";
import { guestCases } from "./guest-cases.ts";
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
  ...guestCases,
];

/**
 * The cases that prove a backend against the contract of `Backend` in `@zspine/core`, as far as its
 * capabilities promise. Each runs alone, in any order, on places of its own.
 */
export function backendCases(options: BackendSuiteOptions): Case[] {
  let places = 0;
  const nextPlace = (): string => `case-${++places}`;
  return ALL.filter(({ needs }) => reasonToSkip(needs ?? [], options.capabilities) === undefined).map(
    (found) => bindCase(found, options.seed ?? 1, () => new BackendFixture(options, nextPlace)),
  );
}

/** The cases that {@link backendCases} leaves out for the same options, each with its reason. */
export function skippedCases(options: Pick<BackendSuiteOptions, "capabilities">): SkippedCase[] {
  return ALL.flatMap(({ name, needs }) => {
    const reason = reasonToSkip(needs ?? [], options.capabilities);
    return reason === undefined ? [] : [{ name, reason }];
  });
}
