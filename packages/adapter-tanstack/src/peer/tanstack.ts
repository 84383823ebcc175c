import type { OptionKind } from "@zspine/core";

/**
 * What the adapter needs of TanStack DB: pass the module, `import * as db from "@tanstack/db"`. Expressions of queries are
 * evaluated by its own functions, so that they mean what they mean there.
 */
export interface TanstackDb {
  compileSingleRowExpression(expression: never): (row: Record<string, unknown>) => unknown;
  toBooleanPredicate(value: never): boolean;
}

/** Accepts the module of TanStack DB. */
export const TANSTACK_DB: OptionKind = {
  expected: "the module of TanStack DB",
  accepts: (value) => {
    const { compileSingleRowExpression, toBooleanPredicate } = (value ?? {}) as Partial<TanstackDb>;
    return typeof compileSingleRowExpression === "function" && typeof toBooleanPredicate === "function";
  },
  advise: (_value, name) => `write import * as ${name} from "@tanstack/db"`,
};
