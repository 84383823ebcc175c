import { z } from "zod";
import { IndexedZSet, join, keysOf } from "@zspine/core";
import type { Key, Kind, Value } from "../workload/kind.ts";
import { RANGE_ROWS } from "../workload/answers.ts";
import type { Workload } from "../workload/workload.ts";
import type { Table } from "./table.ts";
import {
  columnsOf,
  getSum,
  openTrace,
  schemasOf,
  sumOfChunk,
  sumOfRows,
  type OpenTrace,
} from "./zspine-rows.ts";

/** Rows inserted at a time when a table is filled. */
const PIECE_ROWS = 10_000;

const numberSchema = z.int32();

/** A trace in memory, filled piece by piece and merged as far as it is by itself. */
export async function fillTrace(workload: Workload): Promise<Table> {
  const { kind } = workload;
  const open = await openTrace(kind);
  for (const rows of workload.pieces(PIECE_ROWS)) {
    open.trace.insertBatch(columnsOf(kind, rows));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return tableOf(kind, open);
}

/** Reads and writes a trace in memory as it is now. */
function tableOf(kind: Kind, { store, trace }: OpenTrace): Table {
  const { now } = trace;
  const get = getSum(kind);
  return {
    add: (key, value, weight) => trace.insert(key, value, weight),
    get: (key) => get(now, key),
    join: (keys) => joinOf(kind, trace, keys),
    range: (key) => sumOfRows(kind, now.rows({ gte: key, limit: RANGE_ROWS })),
    scan() {
      let sum = 0;
      for (const { value, weight } of now.chunks()) sum += sumOfChunk(kind, value, weight);
      return sum;
    },
    compact: () => store.compact(),
    close: () => store.close(),
  };
}

/** What an engine does with a delta: the rows of its keys, joined with it. */
function joinOf(kind: Kind, { now }: OpenTrace["trace"], keys: readonly Key[]): number {
  const { key: keySchema, value: valueSchema } = schemasOf(kind);
  const delta = IndexedZSet.from(
    keySchema,
    numberSchema,
    keys.map((key, value) => ({ key, value })),
  );
  const rows = now.semijoin(keysOf(delta));
  return sumOfRows(
    kind,
    join(delta, rows, keySchema, valueSchema, (key: Key, _at: number, value: Value) => ({ key, value })),
  );
}
