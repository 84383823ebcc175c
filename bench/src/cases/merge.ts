import { IndexedZSet } from "@zspine/core";
import { Batch, Merger, type MergeInput } from "@zspine/core/engine";
import { checksumOf } from "../data/naive.ts";
import type { Fixture } from "../data/fixture.ts";
import { sortAndDedupe } from "../plain/plain.ts";
import type { Case } from "../measure/trial.ts";

/** Batches whose keys lie all through each other to one batch. */
export const mergeCases: readonly Case[] = [mergeCase(2), mergeCase(4)];

function mergeCase(ways: number): Case {
  return {
    name: `merge, ${ways}-way`,
    open(fixture) {
      const { layout, naive, checksum } = fixture;
      const pieces = fixture.split(ways);
      const inputs = pieces.map(({ batch }) => ({ batch, from: 0, to: batch.length }));
      // V8's sort finds the runs that are sorted already, and merges them.
      const rows = pieces.flatMap((piece) => [...piece]);
      return {
        rows: rows.length,
        checksum,
        verify: () => checksumOf(new IndexedZSet(mergeBatches(layout, inputs))),
        answer: naive.rows,
        zspine: { run: () => mergeBatches(layout, inputs).length },
        plain: { run: () => sortAndDedupe(rows).length },
      };
    },
  };
}

function mergeBatches(layout: Fixture["layout"], inputs: readonly MergeInput[]): Fixture["whole"] {
  const merger = new Merger(layout, inputs);
  merger.work(Infinity);
  return new Batch(layout, merger.take());
}
