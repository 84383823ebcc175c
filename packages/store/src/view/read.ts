import { pickPart, type KeyProbe, type Merger, type Part } from "@zspine/core/engine";
import type { ReadRange } from "../range/key-range.ts";
import type { Ledger, SlotUse } from "../tier/ledger.ts";
import { Feed, FIRST_READ_BYTES, READ_BYTES, type SlotOwner } from "../tier/loader.ts";
import type { ReadHand } from "../tier/read-hand.ts";
import { CHUNK_ROWS } from "./chunk-reader.ts";
import type { RowCount } from "./view.ts";

/** Keys of a call that are looked up together, so that no more slots are in hand at a time than they need. */
const KEYS_AT_A_TIME = 1024;

/** How slots of a range are used: those of a short one stay in memory, a long one leaves it as it is. */
function useOf({ limit }: ReadRange): SlotUse {
  return limit > CHUNK_ROWS ? "bulk" : "look-up";
}

/** What the merge of a reader of a range is fed with: little at first, where it may stop early. */
export function feedOf(owner: SlotOwner, range: ReadRange, firstRows: number): Feed {
  const startsSmall = firstRows < CHUNK_ROWS || range.limit < CHUNK_ROWS;
  return new Feed(owner, useOf(range), startsSmall ? FIRST_READ_BYTES : READ_BYTES);
}

/** How many of some keys are to be looked up at a time, when all of them miss what a hand says that they do. */
export function keysAtATime(keys: number, missing: ReadHand, { workBytes }: Ledger): number {
  const most = Math.floor((keys * workBytes) / missing.missingBytes);
  return Math.min(KEYS_AT_A_TIME, Math.max(1, most));
}

/** Gives the rows of a probe in order, `most` at a time, with the places that they had; `order` sorts them. */
export function* keysInOrder(
  probe: Part,
  order: Uint32Array | undefined,
  most: number = KEYS_AT_A_TIME,
): Generator<{ readonly part: Part; readonly places: Uint32Array }, void, undefined> {
  const places = order ?? Uint32Array.from(probe.weights, (_, at) => at);
  if (order === undefined && places.length <= most) {
    if (places.length > 0) yield { part: probe, places };
    return;
  }
  for (let start = 0; start < places.length; start += most) {
    const some = places.subarray(start, start + most);
    yield { part: pickPart(probe.columns, some, new Float64Array(some.length)), places: some };
  }
}

/** Copies a probe that will be written over, for a look-up that waits. */
export function copyProbe({ part, hash, seed }: KeyProbe): KeyProbe {
  const first = Uint32Array.of(0);
  return { part: pickPart(part.columns, first, new Float64Array(1)), at: 0, hash, seed };
}

/** Counts the rows of a merge: yields `undefined` whenever it needs slots, and the count at the end. */
export function* countRows(
  merger: Merger,
  { limit }: ReadRange,
): Generator<RowCount | undefined, void, undefined> {
  let rows = 0;
  while (!merger.isDone) {
    merger.work(COUNT_FUEL);
    const parts = merger.take();
    for (const part of parts) rows += part.weights.length;
    if (parts.length === 0 && merger.waiting().length > 0) yield undefined;
  }
  for (const part of merger.take()) rows += part.weights.length;
  yield { rows: Math.min(rows, limit), rowsRead: merger.rowsRead };
}

const COUNT_FUEL = 65536;
