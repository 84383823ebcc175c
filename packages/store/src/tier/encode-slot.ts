import type { Compression } from "@zspine/core";
import {
  buildFilter,
  hashKeys,
  type Columns,
  type Filter,
  type HashSeed,
  type HomeIdentity,
  type Part,
} from "@zspine/core/engine";
import { encodeBlock } from "../block/block.ts";
import { crc32 } from "../block/crc32.ts";
import { encodeFilter } from "../block/filter-block.ts";

/** The rows of a slot as they lie in a value: a block, and at once behind it the filter of its keys. */
export interface EncodedSlot {
  readonly block: Uint8Array;
  readonly filter: Uint8Array;
  /** The CRC-32 of the block. */
  readonly checksum: number;
}

/** How slots are encoded. */
export interface SlotEncoding {
  readonly seed: HashSeed;
  readonly compression: Compression | undefined;
  /** Whether filters are made, which takes as long as a block; look-ups do without where there are none. */
  hasFilters(this: void): boolean;
}

/** Encodes the rows of a slot, and the filter of their keys, which is empty where none is made. */
export function encodeSlot(
  part: Part,
  layout: Columns,
  identity: HomeIdentity,
  { seed, compression, hasFilters }: SlotEncoding,
): EncodedSlot {
  const block = encodeBlock(part, identity, compression);
  const filter = hasFilters() ? encodeFilter(filterOf(part, layout, seed), identity) : NO_FILTER;
  return { block, filter, checksum: crc32(block, 0, block.length) };
}

const NO_FILTER = new Uint8Array(0);

function filterOf(part: Part, layout: Columns, seed: HashSeed): Filter {
  const hashes = hashKeys(part, layout, seed);
  // Equal keys lie side by side, and their hashes; of two keys with one hash once is enough too.
  let keys = 1;
  for (let row = 1; row < hashes.length; row++) {
    const hash = hashes[row]!;
    if (hash !== hashes[keys - 1]) hashes[keys++] = hash;
  }
  return buildFilter(hashes.subarray(0, keys));
}
