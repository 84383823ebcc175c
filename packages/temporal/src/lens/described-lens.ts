import { ZspineError } from "@zspine/core";
import { binaryColumn, makePart, type Column, type Columns } from "@zspine/core/engine";
import type { Json } from "@zspine/store";
import { hasFields, type DescribedLens } from "@zspine/store/trace-kind";
import type { Time } from "../time/time.ts";
import { Life } from "./life.ts";

/** The kind of the lenses of temporal traces, as jobs of compactors have it. */
export const LENS_KIND = "temporal";

/** A cell of a key as JSON: a number and what settles equal ones, or bytes. */
type Cell = readonly [head: number, tail: number] | readonly [bytes: readonly number[]];

/** Says where since was, and which rows were gone; nothing where JSON does not hold the least key. */
export function describeLens(since: Time, { expiry, leastKey }: Life): DescribedLens | undefined {
  const cells = leastKey?.columns.map(cellOf) ?? null;
  if (cells?.includes(undefined) === true) return undefined;
  return { kind: LENS_KIND, terms: { since, expiry, leastKey: cells as readonly Cell[] | null } };
}

/** Reads what was said. @throws `ZSPINE_CORRUPT` for what no lens of rows that lie so has said. */
export function readLens(terms: Json, { keyColumns, kinds }: Columns): { since: Time; life: Life } {
  if (!hasFields(terms, TERMS)) throw broken();
  const { since, expiry, leastKey } = terms as unknown as {
    readonly since: Time;
    readonly expiry: Time;
    readonly leastKey: readonly unknown[] | null;
  };
  if (leastKey === null) return { since, life: new Life(expiry, undefined) };
  if (leastKey.length !== keyColumns) throw broken();
  const columns = leastKey.map((cell, at) => columnOf(cell, kinds[at]!));
  return { since, life: new Life(expiry, makePart(columns, new Float64Array(1))) };
}

const isTime = (value: unknown): boolean => Number.isSafeInteger(value);
const TERMS = {
  since: isTime,
  expiry: isTime,
  leastKey: (value: unknown): boolean => value === null || Array.isArray(value),
};

function cellOf(column: Column): Cell | undefined {
  if (column.kind === "binary")
    return [Array.from(column.bytes.subarray(column.starts[0], column.starts[1]))];
  const head = column.heads[0]!;
  return Number.isFinite(head) ? [head, column.tails?.[0] ?? 0] : undefined;
}

function columnOf(cell: unknown, kind: Column["kind"]): Column {
  if (!Array.isArray(cell)) throw broken();
  if (kind === "binary") {
    const [bytes] = cell as readonly unknown[];
    if (!Array.isArray(bytes)) throw broken();
    return binaryColumn(Uint32Array.of(0, bytes.length), Uint8Array.from(bytes as number[]));
  }
  const [head, tail] = cell as readonly unknown[];
  if (typeof head !== "number" || typeof tail !== "number") throw broken();
  return {
    kind: "numeric",
    heads: Float64Array.of(head),
    tails: tail === 0 ? undefined : Int16Array.of(tail),
  };
}

function broken(): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    "a job says of what its merge looks through what no temporal trace says; run compactors of the version of the store",
  );
}
