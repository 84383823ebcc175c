import { forward } from "@zspine/conformance";
import { isZspineError, ZspineError, type Backend, type ByteRange } from "@zspine/core";
import { NUMBERS, type SuiteStoreOptions } from "../suite/store-fixture.ts";
import { spoilSnapshot, spoilStore, spoilTrace, type OpenStore, type StoreMutantRecipe } from "./spoil.ts";

const needs = ["durable"] as const;

/** What is to last, and does not. */
const lastingMutants: readonly StoreMutantRecipe[] = [
  {
    name: "acknowledges commits whose heads are never created",
    law: "what was acknowledged is there after reopening",
    spoil: spoilMedium((backend) => ({
      createHead: async (number, ...rest) => {
        if (number === 1) await backend.createHead(number, ...rest);
      },
    })),
  },
  {
    name: "loses the last commit when it is opened again",
    law: "what was acknowledged is there after reopening",
    spoil: spoilMedium((backend) => ({
      readHead: async (number, options) => {
        const found = await backend.readHead(number, options);
        if (number !== undefined || found === undefined || found.number === 1) return found;
        return backend.readHead(found.number - 1, options);
      },
    })),
  },
  {
    name: "commits at its close what no commit took",
    law: "rows that no commit took go with the store",
    spoil: spoilStore((store) => ({
      close: async () => {
        await store.commit().catch(() => undefined);
        await store.close();
      },
    })),
  },
  {
    name: "stays open when it is closed",
    law: "close() lets go of the place",
    spoil: spoilStore(() => ({ close: async () => undefined })),
  },
  {
    name: "brings a trace back that was dropped",
    law: "a drop lasts",
    spoil: spoilStore((store) => {
      const dropped = new Set<string>();
      return {
        drop: async (name) => void dropped.add(name),
        has: (name) => !dropped.has(name) && store.has(name),
        get traces() {
          return store.traces.filter((name) => !dropped.has(name));
        },
      };
    }),
  },
  {
    name: "takes the newest head for the newest commit",
    law: "a commit is read by its token until another is made",
    spoil: spoilStore((store) => ({
      at: (token) => {
        if (token === store.stats().head) return store.at(token);
        throw new ZspineError("ZSPINE_TIME_PASSED", "another commit has been made");
      },
    })),
  },
  {
    name: "forgets the metadata when it is opened again",
    law: "metadata and rows land together",
    spoil: spoilStore((store) => {
      let isCommitted = false;
      return {
        commit: async (options) => {
          const number = await store.commit(options);
          isCommitted = true;
          return number;
        },
        get metadata() {
          return isCommitted ? store.metadata : {};
        },
      };
    }),
  },
  {
    name: "counts its commits anew in each session",
    law: "numbers of commits ascend over restarts",
    spoil: spoilStore((store) => {
      let commits = 0;
      return { commit: async (options) => store.commit(options).then(() => ++commits) };
    }),
  },
  {
    name: "writes every commit relaxed",
    law: "a commit is synced unless told otherwise",
    spoil: spoilMedium((backend) => ({
      createHead: (number, bytes, ops, options) =>
        backend.createHead(number, bytes, ops, { ...options, durability: "relaxed" }),
    })),
  },
  {
    name: "syncs commits that were told relaxed",
    law: "a commit asks for what it was told",
    spoil: spoilStore((store) => ({
      commit: async (options) => store.commit({ ...options, durability: "sync" }),
    })),
  },
  {
    name: "makes nothing last in flush()",
    law: "flush() makes relaxed commits last",
    spoil: spoilStore(() => ({ flush: async () => undefined })),
  },
];

