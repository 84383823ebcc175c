import { canonicalText } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import {
  overriding,
  spoilInsert,
  spoilRows,
  spoilStore,
  spoilTrace,
  type AnyTrace,
  type StoreMutantRecipe,
} from "./spoil.ts";

const identity = (key: unknown, value: unknown): string => canonicalText([key, value]);

/** Rows that do not add up. */
export const weightMutants: readonly StoreMutantRecipe[] = [
  {
    name: "shows the weight that came last instead of the sum",
    law: "weights add up, and nothing shadows",
    spoil: (open) => {
      const recent = new Map<string, number>();
      const spoilt = spoilTrace((trace) => ({
        insert: (key, value, weight = 1) => {
          trace.insert(key, value, weight);
          recent.set(identity(key, value), weight);
        },
        get: async (key, options) =>
          (await trace.get(key, options)).map(({ value, weight }) => ({
            value,
            weight: recent.get(identity(key, value)) ?? weight,
          })),
      }));
      return spoilt(open);
    },
  },
  {
    name: "keeps one value of a key",
    law: "a key has any number of values",
    spoil: (open) => {
      const values = new Map<string, unknown>();
      const first = (key: unknown, value: unknown): unknown => {
        const name = canonicalText(key);
        if (!values.has(name)) values.set(name, value);
        return values.get(name);
      };
      return spoilInsert(({ key, value, weight }) => ({ key, value: first(key, value), weight }))(open);
    },
  },
  {
    name: "gives no row of negative weight",
    law: "negative weights are kept",
    spoil: spoilRows(async function* (rows) {
      for await (const row of rows) if (row.weight > 0) yield row;
    }),
  },
  {
    name: "gives rows whose weights have come to 0",
    law: "a weight of 0 is no row",
    spoil: spoilTrace((trace) => {
      let gone: { key: unknown; value: unknown; weight: number } | undefined;
      return {
        insert: (key, value, weight) => {
          trace.insert(key, value, weight);
          if (weight !== undefined && weight < 0) gone = { key, value, weight: 0 };
        },
        rows: (range, options) => ({
          async *[Symbol.asyncIterator]() {
            yield* trace.rows(range, options);
            if (gone !== undefined && (await trace.weight(gone.key, gone.value)) === 0) yield gone;
          },
        }),
      };
    }),
  },
  {
    name: "counts a weight of 0 as 1",
    law: "an update of weight 0 is a no-op",
    spoil: spoilInsert((row) => (row.weight === 0 ? { ...row, weight: 1 } : row)),
  },
  {
    name: "adds equal rows of one batch once",
    law: "equal rows of one batch add up",
    spoil: spoilTrace((trace) => ({
      insertAll: (rows) => {
        trace.insertAll(new Map(Array.from(rows, (row) => [identity(row.key, row.value), row])).values());
      },
    })),
  },
  {
    name: "drops a row whose sum leaves the range without a word",
    law: "a sum out of range is refused",
    spoil: spoilTrace((trace) => ({
      insert: (...row) => {
        try {
          trace.insert(...row);
        } catch (error) {
          if (!isZspineError(error, "ZSPINE_WEIGHT_RANGE")) throw error;
        }
      },
    })),
  },
  {
    name: "applies the first rows of a refused batch",
    law: "a refused call changes nothing",
    spoil: spoilTrace((trace) => ({
      insertAll: (rows) => {
        for (const { key, value, weight } of rows) trace.insert(key, value, weight);
      },
    })),
  },
  {
    name: "looks a row up before it writes it",
    law: "writing reads nothing",
    spoil: spoilInsert((row, trace) => {
      using(trace, (snapshot) => snapshot.weight(row.key, row.value));
      return row;
    }),
  },
  {
    name: "keeps 53 bits of a 64-bit integer",
    law: "columns are exact",
    spoil: spoilInsert((row) => {
      if (typeof row.key !== "bigint" || row.key < 2n ** 53n) return row;
      return { ...row, key: row.key & ~1n };
    }),
  },
  {
    name: "keeps 0 and −0 apart",
    law: "−0 is 0",
    spoil: spoilTrace((trace) => ({
      weight: async (key, value, options) => (Object.is(key, -0) ? 0 : trace.weight(key, value, options)),
    })),
  },
  {
    name: "loses NaN",
    law: "NaN equals itself",
    spoil: spoilTrace((trace) => ({
      get: async (key, options) => (Number.isNaN(key) ? [] : trace.get(key, options)),
      has: async (key, options) => !Number.isNaN(key) && trace.has(key, options),
    })),
  },
  {
    name: "loses a row at its third commit",
    law: "what is committed stays",
    spoil: spoilStoreWithTraces((traces) => {
      let commits = 0;
      return () => {
        if (++commits === 3) for (const trace of traces) retractFirst(trace);
      };
    }),
  },
];

function using(trace: AnyTrace, read: (snapshot: ReturnType<AnyTrace["snapshot"]>) => void): void {
  const snapshot = trace.snapshot();
  read(snapshot);
  snapshot.close();
}

function retractFirst(trace: AnyTrace): void {
  using(trace, (snapshot) => {
    const [first] = snapshot.rows({ limit: 1 });
    if (first !== undefined) trace.insert(first.key, first.value, -first.weight);
  });
}

/** Does something before each commit. */
function spoilStoreWithTraces(
  prepare: (traces: readonly AnyTrace[]) => () => void,
): StoreMutantRecipe["spoil"] {
  return spoilStore((store) => {
    const traces: AnyTrace[] = [];
    const beforeCommit = prepare(traces);
    return {
      trace: (async (...args: Parameters<typeof store.trace>) => {
        const trace = await store.trace(...args);
        if (!traces.includes(trace)) traces.push(trace);
        return overriding(trace, {});
      }) as typeof store.trace,
      commit: async (options) => {
        beforeCommit();
        return store.commit(options);
      },
    };
  });
}
