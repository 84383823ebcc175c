import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "../../src/index.ts";
import {
  Batch,
  hashKeys,
  lookupCounts,
  probeKeys,
  Staging,
  type PartRange,
  type Slot,
} from "../../src/engine.ts";
import { buildHashIndex } from "../../src/batch/hash-index.ts";
import { buildFilter, mayContain } from "../../src/batch/filter.ts";

const seed = { k0: 0x12345678, k1: 0x9abcdef0 };
const hash = (n: number) => Math.imul(n, 0x9e3779b1) >>> 0;

describe("buildFilter()", () => {
  it("takes no key for absent that is there, and few for there that are absent", () => {
    for (const count of [0, 1, 100, 50_000]) {
      const filter = buildFilter(Uint32Array.from({ length: count }, (_, i) => hash(i)));
      let wrong = 0;
      for (let i = 0; i < count; i++) expect(mayContain(filter, hash(i))).toBe(true);
      for (let i = count; i < count + 50_000; i++) if (mayContain(filter, hash(i))) wrong++;
      expect(wrong).toBeLessThan(1500);
    }
  });
});

describe("buildHashIndex()", () => {
  it("finds every place by its hash, whatever bits places take", () => {
    for (const first of [0, 30, 32_760, 2 ** 24 - 50, 2 ** 31 - 50, 4_294_967_100]) {
      const places = Uint32Array.from({ length: 100 }, (_, i) => first + i);
      const hashes = Uint32Array.from(places, (place) => hash(place));
      const { entries, placeMask } = buildHashIndex(places, hashes);
      const mask = entries.length - 1;
      const found = Array.from(hashes, (wanted, i) => {
        for (let entry = wanted & mask; entries[entry] !== 0; entry = (entry + 1) & mask) {
          const held = entries[entry]!;
          if (((held ^ wanted) & ~placeMask) === 0 && ((held & placeMask) >>> 0) - 1 === places[i])
            return true;
        }
        return false;
      });
      expect(found).not.toContain(false);
    }
  });
});

describe("Batch", () => {
  const layout = layoutOf(z.string(), z.int32());

  function batchOf(keys: number, values: number): Batch<string, number> {
    const staging = new Staging(layout);
    for (let key = 0; key < keys; key++) {
      for (let value = 0; value < values; value++) staging.push(`key-${key}`, value, 1);
    }
    return Batch.of(layout, staging.seal());
  }

  it("G7 find() by index finds what find() by search finds, for any seed, across parts", () => {
    // 40,100 rows: two parts, and a key whose values lie in both.
    const hand = {
      partOf: (slot: Slot) => slot.part,
      partAround: (slot: Slot) => slot.part,
      filterOf: (slot: Slot) => slot.filter,
    };
    const [searched, indexed] = [batchOf(401, 100), batchOf(401, 100)];
    const probe = probeKeys(
      layout,
      Array.from({ length: 800 }, (_, i) => `key-${i}`),
    );
    for (const used of [seed, { k0: 1, k1: 2 }]) {
      const hashes = hashKeys(probe, layout, used);
      const counts = lookupCounts();
      const find = (at: number) => {
        const found: PartRange[] = [];
        indexed.find({ part: probe, at, hash: hashes[at]!, seed: used }, counts, hand, found);
        return found.map(({ part, from, to }) => {
          const start = indexed.starts[indexed.parts.indexOf(part)]!;
          return [start + from, start + to];
        });
      };
      while (!indexed.isIndexed) find(0);
      let pieces = 0;
      for (let at = 0; at < 800; at++) {
        const expected = searched.search(probe, at, 1, 0);
        const end = searched.search(probe, at, 1, 1);
        // A key whose rows lie in two slots is found in two pieces, one where the other ends.
        const found = find(at);
        pieces = Math.max(pieces, found.length);
        expect([found[0]?.[0], found.at(-1)?.[1]]).toEqual(
          end > expected ? [expected, end] : [undefined, undefined],
        );
        expect(found.slice(1).every(([from], piece) => from === found[piece]![1])).toBe(true);
      }
      expect(pieces).toBe(2);
      expect(counts.indexed + counts.filtered + counts.searched).toBeGreaterThanOrEqual(800);
    }
    expect(searched.parts).toHaveLength(2);
  });

  it("counts its bytes: columns always, filter and index once they are there", () => {
    const batch = batchOf(1000, 1);
    expect(batch.columnBytes).toBe(2 * 8 + batch.parts.reduce((sum, part) => sum + part.bytes, 0));
    expect([batch.indexBytes, batch.filterBytes]).toEqual([0, 0]);
    const probe = probeKeys(layout, ["key-1"]);
    const hand = {
      partOf: (slot: Slot) => slot.part,
      partAround: (slot: Slot) => slot.part,
      filterOf: (slot: Slot) => slot.filter,
    };
    const keyHash = hashKeys(probe, layout, seed)[0]!;
    while (!batch.isIndexed)
      batch.find({ part: probe, at: 0, hash: keyHash, seed }, lookupCounts(), hand, []);
    expect([batch.indexBytes, batch.filterBytes]).toEqual([2048 * 4, Math.ceil(10_000 / 512) * 64]);
  });
});
