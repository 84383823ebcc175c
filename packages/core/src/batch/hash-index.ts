import { PART_ROWS } from "./part.ts";

/**
 * Finds the first row of a key in expected constant time: an open-addressing table of the places of key
 * groups, half full at the most, by the low bits of the keyed hash of the key's columns. Four bytes an entry:
 *
 * | bits | hold |
 * |---|---|
 * | low, as many as places need | the place plus one; all 0 where the entry is free |
 * | the others | those of the hash |
 *
 * So hardly a row is compared in vain, at 2²⁴ rows one for 256 entries that are passed. Equal bits are settled by comparing
 * the key itself.
 */
export interface HashIndex {
  readonly entries: Int32Array;
  /** Which bits of an entry hold the place. */
  readonly placeMask: number;
}

/** Rows of a place's slot; see {@link placeOf}. */
export const PLACE_ROWS: number = PART_ROWS;

/** Packs a slot's number and a row of it into 32 bits; there is room for 2³² rows in full slots. */
export function placeOf(slot: number, row: number): number {
  return slot * PLACE_ROWS + row;
}

export function slotOfPlace(place: number): number {
  return Math.floor(place / PLACE_ROWS);
}

export function rowOfPlace(place: number): number {
  return place % PLACE_ROWS;
}

/** Tells whether every place of so many slots can be packed. */
export function isIndexable(slots: number): boolean {
  return slots * PLACE_ROWS < 4294967295;
}

/** Builds the index of key groups at ascending `places` with the hashes of their keys. */
export function buildHashIndex(places: Uint32Array, hashes: Uint32Array): HashIndex {
  let size = 16;
  while (size < places.length * 2) size *= 2;
  const entries = new Int32Array(size);
  const mask = size - 1;
  const placeMask = -1 >>> Math.clz32((places.at(-1) ?? 0) + 1);
  for (let i = 0; i < places.length; i++) {
    const hash = hashes[i]!;
    let entry = hash & mask;
    while (entries[entry] !== 0) entry = (entry + 1) & mask;
    entries[entry] = (hash & ~placeMask) | (places[i]! + 1);
  }
  return { entries, placeMask };
}
