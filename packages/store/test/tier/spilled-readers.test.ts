import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Snapshot } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { retainedPlaces } from "../retained-places.ts";

const SCHEMAS = { key: z.int32(), value: z.int32() };
const KEYS = Array.from({ length: 50 }, (_, key) => key);

describe("a snapshot of rows that were spilled before they were committed", () => {
  it("reads them when they have long been merged elsewhere, and lets go of them when it is closed", async () => {
    const places = retainedPlaces();
    await using store = await openStore({ backend: places.opener("a"), cacheBytes: 0 });
    const trace = await store.trace("t", SCHEMAS);
    // Two batches of the same keys, of which no merge can carry anything over.
    const snapshots: Snapshot<number, number>[] = [];
    for (const sign of [1, 2]) {
      for (const key of KEYS) trace.insert(key, key * sign, 1);
      const snapshot = trace.snapshot();
      // Reads in order, so that it seals.
      expect(snapshot.count().rows).toBeGreaterThan(0);
      snapshots.push(snapshot);
    }
    const { spiller, traces } = tierOf(store);
    const [state] = traces();
    const slots = state!.stages.entries.flatMap(({ batch }) => batch.slots);
    expect(slots.length).toBeGreaterThan(0);
    for (const slot of slots) expect(await spiller!.spill(state!.layout, slot)).toBe(true);
    snapshots.shift()!.close();
    const snapshot = trace.snapshot();
    const expected = KEYS.map((key) => snapshot.get(key));
    snapshots.push(snapshot);

    for (let round = 0; round < 4; round++) {
      for (const key of KEYS) trace.insert(key, -1, 1);
      await store.commit();
      await store.compact();
      // Readers come and go meanwhile.
      trace.snapshot().close();
    }
    for (const reader of snapshots) {
      expect(KEYS.map((key) => reader.get(key))).toEqual(expected);
      expect(reader.count().rows).toBe(2 * KEYS.length - 1);
    }
    const { storedBytes } = store.stats();
    for (const reader of snapshots) reader.close();
    await store.compact();
    expect(store.stats().storedBytes).toBeLessThan(storedBytes);
    expect((await store.verify()).problems).toEqual([]);
  });
});
