import type { LensMaker } from "@zspine/store";
import { LENS_KIND, readLens } from "./described-lens.ts";
import { SinceLens } from "./since-lens.ts";

/**
 * Has a compactor make the merges of temporal traces: what `runCompactor({ lenses: [temporalLenses] })` is given.
 * Times are folded below where since was when a merge was offered. Where it has gone on meanwhile, less is folded than could
 * be, which a later merge does; answers are the same.
 */
export const temporalLenses: LensMaker = {
  kind: LENS_KIND,
  lens: (terms, columns) => {
    const { since, life } = readLens(terms, columns);
    return new SinceLens(columns.kinds.length, since, life);
  },
};
