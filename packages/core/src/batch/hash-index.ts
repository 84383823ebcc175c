import type { Batch } from "./batch.ts";

/**
 * Finds the first row of a key in expected constant time: an open-addressing table of the places of key
 * groups, half full at the most, by the keyed hash of the key's columns. Four bytes a slot; equal hashes
 * are settled by comparing the key itself.
 */
export interface HashIndex {
  /** A place plus one; 0 where the slot is free. */
  readonly slots: Uint32Array;
}

/** Rows of a place's part; see {@link placeOf}. */
const PLACE_ROWS = 32768;

/** Packs a part's number and a row of it into 32 bits; there is room for 2³² rows in full parts. */
export function placeOf(part: number, row: number): number {
  return part * PLACE_ROWS + row;
}

export function partOfPlace(place: number): number {
  return Math.floor(place / PLACE_ROWS);
}

export function rowOfPlace(place: number): number {
  return place % PLACE_ROWS;
}

/** Tells whether every place of the batch can be packed. */
export function isIndexable(batch: Batch): boolean {
  return batch.parts.length * PLACE_ROWS < 4294967295;
}

/** Builds the index of key groups at `places` with the hashes of their keys. */
export function buildHashIndex(places: Uint32Array, hashes: Uint32Array): HashIndex {
  let size = 16;
  while (size < places.length * 2) size *= 2;
  const slots = new Uint32Array(size);
  const mask = size - 1;
  for (let i = 0; i < places.length; i++) {
    let slot = hashes[i]! & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = places[i]! + 1;
  }
  return { slots };
}
