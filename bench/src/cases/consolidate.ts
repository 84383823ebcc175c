import { checksumOf } from "../data/naive.ts";
import { consolidateDataset } from "../data/fixture.ts";
import { plainRowsOf, sortAndDedupe } from "../plain/plain.ts";
import type { Case } from "../measure/trial.ts";

/** Unsorted columns to a batch: encoding, sorting, summing. */
export const consolidateCases: readonly Case[] = [
  {
    name: "consolidate columns",
    open({ dataset, naive, checksum }) {
      const rows = plainRowsOf(dataset);
      return {
        rows: dataset.n,
        checksum,
        verify: () => checksumOf(consolidateDataset(dataset)),
        answer: naive.rows,
        zspine: { run: () => consolidateDataset(dataset).size },
        plain: { run: () => sortAndDedupe(rows).length },
      };
    },
  },
];
