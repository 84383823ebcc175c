import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EntryStore } from "../../src/durable/entry-store.ts";
import { RowSource, tallyPiece } from "../../src/durable/rows.ts";
import { Tally } from "../../src/durable/tally.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zspine-bench-entries-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it.each(["int", "text"] as const)(
  "EntryStore holds %s rows over a reopening and finds them",
  async (kind) => {
    const piece = new RowSource(kind, 9).next(500);
    const expected = new Tally(kind);
    tallyPiece(expected, piece);
    let store = await EntryStore.open(folder, kind);
    await store.write(piece, 0, 250, true);
    await store.write(piece, 250, 500, false);
    await store.sync();
    await store.close();
    store = await EntryStore.open(folder, kind);
    try {
      await store.compact();
      expect(await store.tally()).toEqual(expected);
      expect(await store.scan()).toBe(expected.scanSum);
      // Rows 6 and 7 have one key.
      const sum = piece.values[6]! + piece.weights[6]! + piece.values[7]! + piece.weights[7]!;
      expect(await store.get(piece.keys[6]!)).toBe(sum);
      const keys = [...piece.keys].slice(2, 5);
      const values = piece.values.slice(2, 5);
      expect(await store.weights(keys, values)).toBe(1);
      expect(await store.weight(keys[1]!, values[1]!)).toBe(-1);
      expect(store.weightSync(keys[1]!, values[1]!)).toBe(-1);
      expect(await store.weight(keys[1]!, values[0]!)).toBe(0);
      expect(store.weightSync(keys[1]!, values[0]!)).toBe(0);
      expect(await store.get(new RowSource(kind, 10).next(1).keys[0]!)).toBe(0);
    } finally {
      await store.close();
    }
  },
);
