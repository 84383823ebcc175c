import type { BatchIndex, BlockEntry } from "../../src/block/block-index.ts";
import { fencesOf } from "../../src/block/fences.ts";
import { chance, IDENTITY, numbers, partOf, strings } from "./samples.ts";

/** Makes an index of `blocks` blocks, as a batch of text keys and integers has it. */
export function sampleIndex(blocks: number): BatchIndex {
  const values = Array.from({ length: Math.ceil(blocks / 4) + 1 }, (_, at) => `batch/cafe-${at}/0`);
  let offset = 0;
  const entries = Array.from({ length: blocks }, (_, number): BlockEntry => {
    if (number % 4 === 0) offset = 0;
    const entry: BlockEntry = {
      value: Math.floor(number / 4),
      offset,
      length: 40_000 + (chance(number) % 5000),
      checksum: chance(number),
      filterLength: number % 5 === 0 ? 0 : 10_280,
      identity: { ...IDENTITY, batch: number % 3, number },
      rows: 8192,
      totalWeight: 8192 - (number % 9),
      weightBound: 1 + (number % 2),
      residentBytes: 8192 * 24,
      least: 1_700_000_000_000 + 60_000 * number,
      most: 1_700_000_000_000 + 60_000 * number + (chance(number + 1) % 60_000),
    };
    offset += entry.length + entry.filterLength;
    return entry;
  });
  const key = (row: number): string => `user-${String(row).padStart(9, "0")}`;
  const parts = entries.map((_, at) =>
    partOf([strings([key(at * 8192), key(at * 8192 + 8191)]), numbers([at, 5 - at])]),
  );
  const valueBytes = values.map((_, at) => (at === values.length - 1 ? 0 : 70_000 + at));
  return { values, valueBytes, entries, ...fencesOf(parts) };
}