/** Values that stay, or go, when they should not. */
const valueMutants: readonly StoreMutantRecipe[] = [
  {
    name: "removes the oldest value with each commit",
    law: "what a kept head names is not removed",
    spoil: spoilMedium((backend) => ({
      createHead: async (number, bytes, ops, options) => {
        let oldest: string | undefined;
        for await (const name of backend.list("batch/")) oldest ??= name;
        const removal = oldest === undefined ? [] : [{ type: "remove", name: oldest } as const];
        await backend.createHead(number, bytes, [...ops, ...removal], options);
      },
    })),
  },
  {
    name: "keeps orphans for ever",
    law: "what nobody needs is removed",
    spoil: spoilMedium((backend) => ({
      write: (ops, options) =>
        backend.write(
          ops.filter(({ type }) => type === "put"),
          options,
        ),
      createHead: (number, bytes, ops, options) =>
        backend.createHead(
          number,
          bytes,
          ops.filter(({ type }) => type === "put"),
          options,
        ),
    })),
  },
  {
    name: "says that it found no orphans",
    law: "what was done at the opening is told",
    spoil: spoilStore((store) => ({ recovery: { ...store.recovery, orphans: 0, orphansRemoved: 0 } })),
  },
  {
    name: "tells that nothing is stored",
    law: "stats() tells the bytes in the backend",
    spoil: spoilStore((store) => ({ stats: () => ({ ...store.stats(), storedBytes: 0 }) })),
  },
  {
    name: "counts nothing of what commits write",
    law: "stats() tells the bytes that were written",
    spoil: spoilStore((store) => ({ stats: () => ({ ...store.stats(), commitBytesWritten: 0 }) })),
  },
  {
    name: "never merges stored batches",
    law: "stored batches stay few",
    spoil: withOptions((options) => ({
      ...options,
      batchesMax: 10_000,
      strategy: { name: "never", choose: () => undefined },
    })),
  },
  {
    name: "tells nobody of a merge that failed",
    law: "a merge whose medium fails is told",
    spoil: spoilStore((store) => ({
      on: (name, listener) => (name === "mergeFailure" ? () => undefined : store.on(name, listener)),
    })),
  },
];

/** Damage that is not told, or not rightly. */
const damageMutants: readonly StoreMutantRecipe[] = [
  {
    name: "verifies nothing, and says that all is sound",
    law: "verify() finds all damage",
    spoil: spoilStore((store) => ({
      verify: async (options) => ({ ...(await store.verify(options)), isSound: true, problems: [] }),
    })),
  },
  {
    name: "tells only the first problem",
    law: "verify() finds all damage",
    spoil: spoilStore((store) => ({
      verify: async (options) => {
        const report = await store.verify(options);
        return { ...report, problems: report.problems.slice(0, 1) };
      },
    })),
  },
  {
    name: "reads a damaged block as one without rows",
    law: "damage is ZSPINE_CORRUPT to every way of reading",
    spoil: spoilTrace((trace) => ({
      get: async (key, options) =>
        trace.get(key, options).catch((error: unknown) => {
          if (isZspineError(error, "ZSPINE_CORRUPT")) return [];
          throw error;
        }),
    })),
  },
  {
    name: "does not say which trace is damaged",
    law: "damage is told with trace, batch and block",
    spoil: spoilTrace((trace) => ({
      get: async (key, options) =>
        trace.get(key, options).catch((error: unknown) => {
          throw isZspineError(error, "ZSPINE_CORRUPT") ? new ZspineError(error.code, "damaged") : error;
        }),
    })),
  },
  {
    name: 'fails over a damaged head, told recover: "previous" or not',
    law: 'recover: "previous" goes back one commit',
    spoil: without("recover"),
  },
  {
    name: "goes back to the head before, told to or not",
    law: "nothing is dropped silently",
    spoil: withOptions((options) => ({ ...options, recover: "previous" })),
  },
  {
    name: "does not say that it has passed a head over",
    law: "what was done at the opening is told",
    spoil: spoilStore((store) => ({ recovery: { ...store.recovery, passedOver: undefined } })),
  },
  {
    name: "does not tell the problems that it found at its opening",
    law: "what was found at the opening is told",
    spoil: spoilStore((store) => ({ recovery: { ...store.recovery, problems: [] } })),
  },
];

