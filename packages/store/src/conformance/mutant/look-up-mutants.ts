import { canonicalText } from "@zspine/conformance";
import { spoilStore, spoilTrace, type StoreMutantRecipe } from "./spoil.ts";

/** Look-ups and counts that are wrong. */
export const lookUpMutants: readonly StoreMutantRecipe[] = [
  {
    name: "finds the first value of a key only",
    law: "get() gives every value of a key",
    spoil: spoilTrace((trace) => ({ get: async (...args) => (await trace.get(...args)).slice(0, 1) })),
  },
  {
    name: "finds nothing for a key whose values are all below 0",
    law: "get() finds values whatever they are",
    spoil: spoilTrace((trace) => ({
      get: async (...args) => {
        const values = await trace.get(...args);
        return values.every(({ value }) => typeof value === "number" && value < 0) ? [] : values;
      },
    })),
  },
  {
    name: "takes a key for present whose values are gone",
    law: "has() and get() agree",
    spoil: spoilTrace((trace) => {
      const seen = new Set<string>();
      return {
        insert: (key, value, weight) => {
          trace.insert(key, value, weight);
          seen.add(canonicalText(key));
        },
        has: async (key, options) => (await trace.has(key, options)) || seen.has(canonicalText(key)),
      };
    }),
  },
  {
    name: "answers many keys in their own order",
    law: "getMany() answers in the order of the question",
    spoil: spoilTrace((trace) => ({
      getMany: async (keys, options) =>
        trace.getMany(
          [...keys].sort((a, b) => Number(a) - Number(b)),
          options,
        ),
    })),
  },
  {
    name: "answers a key of many once",
    law: "getMany() answers each time that it is asked",
    spoil: spoilTrace((trace) => ({
      getMany: async (keys, options) => {
        const found = await trace.getMany(keys, options);
        const asked = [...keys];
        return found.map((values, at) => (asked.indexOf(asked[at]) === at ? values : []));
      },
    })),
  },
  {
    name: "looks every key of many up twice",
    law: "getMany() costs one look-up a key and batch",
    spoil: spoilTrace((trace) => ({
      getMany: async (keys, options) => {
        await trace.getMany(keys, options);
        return trace.getMany(keys, options);
      },
    })),
  },
  {
    name: "counts rows by estimate",
    law: "count() is exact",
    spoil: spoilTrace((trace) => ({ count: async () => ({ rows: trace.size, rowsRead: 0 }) })),
  },
  {
    name: "conceals what counting costs",
    law: "count() says what it cost",
    spoil: spoilTrace((trace) => ({
      count: async (...args) => ({ ...(await trace.count(...args)), rowsRead: 0 }),
    })),
  },
  {
    name: "takes the rows for the total weight",
    law: "totalWeight is the sum of the weights",
    spoil: spoilTrace((trace) => ({
      get totalWeight() {
        return trace.size;
      },
    })),
  },
  {
    name: "gives a size that is too small",
    law: "size is no fewer than the rows",
    spoil: spoilTrace((trace) => ({
      get size() {
        return Math.max(0, trace.size - 1);
      },
    })),
  },
  {
    name: "guesses the bytes that it holds",
    law: "bytes are counted",
    spoil: spoilTrace((trace) => ({
      stats: () => {
        const stats = trace.stats();
        return { ...stats, memory: { ...stats.memory, unwritten: trace.size * 64 } };
      },
    })),
  },
  {
    name: "gives its own objects away",
    law: "what was read is the caller's",
    spoil: spoilTrace((trace) => {
      const kept = new Map<string, ReturnType<typeof trace.get>>();
      return {
        insert: (...row) => {
          kept.clear();
          trace.insert(...row);
        },
        get: (key, options) => {
          const name = canonicalText(key);
          const found = kept.get(name) ?? trace.get(key, options);
          kept.set(name, found);
          return found;
        },
      };
    }),
  },
  {
    name: "reads the keys of a look-up late",
    law: "arguments are read when the call is made",
    spoil: spoilTrace((trace) => ({
      getMany: async (keys, options) => {
        await Promise.resolve();
        return trace.getMany(keys, options);
      },
    })),
  },
  {
    name: "takes columns late",
    law: "arguments are read when the call is made",
    spoil: spoilTrace((trace) => ({
      insertBatch: (rows) => {
        queueMicrotask(() => {
          trace.insertBatch(rows);
        });
      },
    })),
  },
  {
    name: "takes another schema for the one that is there",
    law: "a trace has one schema",
    spoil: spoilStore((store) => ({
      trace: (async (name: string, options: never) =>
        typeof name === "string" && store.has(name)
          ? store.trace(name)
          : store.trace(name, options)) as typeof store.trace,
    })),
  },
];
