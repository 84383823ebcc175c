import { IndexedZSet, semijoin, type Layout, type ZSet, restrict } from "@zspine/core";
import { Batch, hashKeys, type HashSeed, type Part, type Slot, type StagingView } from "@zspine/core/engine";
import type { SlotUse } from "../tier/ledger.ts";
import type { Loader, SlotOwner } from "../tier/loader.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { Holder } from "../tier/tally.ts";
import { addBatches, type ReadContext, type View } from "./view.ts";

/** Slots that are in hand at a time. */
const SLOTS_AT_A_TIME = 64;
/** Joins with more keys than this may need more slots than there is room for. */
const BULK_KEYS = 1024;
/** Rows that are sorted in about the time of one look-up in the index of what is staged. */
const WORTH_SORTING = 8;

/** Slots that a semijoin reads next, through a hand of its own. */
interface SlotsNeeded {
  readonly owner: SlotOwner;
  readonly hand: ReadHand;
  readonly read: () => readonly Part[];
}

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
  const steps = semijoinSteps(view, context, keys, (use) => new ReadHand(loader.ledger, use, pins));
  for (let step = steps.next(); ;) {
    if (step.done === true) return step.value;
    const { owner, hand, read } = step.value;
    step = steps.next(loader.lookSync(owner, hand, read));
  }
}

/** Likewise, and waits for what is not in memory; `held` tells of what has been brought meanwhile. */
export async function semijoinLater<K, V>(
  view: View<K, V>,
  context: ReadContext<K, V>,
  keys: ZSet<K>,
  loader: Loader,
  held: Holder[],
  signal: AbortSignal | undefined,
): Promise<IndexedZSet<K, V>> {
  const steps = semijoinSteps(view, context, keys, (use) => new ReadHand(loader.ledger, use));
  for (let step = steps.next(); ;) {
    if (step.done === true) return step.value;
    const { owner, hand, read } = step.value;
    // In the place of the one before it, which is done with; the view is first.
    held[1] = hand;
    step = steps.next(await loader.look(owner, hand, read, signal));
  }
}

/** Joins, asking for the parts of the slots that it comes to need. */
function* semijoinSteps<K, V>(
  view: View<K, V>,
  context: ReadContext<K, V>,
  keys: ZSet<K>,
  newHand: (use: SlotUse) => ReadHand,
): Generator<SlotsNeeded, IndexedZSet<K, V>, readonly Part[]> {
  const { layout } = context;
  const isFew = view.staged !== undefined && keys.size * WORTH_SORTING < view.staged.length;
  const staged = isFew ? stagedOf(layout, view.staged, keys, context.seed) : [];
  const use = keys.size > BULK_KEYS ? "bulk" : "look-up";
  const kept: Batch<K, V>[] = [];
  const keep = (batch: Batch<K, V>): void => {
    kept.push(restrict(new IndexedZSet(batch), keys).batch);
  };
  for (const batch of [...(isFew ? view.batches : view.inOrder()), ...staged]) {
    if (batch.slots.every(isUnwritten)) keep(batch);
    // Where all is searched at once, fences have to be rows.
    else if (batch.slots.every(({ part }) => part !== undefined)) keep(Batch.of(batch.layout, batch.parts));
    else {
      const owner = { name: context.name, layout: batch.layout };
      const slots = slotsOfKeys(batch, keys);
      for (let at = 0; at < slots.length; at += SLOTS_AT_A_TIME) {
        const some = slots.slice(at, at + SLOTS_AT_A_TIME);
        const hand = newHand(use);
        const parts = yield { owner, hand, read: () => some.map((slot) => hand.partOf(slot)!) };
        keep(Batch.of(batch.layout, parts));
      }
    }
  }
  const sum = addBatches(layout, kept, context.lens);
  return keys.batch.weightBound === 1 && keys.batch.totalWeight === keys.size ? sum : semijoin(sum, keys);
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
