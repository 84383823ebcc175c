import { ZspineError, type Environment } from "@zspine/core";
import { spoilStore, spoilTrace, type OpenStore, type StoreMutantRecipe } from "./spoil.ts";

/** Merging, events, signals and closing gone wrong. */
export const lifecycleMutants: readonly StoreMutantRecipe[] = [
  {
    name: "never merges of itself",
    law: "batches stay few",
    spoil: withOptions({ strategy: { name: "never", choose: () => undefined } }),
  },
  {
    name: "never waits for merging",
    law: "commits wait when merging has fallen behind",
    spoil: withOptions({ batchesMax: 10_000 }),
  },
  {
    name: "opens its backend past the environment",
    law: "I/O goes through the environment",
    spoil: (open) => async (options, place) => {
      const io: Environment["io"] = (backend) => backend;
      return open({ ...options, environment: { ...options.environment, io } }, place);
    },
  },
  {
    name: "does not compact",
    law: "compact() makes one batch",
    spoil: spoilStore((store) => ({ compact: async (options) => store.finishMerges(options) })),
  },
  {
    name: "tells no progress",
    law: "long work tells its progress",
    spoil: spoilStore((store) => ({
      compact: async ({ signal } = {}) => store.compact(signal && { signal }),
    })),
  },
  {
    name: "does not end merging when its signal fires",
    law: "long work can be ended",
    spoil: spoilStore((store) => ({
      compact: async ({ onProgress } = {}) => store.compact(onProgress && { onProgress }),
    })),
  },
  {
    name: "reads on when the signal has fired",
    law: "reads can be ended",
    spoil: spoilTrace((trace) => ({ get: async (key) => trace.get(key) })),
  },
  {
    name: "commits though the signal had fired",
    law: "what is aborted has done nothing",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        if (options?.signal?.aborted !== true) return store.commit(options);
        const { signal: _, ...others } = options;
        return store.commit(others);
      },
    })),
  },
  {
    name: "says that it was aborted when it has committed",
    law: "what is aborted has done nothing",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        const number = await store.commit(options);
        if (options?.signal?.aborted === true) throw new ZspineError("ZSPINE_ABORTED", "aborted, it says");
        return number;
      },
    })),
  },
  {
    name: "keeps a listener on the signal of each commit",
    law: "what has settled holds nothing",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        options?.signal?.addEventListener("abort", () => undefined);
        return store.commit(options);
      },
    })),
  },
  {
    name: "goes on telling events to one that no longer listens",
    law: "a listener can be taken off",
    spoil: spoilStore((store) => ({
      on: (name, listener) => {
        store.on(name, listener);
        return () => undefined;
      },
    })),
  },
  {
    name: "tells each event twice",
    law: "an event is told once",
    spoil: spoilStore((store) => ({
      on: (name, listener) =>
        store.on(name, (event) => {
          listener(event);
          listener(event);
        }),
    })),
  },
  {
    name: "reads on when the store is closed",
    law: "after close() everything is ZSPINE_CLOSED",
    spoil: spoilTrace((trace) => ({
      get: async (...args) =>
        trace.get(...args).catch((error: unknown) => {
          if ((error as ZspineError).code === "ZSPINE_CLOSED") return [];
          throw error;
        }),
    })),
  },
  {
    name: "ends a loop without an error when the store is closed",
    law: "a loop that is cut short says so",
    spoil: spoilTrace((trace) => ({
      rows: (range, options) => ({
        async *[Symbol.asyncIterator]() {
          try {
            yield* trace.rows(range, options);
          } catch (error) {
            if ((error as ZspineError).code !== "ZSPINE_CLOSED") throw error;
          }
        },
      }),
    })),
  },
  {
    name: "closes before the commits in flight have ended",
    law: "close() lets commits come to their end",
    spoil: spoilStore((store) => {
      let isClosing = false;
      return {
        commit: async (options) => {
          const number = await store.commit(options);
          if (isClosing) throw new ZspineError("ZSPINE_CLOSED", "closed, it says");
          return number;
        },
        close: () => {
          isClosing = true;
          return store.close();
        },
      };
    }),
  },
  {
    name: "takes any name for an option of a commit",
    law: "options are checked",
    spoil: spoilStore((store) => ({
      commit: async (options) => {
        if (options === undefined || options === null) return store.commit(options);
        const { metadata, durability, signal } = options;
        const known = { metadata, durability, signal };
        return store.commit(
          Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
        );
      },
    })),
  },
];

function withOptions(changed: Partial<Parameters<OpenStore>[0]>): StoreMutantRecipe["spoil"] {
  return (open) => async (options, place) => open({ ...options, ...changed }, place);
}
