import { Slot } from "@zspine/core/engine";
import type { BatchIndex } from "../block/block-index.ts";
import type { BatchFile } from "./batch-file.ts";

/** Makes the slots of a batch that lies in a backend, of its index. */
export function slotsOfIndex(index: BatchIndex, { values, valueBytes }: BatchFile): Slot[] {
  const { entries, lowers, uppers } = index;
  return entries.map((entry, row) => {
    const { value, offset, length, checksum, filterLength, identity } = entry;
    const { rows, totalWeight, weightBound, residentBytes: bytes, least, most } = entry;
    const home = {
      blob: values[value]!,
      blobBytes: valueBytes[value]!,
      offset,
      length,
      checksum,
      filterLength,
      identity,
    };
    return Slot.at(
      home,
      { rows, bytes, totalWeight, weightBound, least, most },
      { part: lowers, row },
      { part: uppers, row },
    );
  });
}
