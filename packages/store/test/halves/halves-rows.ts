import { z } from "zod";
import type { Traps } from "./traps.ts";

/** Columns of every kind, an opaque one among them. */
export const SCHEMAS = {
  key: z.tuple([z.int32(), z.string()]),
  value: z.object({
    n: z.number(),
    i: z.int64(),
    t: z.string(),
    b: z.instanceof(Uint8Array),
    o: z.string().nullish(),
    a: z.array(z.int32()),
  }),
};

export type Key = z.infer<typeof SCHEMAS.key>;
export type Value = z.infer<typeof SCHEMAS.value>;

export interface SampleRow {
  readonly key: Key;
  readonly value: Value;
  readonly weight: number;
  /** Tells the row from others. */
  readonly text: string;
}

/** Rows that differ by their numbers. Their bytes are made here, before allocations fail. */
export function sampleRows(count: number): SampleRow[] {
  return Array.from({ length: count }, (_, n) => {
    const key: Key = [n % 7, "k".repeat(n % 3)];
    const value: Value = {
      n: n % 5 === 4 ? NaN : n / 2,
      i: 2n ** BigInt(50 + (n % 9)) + BigInt(n),
      t: "é".repeat(n % 4),
      b: new Uint8Array(n % 6).fill(n),
      o: [null, undefined, "there"][n % 3],
      a: [n, n * n],
    };
    return { key, value, weight: (n % 5) - 2 || 3, text: textOf({ key, value }) };
  });
}

/** A value that runs a trap when it is read. */
export function trapped(value: Value, traps: Traps): Value {
  return {
    ...value,
    get t() {
      traps.hit("getter");
      return value.t;
    },
  };
}

/** Tells values apart; allocates no typed arrays, which may be made to fail. */
export function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (ArrayBuffer.isView(value)) return `bytes ${Array.from(value as Uint8Array).join()}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${name}:${numberText(field)}`).join()}}`;
}

function numberText(field: unknown): string {
  return Number.isNaN(field) ? "NaN" : textOf(field);
}
