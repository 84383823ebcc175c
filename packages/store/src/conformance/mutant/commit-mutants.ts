import { isZspineError, ZspineError } from "@zspine/core";
import type { Metadata } from "@zspine/store";
import { spoilStore, type AnyTrace, type StoreMutantRecipe } from "./spoil.ts";

/** Commits that do not do what they say. */
export const commitMutants: readonly StoreMutantRecipe[] = [
  {
    name: "acknowledges a commit before it has landed",
    law: "nothing is acknowledged before its head is there",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        const number = store.stats().head + 1;
        store.commit(options).catch(() => undefined);
        return number;
      },
    })),
  },
  {
    name: "acknowledges a commit that never lands",
    law: "nothing is acknowledged before its head is there",
    spoil: spoilStore((store) => ({ commit: async () => store.stats().head + 1 })),
  },
  {
    name: "takes rows into a commit that came after the call",
    law: "a commit takes the rows that were inserted before it",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        for (let i = 0; i < 3; i++) await Promise.resolve();
        return store.commit(options);
      },
    })),
  },
  {
    name: "drops committed rows with the others",
    law: "discard() drops what no commit has taken",
    spoil: spoilStore((store) => {
      const traces: AnyTrace[] = [];
      return {
        trace: (async (...args: Parameters<typeof store.trace>) => {
          const trace = await store.trace(...args);
          traces.push(trace);
          return trace;
        }) as typeof store.trace,
        discard: () => {
          const rows = store.discard();
          for (const trace of traces) {
            const snapshot = trace.snapshot();
            const [first] = snapshot.rows({ limit: 1 });
            snapshot.close();
            if (first !== undefined) trace.insert(first.key, first.value, -first.weight);
          }
          return rows;
        },
      };
    }),
  },
  {
    name: "keeps what it was told to discard",
    law: "discard() drops what no commit has taken",
    spoil: spoilStore(() => ({ discard: () => 0 })),
  },
  {
    name: "shows the metadata of the commit before",
    law: "metadata and rows land together",
    spoil: spoilStore((store) => {
      let shown: Metadata = {};
      return {
        commit: async (options) => {
          const before = store.metadata;
          const number = await store.commit(options);
          shown = before;
          return number;
        },
        get metadata() {
          return shown;
        },
      };
    }),
  },
  {
    name: "keeps the caller's metadata instead of a copy",
    law: "what went in is the caller's",
    spoil: spoilStore((store) => {
      let given: Metadata | undefined;
      return {
        commit: async (options) => {
          const number = await store.commit(options);
          given = (options?.metadata as Metadata | undefined) ?? given;
          return number;
        },
        get metadata() {
          return given ?? store.metadata;
        },
      };
    }),
  },
  {
    name: "tries a failed commit again without a look at what became of it",
    law: "a failed commit says so",
    spoil: spoilStore((store) => ({
      commit: async (options) => store.commit(options).catch(async () => store.commit(options)),
    })),
  },
  {
    name: "is sure of outcomes that it does not know",
    law: "an error says whether it happened",
    spoil: spoilStore((store) => ({
      commit: async (options) =>
        store.commit(options).catch((error: unknown) => {
          throw isZspineError(error) ? new ZspineError(error.code, error.message) : error;
        }),
    })),
  },
  {
    name: "answers only the last of the calls that wait",
    law: "every call of commit is counted",
    spoil: spoilStore((store) => ({
      stats: () => ({ ...store.stats(), commitCalls: store.stats().commits }),
    })),
  },
  {
    name: "leaves a trace that it was told to drop",
    law: "drop() takes away a trace with its rows",
    spoil: spoilStore((store) => ({
      drop: async (name) => void (store.has(name) || (await store.drop(name))),
    })),
  },
  {
    name: "reports what the backend threw as it came",
    law: "errors are ZspineErrors",
    spoil: spoilStore((store) => ({
      commit: async (options) =>
        store.commit(options).catch((error: unknown) => {
          let cause = error;
          while (isZspineError(cause) && cause.cause !== undefined) ({ cause } = cause);
          throw cause;
        }),
    })),
  },
];
