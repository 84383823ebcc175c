import { refused } from "@zspine/core";

/** How the values of an expression are ordered, as TanStack DB says. */
export interface CompareOptions {
  readonly direction?: "asc" | "desc" | undefined;
  readonly nulls?: "first" | "last" | undefined;
  readonly stringSort?: "lexical" | "locale" | undefined;
  readonly locale?: string | undefined;
  readonly localeOptions?: object | undefined;
}

/** An expression to order by. */
export interface OrderClause {
  readonly expression: unknown;
  readonly compareOptions: CompareOptions;
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no order. */
export function checkOrder(orderBy: unknown): readonly OrderClause[] {
  if (orderBy === undefined) return [];
  const isClause = (clause: unknown): boolean =>
    typeof clause === "object" &&
    clause !== null &&
    typeof (clause as Partial<OrderClause>).compareOptions === "object";
  if (Array.isArray(orderBy) && orderBy.every(isClause)) return orderBy as readonly OrderClause[];
  throw refused(["orderBy"], "clauses of an expression and compareOptions", orderBy);
}

/** Orders two values by a clause: negative, 0 or positive. What is absent comes where `nulls` says, in both directions. */
export function compareBy(a: unknown, b: unknown, options: CompareOptions): number {
  const isAbsent = [a === null || a === undefined, b === null || b === undefined];
  if (isAbsent[0] || isAbsent[1]) {
    if (isAbsent[0] && isAbsent[1]) return 0;
    return isAbsent[0] === (options.nulls === "first") ? -1 : 1;
  }
  const order = compareValues(a, b, options);
  return options.direction === "desc" ? -order : order;
}

function compareValues(a: unknown, b: unknown, options: CompareOptions): number {
  if (typeof a === "string" && typeof b === "string") {
    if (options.stringSort === "locale")
      return a.localeCompare(b, options.locale, options.localeOptions as Intl.CollatorOptions);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let at = 0; at < Math.min(a.length, b.length); at++) {
      const order = compareBy(a[at], b[at], { ...options, direction: "asc" });
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  const [left, right] = [comparable(a), comparable(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparable(value: unknown): number | string {
  if (value instanceof Date) return value.getTime();
  return value as number | string;
}
