import { refused } from "@zspine/core";
import type { RowValue } from "../peer/contract.ts";
import type { TanstackDb } from "../peer/tanstack.ts";

interface Expression {
  readonly type: "ref" | "val" | "func";
  readonly path?: readonly PropertyKey[];
  readonly args?: readonly Expression[];
}

/**
 * Makes a function of rows of an expression. A reference may begin with the alias of the collection in the query, whatever it
 * is: where a row has no such field, the alias stands for the row.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what TanStack DB cannot evaluate on a row.
 */
export function compileExpression(db: TanstackDb, expression: unknown): (row: RowValue) => unknown {
  let evaluate: (row: RowValue) => unknown;
  try {
    evaluate = db.compileSingleRowExpression(expression as never);
  } catch (cause) {
    throw refused(
      ["where"],
      "an expression of TanStack DB about one row",
      expression,
      (cause as Error).message,
    );
  }
  const aliases = new Set<string>();
  findAliases(expression as Expression, aliases);
  if (aliases.size === 0) return evaluate;
  return (row) => evaluate(withAliases(row, aliases));
}

/** Makes a condition of an expression: what is neither true nor false does not meet it. */
export function compileCondition(db: TanstackDb, expression: unknown): (row: RowValue) => boolean {
  const evaluate = compileExpression(db, expression);
  return (row) => db.toBooleanPredicate(evaluate(row) as never);
}

function findAliases({ path = [], args = [] }: Expression, aliases: Set<string>): void {
  if (path.length > 1) aliases.add(String(path[0]));
  for (const arg of args) findAliases(arg, aliases);
}

function withAliases(row: RowValue, aliases: ReadonlySet<string>): RowValue {
  const missing = [...aliases].filter((alias) => row[alias] === undefined);
  if (missing.length === 0) return row;
  return { ...row, ...Object.fromEntries(missing.map((alias) => [alias, row])) };
}
