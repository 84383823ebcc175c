import { IndexedZSet, semijoin, type Layout, type ZSet, restrict } from "@zspine/core";
import { Batch, hashKeys, type HashSeed, type Slot, type StagingView } from "@zspine/core/engine";
import type { Loader, SlotOwner } from "../tier/loader.ts";
import { ReadHand } from "../tier/read-hand.ts";
import { addBatches, type ReadContext, type View } from "./view.ts";

/** Slots that are in hand at a time. */
const SLOTS_AT_A_TIME = 64;
/** Joins with more keys than this may need more slots than there is room for. */
const BULK_KEYS = 1024;
/** Rows that are sorted in about the time of one look-up in the index of what is staged. */
const WORTH_SORTING = 8;

/**
 * Reads the rows of many keys, their weights multiplied by the key's. Rows of all batches are added up first, and
 * multiplied then: a product may be out of range where the sum of the products is not.
 *
 * @param pins What has been brought for the reader for good.
 */
export function semijoinView<K, V>(
  view: View<K, V>,
  context: ReadContext<K, V>,
  keys: ZSet<K>,
  loader: Loader,
  pins: ReadHand,
): IndexedZSet<K, V> {
  const { layout } = context;
  const isFew = view.staged !== undefined && keys.size * WORTH_SORTING < view.staged.length;
  const staged = isFew ? stagedOf(layout, view.staged, keys, context.seed) : [];
  const use = keys.size > BULK_KEYS ? "bulk" : "look-up";
  const kept: Batch<K, V>[] = [];
  for (const batch of [...(isFew ? view.batches : view.inOrder()), ...staged]) {
    for (const some of inMemory(batch, keys, { name: context.name, layout: batch.layout }, loader, pins, use))
      kept.push(restrict(new IndexedZSet(some), keys).batch);
  }
  const sum = addBatches(layout, kept, context.lens);
  return keys.batch.weightBound === 1 && keys.batch.totalWeight === keys.size ? sum : semijoin(sum, keys);
}

/** Gives the slots of a batch that may hold the keys, some at a time, as batches in memory. */
function* inMemory<K, V>(
  batch: Batch<K, V>,
  keys: ZSet<K>,
  owner: SlotOwner,
  loader: Loader,
  pins: ReadHand,
  use: "bulk" | "look-up",
): Generator<Batch<K, V>, void, undefined> {
  if (batch.slots.every(isUnwritten)) {
    yield batch;
    return;
  }
  if (batch.slots.every(({ part }) => part !== undefined)) {
    // Where all is searched at once, fences have to be rows.
    yield Batch.of(batch.layout, batch.parts);
    return;
  }
  const slots = slotsOfKeys(batch, keys);
  for (let at = 0; at < slots.length; at += SLOTS_AT_A_TIME) {
    const some = slots.slice(at, at + SLOTS_AT_A_TIME);
    const hand = new ReadHand(loader.ledger, use, pins);
    const parts = loader.lookSync(owner, hand, () => some.map((slot) => hand.partOf(slot)!));
    yield Batch.of(batch.layout, parts);
  }
}

function isUnwritten({ home }: Slot): boolean {
  return home === undefined;
}

/** Finds the slots that may hold keys, ascending. */
function slotsOfKeys(batch: Batch, keys: ZSet<unknown>): Slot[] {
  const { keyColumns } = batch.layout;
  const slots: Slot[] = [];
  let next = 0;
  for (const part of keys.batch.parts) {
    for (let row = 0; row < part.weights.length && next < batch.slots.length; row++) {
      const { from, to } = batch.slotsOf(part, row, keyColumns);
      for (let number = Math.max(from, next); number < to; number++) slots.push(batch.slots[number]!);
      next = Math.max(next, to);
    }
  }
  return slots;
}

/** Finds the staged rows of keys by their index, as a batch. */
function stagedOf<K, V>(
  layout: Layout<K, V>,
  staged: StagingView,
  keys: ZSet<K>,
  seed: HashSeed,
): Batch<K, V>[] {
  const rows: number[] = [];
  for (const part of keys.batch.parts) {
    const hashes = hashKeys(part, layout, seed);
    for (let row = 0; row < hashes.length; row++) staged.find(part, row, hashes[row]!, seed, rows);
  }
  const parts = rows.length === 0 ? [] : staged.pick(rows);
  return parts.length === 0 ? [] : [Batch.of(layout, parts)];
}
