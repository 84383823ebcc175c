import { bindCase, type Case, type SkippedCase } from "@zspine/conformance";
import { abortCases } from "../work/abort-cases.ts";
import { agreementCases } from "../course/agreement-cases.ts";
import { closeCases } from "../work/close-cases.ts";
import { commitCases } from "../write/commit-cases.ts";
import { concurrencyCases } from "../course/concurrency-cases.ts";
import { countCases } from "../read/count-cases.ts";
import { faultCases } from "../course/fault-cases.ts";
import { durableBackupCases } from "../durable/durable-backup-cases.ts";
import { durableCostCases } from "../durable/durable-cost-cases.ts";
import { durableCrashCases } from "../durable/durable-crash-cases.ts";
import { durableDamageCases } from "../durable/durable-damage-cases.ts";
import { durableMergeCases } from "../durable/durable-merge-cases.ts";
import { durableReaderCases } from "../durable/durable-reader-cases.ts";
import { durableRecoveryCases } from "../durable/durable-recovery-cases.ts";
import { durableReopenCases } from "../durable/durable-reopen-cases.ts";
import { durableSchemaCases } from "../durable/durable-schema-cases.ts";
import { durableSessionCases } from "../durable/durable-session-cases.ts";
import { iterationCases } from "../read/iteration-cases.ts";
import { lookUpCases } from "../read/look-up-cases.ts";
import { mergeCases } from "../write/merge-cases.ts";
import { orderCases } from "../read/order-cases.ts";
import { overflowCases } from "../write/overflow-cases.ts";
import { ownershipCases } from "../write/ownership-cases.ts";
import { partCases } from "../read/part-cases.ts";
import { prefixCases } from "../read/prefix-cases.ts";
import { propertyCases } from "../read/property-cases.ts";
import { rangeCases } from "../read/range-cases.ts";
import { refusalCases } from "../write/refusal-cases.ts";
import { snapshotCases } from "../read/snapshot-cases.ts";
import { weightCases } from "../write/weight-cases.ts";
import { workCases } from "../work/work-cases.ts";
import { reasonToSkipStoreCase, type StoreCase, type StoreSuiteScope } from "./store-case.ts";
import { StoreFixture, type StoreSuiteOptions } from "./store-fixture.ts";

const ALL: readonly StoreCase[] = [
  ...weightCases,
  ...overflowCases,
  ...rangeCases,
  ...prefixCases,
  ...commitCases,
  ...lookUpCases,
  ...snapshotCases,
  ...iterationCases,
  ...countCases,
  ...mergeCases,
  ...workCases,
  ...refusalCases,
  ...ownershipCases,
  ...abortCases,
  ...closeCases,
  ...orderCases,
  ...partCases,
  ...propertyCases,
  ...concurrencyCases,
  ...faultCases,
  ...agreementCases,
  ...durableReopenCases,
  ...durableSessionCases,
  ...durableCrashCases,
  ...durableDamageCases,
  ...durableRecoveryCases,
  ...durableSchemaCases,
  ...durableBackupCases,
  ...durableMergeCases,
  ...durableCostCases,
  ...durableReaderCases,
];

/**
 * The cases that prove a store over a backend: `it(case.name, case.run)` with any test runner. Each runs
 * alone, in any order, on stores of its own.
 *
 * The runner is to fail on unhandled rejections, as all known ones do: some cases show that there are none.
 */
export function storeCases(options: StoreSuiteOptions): Case[] {
  let places = 0;
  const nextPlace = (): string => `case-${++places}`;
  return ALL.filter((found) => reasonToSkipStoreCase(found, options) === undefined).map((found) =>
    bindCase(found, options.seed ?? 1, () => new StoreFixture(options, nextPlace)),
  );
}

/** The cases that {@link storeCases} leaves out for the same options, each with its reason. */
export function skippedStoreCases(options: StoreSuiteScope): SkippedCase[] {
  return ALL.flatMap((found) => {
    const reason = reasonToSkipStoreCase(found, options);
    return reason === undefined ? [] : [{ name: found.name, reason }];
  });
}
