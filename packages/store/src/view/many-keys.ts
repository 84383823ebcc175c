import { IndexedZSet, type WeightedValue, type ZSet } from "@zspine/core";
import {
  Batch,
  checkSameShape,
  KeysProbe,
  multiplyWeights,
  probeKeys,
  RowPicker,
  sortRows,
  type Part,
} from "@zspine/core/engine";
import type { Ledger, SlotUse } from "../tier/ledger.ts";
import type { ReadHand } from "../tier/read-hand.ts";
import type { FoundRows, ReadContext, View } from "./view.ts";

/** Keys of a call that are looked up together, so that no more slots are in hand at a time than they need. */
const KEYS_AT_A_TIME = 1024;

/** A reading that has missed something: it is tried again with what was brought to its hand. */
interface Reading {
  readonly hand: ReadHand;
  read(this: void): void;
}

/** A read of many keys, which stops where something is to be brought. */
export type Readings<T> = Generator<Reading, T, undefined>;

/** What reads of many keys need of their trace. */
export interface ManyKeysSource {
  readonly ledger: Ledger;
  newHand(this: void, use: SlotUse): ReadHand;
}

/** Reads the values of keys, in their order. */
export function* readMany<K, V>(
  view: View<K, V>,
  { layout, seed }: ReadContext<K, V>,
  keys: readonly K[],
  source: ManyKeysSource,
): Readings<(readonly WeightedValue<V>[])[]> {
  const probe = probeKeys(layout, keys);
  const values: (readonly WeightedValue<V>[])[] = Array.from({ length: keys.length });
  yield* findMany(
    view,
    new KeysProbe(probe, layout, seed),
    sortRows(probe),
    "look-up",
    source,
    (at, rows) => {
      values[at] = view.readValues(rows);
    },
  );
  return values;
}

/** Finds the rows of keys, and reads none: brings what they need to hands that keep it. */
export function* loadMany<K, V>(
  view: View<K, V>,
  { layout, seed }: ReadContext<K, V>,
  keys: readonly K[],
  source: ManyKeysSource,
): Readings<void> {
  const probe = probeKeys(layout, keys);
  yield* findMany(view, new KeysProbe(probe, layout, seed), sortRows(probe), "once", source, () => undefined);
}

/**
 * Reads the rows of many keys, their weights multiplied by the key's. Rows of all batches are added up first, and
 * multiplied then: a product may be out of range where the sum of the products is not.
 *
 * @throws `ZSPINE_SCHEMA` when the keys are of another schema; `ZSPINE_WEIGHT_RANGE`.
 */
export function* semijoinMany<K, V>(
  view: View<K, V>,
  { layout, seed }: ReadContext<K, V>,
  keys: ZSet<K>,
  source: ManyKeysSource,
): Readings<IndexedZSet<K, V>> {
  checkSameShape("semijoin", "keys", layout.key, keys.layout.key);
  const picker = new RowPicker(layout);
  // Of so many keys no slot stays for the next look-up.
  const use = keys.size > KEYS_AT_A_TIME ? "bulk" : "look-up";
  let factor = 1;
  const pick = (part: Part, row: number, weight: number): void => {
    picker.pick(part, row, multiplyWeights(weight, factor));
  };
  for (const part of keys.batch.parts) {
    yield* findMany(view, new KeysProbe(part, layout, seed), undefined, use, source, (at, rows) => {
      factor = part.weights[at]!;
      view.eachRow(rows, pick);
    });
  }
  return new IndexedZSet(Batch.of(layout, picker.finish()));
}

/** Gives the rows of the keys of a probe to `take`, those that have any, in order; `order` sorts them. */
function* findMany<K, V>(
  view: View<K, V>,
  keys: KeysProbe,
  order: Uint32Array | undefined,
  use: SlotUse,
  { ledger, newHand }: ManyKeysSource,
  take: (at: number, rows: FoundRows) => void,
): Readings<void> {
  const count = keys.part.weights.length;
  for (let from = 0; from < count;) {
    let until = Math.min(count, from + KEYS_AT_A_TIME);
    const all = newHand(use);
    view.findMany({ keys, order, from, until }, all, take);
    if (all.isMissing) {
      until = from + keysAtATime(until - from, all, ledger);
      const some = { keys, order, from, until };
      const hand = newHand(use);
      yield {
        hand,
        read: () => {
          view.findMany(some, hand, take);
        },
      };
    }
    from = until;
  }
}

/** How many of some keys are to be looked up at a time, when all of them miss what a hand says that they do. */
function keysAtATime(keys: number, missing: ReadHand, { workBytes }: Ledger): number {
  return Math.min(keys, Math.max(1, Math.floor((keys * workBytes) / missing.missingBytes)));
}
