import type { Case } from "../measure/trial.ts";
import { durableCommitCases } from "./commit.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import { durableLookUpCases } from "./look-up.ts";
import { durableReopenCases } from "./reopen.ts";
import { durableScanCases } from "./scan.ts";

/** All benchmarks of stores that are filled; those that change them are the last. */
export const durableCases: readonly Case<DurableFixture>[] = [
  ...durableScanCases,
  ...durableLookUpCases,
  ...durableReopenCases,
  ...durableCommitCases,
];
