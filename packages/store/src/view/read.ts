import { pickPart, type KeyProbe, type Merger } from "@zspine/core/engine";
import type { ReadRange } from "../range/key-range.ts";
import type { SlotUse } from "../tier/ledger.ts";
import { Feed, FIRST_READ_BYTES, READ_BYTES, type SlotOwner } from "../tier/feed.ts";
import { CHUNK_ROWS } from "./chunk-reader.ts";
import type { RowCount } from "./view.ts";

/** How slots of a range are used: those of a short one stay in memory, a long one leaves it as it is. */
function useOf({ limit }: ReadRange): SlotUse {
  return limit > CHUNK_ROWS ? "bulk" : "look-up";
}

/** What the merge of a reader of a range is fed with: little at first, where it may stop early. */
export function feedOf(owner: SlotOwner, range: ReadRange, firstRows: number): Feed {
  const startsSmall = firstRows < CHUNK_ROWS || range.limit < CHUNK_ROWS;
  return new Feed(owner, useOf(range), startsSmall ? FIRST_READ_BYTES : READ_BYTES);
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
