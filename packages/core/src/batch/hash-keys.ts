import { hashColumn } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import type { Columns } from "../schema/columns.ts";
import type { Part } from "./part.ts";

/** Hashes the keys of all rows of `part` under `seed`. */
export function hashKeys(part: Part, { keyColumns }: Columns, seed: HashSeed): Uint32Array {
  const count = part.weights.length;
  const hashes = new Uint32Array(count);
  for (let column = 0; column < keyColumns; column++) hashColumn(part.columns[column]!, hashes, count, seed);
  return hashes;
}
