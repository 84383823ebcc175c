import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "../../src/index.ts";
import { hashKeys, lookupCounts, probeKeys, Staging, type Batch } from "../../src/engine.ts";
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

describe("Batch", () => {
  const layout = layoutOf(z.string(), z.int32());

  function batchOf(keys: number, values: number): Batch<string, number> {
    const staging = new Staging(layout);
    for (let key = 0; key < keys; key++) {
      for (let value = 0; value < values; value++) staging.push(`key-${key}`, value, 1);
    }
    return staging.seal()!;
  }

  it("G7 find() by index finds what find() by search finds, for any seed, across parts", () => {
    // 40,000 rows: two parts, and a key whose values lie in both.
    const [searched, indexed] = [batchOf(400, 100), batchOf(400, 100)];
    const probe = probeKeys(
      layout,
      Array.from({ length: 800 }, (_, i) => `key-${i}`),
    );
    for (const used of [seed, { k0: 1, k1: 2 }]) {
      const hashes = hashKeys(probe, layout, used);
      const counts = lookupCounts();
      while (!indexed.isIndexed) indexed.find(probe, 0, hashes[0]!, used, counts);
      for (let at = 0; at < 800; at++) {
        const expected = searched.search(probe, at, 1, false);
        const end = searched.search(probe, at, 1, true);
        const found = indexed.find(probe, at, hashes[at]!, used, counts);
        expect(found).toEqual(end > expected ? { from: expected, to: end } : undefined);
      }
      expect(counts.indexed + counts.filtered + counts.searched).toBeGreaterThanOrEqual(800);
    }
    expect(searched.parts).toHaveLength(2);
  });

  it("counts its bytes: columns always, filter and index once they are there", () => {
    const batch = batchOf(1000, 1);
    expect(batch.columnBytes).toBe(2 * 8 + batch.parts.reduce((sum, part) => sum + part.bytes, 0));
    expect(batch.indexBytes).toBe(0);
    const probe = probeKeys(layout, ["key-1"]);
    while (!batch.isIndexed) batch.find(probe, 0, hashKeys(probe, layout, seed)[0]!, seed, lookupCounts());
    expect(batch.indexBytes).toBe(2048 * 4 + Math.ceil(10_000 / 512) * 64);
  });
});
