import { refused } from "@zspine/core";
import type { LoadedRow, RowValue, SubsetOptions } from "../peer/contract.ts";
import type { TanstackDb } from "../peer/tanstack.ts";
import { encodeRowKey } from "../value/row-key.ts";
import { compileCondition, compileExpression } from "./row-expression.ts";
import { checkOrder, compareBy } from "./row-order.ts";

/** Takes what is wanted of all rows, which come in the order of their keys. */
export interface Subset {
  /** Looks at a row. */
  add(row: LoadedRow): void;
  /** Gives the rows that are wanted, in the order that was asked for. */
  rows(): LoadedRow[];
}

/**
 * Makes a subset of what TanStack DB asks for. Rows that are equal in the order come in that of their keys.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path of what cannot be.
 */
export function subsetOf(db: TanstackDb, options: SubsetOptions): Subset {
  if (typeof options !== "object" || options === null)
    throw refused(["loadSubset"], "an object of options", options, "for all rows write loadSubset(id, {})");
  const { where, orderBy, cursor, offset = 0, limit = Infinity } = options;
  checkCount("limit", limit);
  checkCount("offset", offset);
  const order = orderOf(db, orderBy);
  const isWanted = where === undefined ? undefined : compileCondition(db, where);
  if (cursor === undefined) return partOf(isWanted, order, offset, limit);
  // A page: all rows that are level with its start, and so many of those after it.
  const level = partOf(both(isWanted, compileCondition(db, cursor.whereCurrent)), order, 0, Infinity);
  const after = partOf(both(isWanted, compileCondition(db, cursor.whereFrom)), order, 0, limit);
  return {
    add: (row) => {
      level.add(row);
      after.add(row);
    },
    rows: () => {
      const found = new Map([...level.rows(), ...after.rows()].map((row) => [encodeRowKey(row.key), row]));
      return sorted([...found.values()], order);
    },
  };
}

type Condition = (row: RowValue) => boolean;
type Order = ((a: LoadedRow, b: LoadedRow) => number) | undefined;

function partOf(isWanted: Condition | undefined, order: Order, offset: number, limit: number): Subset {
  const kept: LoadedRow[] = [];
  return {
    add: (row) => {
      if (isWanted === undefined || isWanted(row.value)) kept.push(row);
    },
    rows: () => sorted(kept, order).slice(offset, offset + limit),
  };
}

function sorted(rows: LoadedRow[], order: Order): LoadedRow[] {
  return order === undefined ? rows : rows.sort(order);
}

function both(a: Condition | undefined, b: Condition): Condition {
  return a === undefined ? b : (row) => a(row) && b(row);
}

function orderOf(db: TanstackDb, orderBy: unknown): Order {
  const clauses = checkOrder(orderBy).map(({ expression, compareOptions }) => ({
    evaluate: compileExpression(db, expression),
    compareOptions,
  }));
  if (clauses.length === 0) return undefined;
  return (a, b) => {
    for (const { evaluate, compareOptions } of clauses) {
      const found = compareBy(evaluate(a.value), evaluate(b.value), compareOptions);
      if (found !== 0) return found;
    }
    const [left, right] = [encodeRowKey(a.key), encodeRowKey(b.key)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

function checkCount(name: string, count: unknown): void {
  if (count === Infinity || (Number.isInteger(count) && (count as number) >= 0)) return;
  throw refused(["loadSubset", name], "a number of rows, 0 or more", count);
}