/** Options, costs, and what reads the medium. */
const mediumMutants: readonly StoreMutantRecipe[] = [
  {
    name: "writes though it was opened to be read only",
    law: "a store that is read only writes nothing",
    spoil: without("readOnly"),
  },
  {
    name: "keeps in memory what it likes, whatever cacheBytes says",
    law: "the cache stays within its budget",
    spoil: without("cacheBytes"),
  },
  {
    name: "keeps nothing of what it has read",
    law: "what was read stays in memory as far as there is room",
    spoil: withOptions((options) => ({ ...options, cacheBytes: 0 })),
  },
  {
    name: "reads a whole value for each block",
    law: "a look-up reads one block",
    spoil: spoilMedium((backend) => ({
      get: async (name, range, options) => cutOut(await backend.get(name, undefined, options), range),
      ...(backend.capabilities.syncReads && {
        getSync: (name: string, range?: ByteRange) => cutOut(backend.getSync!(name), range),
      }),
    })),
  },
  {
    name: "counts by reading all rows",
    law: "count() of one batch reads nothing",
    spoil: spoilTrace((trace) => ({
      count: async (range, options) => {
        let rows = 0;
        for await (const chunk of trace.chunks(range, options)) rows += chunk.length;
        return { rows, rowsRead: rows };
      },
    })),
  },
  {
    name: "takes another serializer than it was written with",
    law: "another serializer is refused",
    spoil: without("serializer"),
  },
  {
    name: "guesses the schemas of a trace that was stored",
    law: "a stored trace is opened with its schemas",
    spoil: spoilStore((store) => {
      const trace = async (...args: Parameters<typeof store.trace>): Promise<unknown> =>
        args.length > 1 ? store.trace(...args) : store.trace(args[0], { ...NUMBERS, create: true });
      return { trace: trace as typeof store.trace };
    }),
  },
  {
    name: "takes a schema that differs for damage",
    law: "another schema is ZSPINE_SCHEMA",
    spoil: spoilStore((store) => {
      const trace = async (...args: Parameters<typeof store.trace>): Promise<unknown> =>
        store.trace(...args).catch((error: unknown) => {
          throw isZspineError(error, "ZSPINE_SCHEMA")
            ? new ZspineError("ZSPINE_CORRUPT", error.message)
            : error;
        });
      return { trace: trace as typeof store.trace };
    }),
  },
  {
    name: "says of a place that is open that its medium has failed",
    law: "a place that is open is ZSPINE_LOCKED",
    spoil: (open) => async (options, place) =>
      open(options, place).catch((error: unknown) => {
        throw isZspineError(error, "ZSPINE_LOCKED") ? new ZspineError("ZSPINE_IO", error.message) : error;
      }),
  },
  {
    name: "brings nothing in load()",
    law: "what load() has brought is read at once",
    spoil: spoilSnapshot(() => ({ load: async () => undefined })),
  },
];

/** Copies that are none. */
const copyMutants: readonly StoreMutantRecipe[] = [
  {
    name: "backs up nothing",
    law: "a backup is a store of its own",
    spoil: spoilStore(() => ({ backup: async () => undefined })),
  },
  {
    name: "backs up what no commit has taken",
    law: "a backup is one commit, whole",
    spoil: spoilStore((store) => ({
      backup: async (to, options) => {
        await store.commit();
        await store.backup(to, options);
      },
    })),
  },
  {
    name: "backs up on though its signal has fired",
    law: "long work can be ended",
    spoil: spoilStore((store) => ({ backup: async (to) => store.backup(to) })),
  },
  {
    name: "restores nothing",
    law: "a backup can be restored",
    spoil: (open) => open,
    spoilPlaces: (places) => ({ ...places, restore: async () => undefined }),
  },
  {
    name: "drops nothing",
    law: "dropStore() removes a store",
    spoil: (open) => open,
    spoilPlaces: (places) => ({ ...places, drop: async () => undefined }),
  },
];

/** Stores over a durable medium that do not keep what they promise of it. */
export const durableMutants: readonly StoreMutantRecipe[] = [
  ...lastingMutants,
  ...valueMutants,
  ...damageMutants,
  ...mediumMutants,
  ...copyMutants,
].map((recipe) => ({ ...recipe, needs: recipe.spoilPlaces === undefined ? needs : ["durable", "places"] }));

/** Changes what a store asks its medium. */
function spoilMedium(change: (backend: Backend) => Partial<Backend>): (open: OpenStore) => OpenStore {
  return (open) => async (options, place) => {
    const { environment } = options;
    const io = (backend: Backend): Backend => {
      const given = environment.io(backend);
      return { ...forward(given), ...change(given) };
    };
    return open({ ...options, environment: { ...environment, io } }, place);
  };
}

/** Changes the options with which stores are opened. */
function withOptions(
  change: (options: SuiteStoreOptions) => SuiteStoreOptions,
): (open: OpenStore) => OpenStore {
  return (open) => async (options, place) => open(change(options), place);
}

function cutOut(bytes: Uint8Array | undefined, range: ByteRange | undefined): Uint8Array | undefined {
  return range === undefined ? bytes : bytes?.slice(range.offset, range.offset + range.length);
}

/** Leaves an option out. */
function without(name: keyof SuiteStoreOptions): (open: OpenStore) => OpenStore {
  return withOptions((options) => {
    const rest = { ...options };
    delete rest[name];
    return rest;
  });
}
