import { RANGE_ROWS } from "../workload/answers.ts";
import type { Backend } from "@zspine/core";
import type { DurableTable, OpenDurable } from "./table.ts";
import { columnsOf, getSum, openTrace, sumOfChunk, sumOfRows } from "./zspine-rows.ts";

/** Makes a backend at a place. */
type BackendAt = (options: { location: string }) => Backend | Promise<Backend>;

/** A trace in files. */
export const fileStore: OpenDurable = durable(
  async () => (await import("@zspine/backend-file")).file as never,
);

/** A trace in LevelDB, by the backend for it. */
export const levelStore: OpenDurable = durable(
  async () => (await import("@zspine/backend-level")).level as never,
);

function durable(load: () => Promise<BackendAt>): OpenDurable {
  return {
    load,
    async open({ kind }, location, cacheBytes): Promise<DurableTable> {
      const backend = (await load())({ location }) as never;
      const { store, trace } = await openTrace(kind, {
        backend,
        ...(cacheBytes === undefined ? {} : { cacheBytes }),
      });
      const { now } = trace;
      const get = getSum(kind);
      return {
        async commit(rows) {
          trace.insertBatch(columnsOf(kind, rows));
          await store.commit();
        },
        get: (key) => get(now, key),
        range: (key) => sumOfRows(kind, now.rows({ gte: key, limit: RANGE_ROWS })),
        async scan() {
          let sum = 0;
          for await (const { value, weight } of trace.chunks()) sum += sumOfChunk(kind, value, weight);
          return sum;
        },
        rest: () => store.finishMerges(),
        compact: () => store.compact(),
        close: () => store.close(),
      };
    },
  };
}
