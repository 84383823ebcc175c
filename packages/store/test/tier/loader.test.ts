import {
  hashKeys,
  KeySeeker,
  lookupCounts,
  Merger,
  probeKeys,
  type Batch,
  type KeyProbe,
  type PartRange,
  type Slot,
} from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { Feed, READ_BYTES } from "../../src/tier/feed.ts";
import { ReadHand } from "../../src/tier/read-hand.ts";
import { layout, owner, SEED, slotsOf, writtenBatch, type ByteRead } from "./written-batch.ts";

function blockOf({ home }: Slot): ByteRead {
  const { blob, offset, length } = home!;
  return { name: blob, from: offset, to: offset + length };
}

function filterOf({ home }: Slot): ByteRead {
  const { blob, offset, length, filterLength } = home!;
  return { name: blob, from: offset + length, to: offset + length + filterLength };
}

/** How often each block lies in what was read. */
const timesRead = ({ slots }: Batch, reads: readonly ByteRead[]): number[] =>
  slots.map((slot) => {
    const { name, from, to } = blockOf(slot);
    return reads.filter((read) => read.name === name && read.from <= from && to <= read.to).length;
  });

/** The slot that may hold a key. */
const slotOf = ({ slots }: Batch, key: number): Slot =>
  slots.findLast(({ lowerPart, lowerRow }) => lowerPart.columns[0]!.heads[lowerRow]! <= key)!;

function probeOf(key: number): KeyProbe {
  const part = probeKeys(layout, [key]);
  return { part, at: 0, hash: hashKeys(part, layout, SEED)[0]!, seed: SEED };
}

describe("Loader", () => {
  it("reads of a key that is absent a filter and nothing else, of one that is there its block besides", async () => {
    const { batch, loader, reads } = await writtenBatch(20_000);
    expect(batch.slots.length).toBeGreaterThan(2);
    const find = (key: number, hand: ReadHand) => (): PartRange[] => {
      const found: PartRange[] = [];
      batch.find(probeOf(key), lookupCounts(), hand, found);
      return found;
    };
    const counted = { misses: 0, bytesRead: 0 };
    for (const [key, isThere] of [
      [20_001, false],
      [20_000, true],
    ] as const) {
      const slot = slotOf(batch, key);
      for (const isSync of [false, true]) {
        reads.length = 0;
        const hand = new ReadHand(loader.ledger, "look-up");
        const read = find(key, hand);
        const found = isSync ? loader.lookSync(owner, hand, read) : await loader.look(owner, hand, read);
        expect(found.length).toBe(isThere ? 1 : 0);
        expect(reads).toEqual(isThere ? [filterOf(slot), blockOf(slot)] : [filterOf(slot)]);
        counted.misses += reads.length;
        for (const { from, to } of reads) counted.bytesRead += to - from;
        expect(loader.ledger.counts).toMatchObject(counted);
      }
    }
  });

  it("reads of many keys that are absent filters and nothing else", async () => {
    const { batch, loader, reads } = await writtenBatch(30_000);
    const keys = batch.slots.map(({ lowerPart, lowerRow }) => lowerPart.columns[0]!.heads[lowerRow]! + 301);
    const hand = new ReadHand(loader.ledger, "look-up");
    const found = await loader.look(owner, hand, () => {
      const seeker = new KeySeeker(batch);
      const ranges: PartRange[] = [];
      for (const key of keys) seeker.find(probeOf(key), lookupCounts(), hand, ranges);
      return ranges;
    });
    expect(found).toEqual([]);
    expect(reads).toEqual(batch.slots.map(filterOf));
  });

  it("reads once what there is room for, however often it is looked up", async () => {
    const { batch, loader, reads } = await writtenBatch(20_000, { cacheBytes: 2 ** 20 });
    for (let round = 0; round < 3; round++) {
      const hand = new ReadHand(loader.ledger, "look-up");
      const found = await loader.look(owner, hand, () => {
        const ranges: PartRange[] = [];
        batch.find(probeOf(20_000), lookupCounts(), hand, ranges);
        return ranges;
      });
      expect(found).toHaveLength(1);
    }
    expect(reads).toEqual([filterOf(slotOf(batch, 20_000)), blockOf(slotOf(batch, 20_000))]);
    expect(loader.ledger.counts.misses).toBe(2);
  });

  it("refuses to drop rows that its ledger does not account for", async () => {
    const { batch, loader } = await writtenBatch(10);
    const [slot] = batch.slots;
    slot!.part = slotsOf(10)[0]!.part!;
    expect(() => loader.ledger.dropSlot(slot!)).toThrow("accounted for");
  });

  it("keeps of a loop over rows what there is room for, and drives out nothing that was looked up", async () => {
    const cacheBytes = 2 ** 20;
    const { batch, loader } = await writtenBatch(300_000, { cacheBytes });
    const last = batch.slots.at(-1)!;
    const hand = new ReadHand(loader.ledger, "look-up");
    await loader.look(owner, hand, () => hand.partOf(last));
    const merger = new Merger(layout, [{ batch }], { views: true });
    const feed = new Feed(owner, "bulk", READ_BYTES);
    while (!merger.isDone) {
      while (merger.next() !== undefined);
      if (!merger.isDone) await loader.feed(merger, feed);
    }
    const kept = batch.slots.filter(({ part }) => part !== undefined);
    expect(kept).toContain(last);
    const bytes = kept.reduce((sum, slot) => sum + slot.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(cacheBytes);
    expect(bytes).toBeGreaterThan(cacheBytes / 2);
  });

  for (const readsAhead of [true, false]) {
    it(`reads each block once in a loop over rows${readsAhead ? ", ahead once it reads much" : ""}`, async () => {
      const { batch, loader, reads } = await writtenBatch(300_000, { valueBytes: 3 * READ_BYTES });
      const merger = new Merger(layout, [{ batch }], { views: true });
      const feed = new Feed(owner, "bulk", 64 * 1024);
      let rows = 0;
      const waits: number[] = [];
      while (!merger.isDone) {
        for (let part = merger.next(); part !== undefined; part = merger.next()) {
          rows += part.weights.length;
          if (readsAhead) loader.readAhead(merger, feed);
        }
        const before = reads.length;
        if (!merger.isDone) await loader.feed(merger, feed);
        if (reads.length > before) waits.push(reads[before]!.to - reads[before]!.from);
      }
      expect(rows).toBe(300_000);
      expect(timesRead(batch, reads)).toEqual(batch.slots.map(() => 1));
      const sizes = reads.map(({ from, to }) => to - from);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(READ_BYTES);
      expect(Math.max(...sizes)).toBeGreaterThan(READ_BYTES / 2);
      if (readsAhead) expect(waits.length).toBeLessThan(sizes.length);
      else expect(waits).toEqual(sizes);
      expect(feed.ahead.size).toBe(0);
    });
  }

  it("tells of a failure to read ahead whoever needs what was to be read, and nobody else", async () => {
    const { batch, loader, medium } = await writtenBatch(200_000);
    const merger = new Merger(layout, [{ batch }], { views: true });
    const feed = new Feed(owner, "bulk", READ_BYTES);
    expect(merger.next()).toBeUndefined();
    await loader.feed(merger, feed);
    medium.beforeRead = () => {
      throw new Error("the medium fails");
    };
    for (let part = merger.next(); part !== undefined; part = merger.next()) loader.readAhead(merger, feed);
    expect(feed.ahead.size).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(loader.feed(merger, feed)).rejects.toThrow("the medium fails");
  });
});
