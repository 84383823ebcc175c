import {
  hashKeys,
  lookupCounts,
  Merger,
  probeKeys,
  type Batch,
  type PartRange,
  type Slot,
} from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { READ_BYTES, type Feed } from "../../src/tier/loader.ts";
import { ReadHand } from "../../src/tier/read-hand.ts";
import { layout, owner, SEED, writtenBatch, type ByteRead } from "./written-batch.ts";

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

describe("Loader", () => {
  it("reads of a key that is absent a filter and nothing else, of one that is there its block besides", async () => {
    const { batch, loader, reads } = await writtenBatch(20_000);
    expect(batch.slots.length).toBeGreaterThan(2);
    for (const [key, isThere] of [
      [20_001, false],
      [20_000, true],
    ] as const) {
      const slot = batch.slots.findLast(
        ({ lowerPart, lowerRow }) => lowerPart.columns[0]!.heads[lowerRow]! <= key,
      );
      const part = probeKeys(layout, [key]);
      const probe = { part, at: 0, hash: hashKeys(part, layout, SEED)[0]!, seed: SEED };
      const hand = () => new ReadHand(loader.ledger, "look-up");
      const find = (own: ReadHand) => (): PartRange[] => {
        const found: PartRange[] = [];
        batch.find(probe, lookupCounts(), own, found);
        return found;
      };
      const expected = isThere ? [filterOf(slot!), blockOf(slot!)] : [filterOf(slot!)];
      for (const isSync of [false, true]) {
        reads.length = 0;
        const own = hand();
        const found = isSync
          ? loader.lookSync(owner, own, find(own))
          : await loader.look(owner, own, find(own));
        expect(found.length).toBe(isThere ? 1 : 0);
        expect(reads).toEqual(expected);
      }
    }
  });

  it("reads each block once in a loop over rows, whether it is read ahead or not", async () => {
    for (const readsAhead of [true, false]) {
      const { batch, loader, reads } = await writtenBatch(300_000, 3 * READ_BYTES);
      const merger = new Merger(layout, [{ batch }], { views: true });
      const feed: Feed = { owner, use: "bulk", bytes: 64 * 1024, ahead: new Map() };
      let rows = 0;
      while (!merger.isDone) {
        for (let part = merger.next(); part !== undefined; part = merger.next()) {
          rows += part.weights.length;
          if (readsAhead) loader.readAhead(merger, feed);
        }
        if (!merger.isDone) await loader.feed(merger, feed);
      }
      expect(rows).toBe(300_000);
      expect(timesRead(batch, reads)).toEqual(batch.slots.map(() => 1));
      expect(Math.max(...reads.map(({ from, to }) => to - from))).toBeLessThanOrEqual(READ_BYTES);
      expect(reads.length).toBeLessThan(batch.slots.length / 2);
      expect(feed.ahead.size).toBe(0);
    }
  });
});
