import type { Antichain, MultiSet, v } from "@electric-sql/d2ts";
import type { OptionKind } from "@zspine/core";

/**
 * What the adapter needs of d2ts: pass the module, `import * as d2ts from "@electric-sql/d2ts"`. It is given and not
 * imported, for d2ts compares versions by which object they are: those made here have to be made by the copy whose graphs
 * meet them.
 */
export interface D2ts {
  readonly v: typeof v;
  readonly Antichain: typeof Antichain;
  readonly MultiSet: typeof MultiSet;
}

/** Accepts the module of d2ts. */
export const D2TS: OptionKind = {
  expected: "the module of d2ts",
  accepts: (value) => {
    const { v: version, Antichain: frontier, MultiSet: rows } = (value ?? {}) as Partial<D2ts>;
    return [version, frontier, rows].every((part) => typeof part === "function");
  },
  advise: (_value, name) => `write import * as ${name} from "@electric-sql/d2ts"`,
};
