import { negate, positive } from "@zspine/core";
import {
  spoilSnapshot,
  spoilTrace,
  type AnySnapshot,
  type AnyTrace,
  type StoreMutantRecipe,
} from "./spoil.ts";

/** Readers that see too much, or hold too much. */
export const snapshotMutants: readonly StoreMutantRecipe[] = [
  {
    name: "shows writes in snapshots that are open",
    law: "a snapshot is of its moment",
    needs: ["syncSnapshots"],
    spoil: spoilSnapshot((_snapshot, trace) => ({
      get: (key) => now(trace, (snapshot) => snapshot.get(key)),
      rows: (range) => now(trace, (snapshot) => [...snapshot.rows(range)]),
    })),
  },
  {
    name: "shows the total weight of now in snapshots",
    law: "a snapshot is of its moment",
    needs: ["syncSnapshots"],
    spoil: spoilSnapshot((_snapshot, trace) => ({
      get totalWeight() {
        return trace.totalWeight;
      },
    })),
  },
  {
    name: "tells a change the wrong way round",
    law: "since() added to the earlier gives the later",
    needs: ["syncSnapshots"],
    spoil: spoilSnapshot((snapshot) => ({ since: (earlier) => negate(snapshot.since(earlier)) })),
  },
  {
    name: "leaves retractions out of a change",
    law: "since() added to the earlier gives the later",
    needs: ["syncSnapshots"],
    spoil: spoilSnapshot((snapshot) => ({ since: (earlier) => positive(snapshot.since(earlier)) })),
  },
  {
    name: "keeps a snapshot that is closed open",
    law: "what is closed holds nothing",
    spoil: spoilSnapshot(() => ({ close: () => undefined })),
  },
  {
    name: "reads on in what was written during the loop",
    law: "a loop sees the moment at which it began",
    spoil: spoilTrace((trace) => ({
      rows: (range = {}, options) => {
        if (range.reverse === true || range.limit !== undefined) return trace.rows(range, options);
        return {
          async *[Symbol.asyncIterator]() {
            // Seeks the next key each time, in what is there by then.
            let rest = range;
            for (;;) {
              let key: unknown;
              let isFound = false;
              for await (const row of trace.rows({ ...rest, limit: 1 }, options)) {
                isFound = true;
                ({ key } = row);
              }
              // A bound of undefined is an open one, and would begin again.
              if (!isFound || key === undefined) return;
              for (const { value, weight } of await trace.get(key)) yield { key, value, weight };
              const { gte: _, ...bounds } = range;
              rest = { ...bounds, gt: key };
            }
          },
        };
      },
    })),
  },
  {
    name: "enumerates once",
    law: "rows() may be enumerated again",
    spoil: spoilTrace((trace) => ({
      rows: (range, options) => {
        let isUsed = false;
        return {
          async *[Symbol.asyncIterator]() {
            if (isUsed) return;
            isUsed = true;
            yield* trace.rows(range, options);
          },
        };
      },
    })),
  },
  {
    name: "shares one cursor between loops",
    law: "loops do not disturb each other",
    spoil: spoilTrace((trace) => ({
      rows: (range, options) => {
        let shared: AsyncIterator<{ key: unknown; value: unknown; weight: number }> | undefined;
        const rows = trace.rows(range, options);
        return { [Symbol.asyncIterator]: () => (shared ??= rows[Symbol.asyncIterator]()) };
      },
    })),
  },
  {
    name: "holds a boundary for each loop that is left early",
    law: "leaving a loop frees everything",
    spoil: spoilTrace((trace) => ({
      rows: (range, options) => ({
        async *[Symbol.asyncIterator]() {
          const snapshot = trace.snapshot();
          yield* trace.rows(range, options);
          snapshot.close();
        },
      }),
    })),
  },
  {
    name: "allocates for a key that is absent",
    law: "a key that is absent allocates nothing",
    spoil: spoilTrace((trace) => ({ get: async (...args) => [...(await trace.get(...args))] })),
  },
];

function now<T>(trace: AnyTrace, read: (snapshot: AnySnapshot) => T): T {
  const snapshot = trace.snapshot();
  try {
    return read(snapshot);
  } finally {
    snapshot.close();
  }
}
