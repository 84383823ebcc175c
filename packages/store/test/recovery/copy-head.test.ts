import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import type { CopyProgress } from "../../src/recovery/copy-head.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

describe("backup()", () => {
  it("tells how many values and bytes it has copied, up to all of them", async () => {
    const places = retainedPlaces();
    await using store = await openStore({ backend: places.opener("store") });
    const trace = await store.trace("t", ROWS);
    for (let commit = 0; commit < 3; commit++) {
      trace.insert(commit, "x".repeat(2_000_000));
      await store.commit();
    }
    const told: CopyProgress[] = [];
    await store.backup(places.opener("copy"), { onProgress: (progress) => told.push(progress) });
    const { storedBytes } = store.stats();
    expect(told.map(({ values }) => values)).toEqual(told.map((_, at) => at + 1));
    expect(told.at(-1)).toEqual({ values: told.length, valuesTotal: told.length, bytes: storedBytes });
    expect(told.length).toBeGreaterThan(1);
  });
});
