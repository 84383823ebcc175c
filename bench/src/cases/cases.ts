import type { Case } from "../measure/trial.ts";
import { commitCases } from "./commit.ts";
import { consolidateCases } from "./consolidate.ts";
import { insertCases } from "./insert.ts";
import { lookUpCases } from "./look-up.ts";
import { mergeCases } from "./merge.ts";
import { scanCases } from "./scan.ts";

/** All benchmarks, in the order in which they are run. */
export const cases: readonly Case[] = [
  ...consolidateCases,
  ...mergeCases,
  ...insertCases,
  ...scanCases,
  ...commitCases,
  ...lookUpCases,
];
