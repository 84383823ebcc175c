import type { ByteReader } from "./byte-reader.ts";

/** The distinct ones among the rows of a column, and which of them each row is. */
export interface Entries {
  /** The row in which each entry comes first. */
  readonly rows: Uint32Array;
  /** For each row the number of its entry. */
  readonly codes: Float64Array;
}

// With this many looked at in vain for each row, hashes collide so often that a dictionary is not worth it.
const STEPS_PER_ROW = 4;

/** Computes how many entries a dictionary for `count` rows may have. */
export function entriesMax(count: number): number {
  return Math.min(4096, count >>> 3);
}

/** Finds the distinct numbers, in the order in which they come; `undefined` when they are more than `most`. */
export function findNumbers(values: Float64Array, most: number): Entries | undefined {
  const count = values.length;
  const slots = new Uint32Array(slotsFor(most));
  const mask = slots.length - 1;
  const words = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const rows = new Uint32Array(most);
  const codes = new Float64Array(count);
  let entries = 0;
  let steps = count * STEPS_PER_ROW;
  for (let row = 0; row < count; row++) {
    const value = values[row]!;
    const mixed = Math.imul(words[row * 2]! ^ Math.imul(words[row * 2 + 1]!, 0x9e3779b1), 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (slots[slot] !== 0 && values[rows[slots[slot]! - 1]!] !== value) {
      slot = (slot + 1) & mask;
      if (--steps < 0) return undefined;
    }
    if (slots[slot] === 0) {
      if (entries === most) return undefined;
      rows[entries] = row;
      slots[slot] = ++entries;
    }
    codes[row] = slots[slot]! - 1;
  }
  return { rows: rows.subarray(0, entries), codes };
}

/** Finds the distinct byte strings, in the order in which they come; `undefined` when they are more than `most`. */
export function findStrings(starts: Uint32Array, bytes: Uint8Array, most: number): Entries | undefined {
  const count = starts.length - 1;
  const slots = new Uint32Array(slotsFor(most));
  const mask = slots.length - 1;
  const rows = new Uint32Array(most);
  const codes = new Float64Array(count);
  let entries = 0;
  let steps = count * STEPS_PER_ROW;
  for (let row = 0; row < count; row++) {
    const start = starts[row]!;
    const end = starts[row + 1]!;
    let slot = hashString(bytes, start, end) & mask;
    while (slots[slot] !== 0) {
      const other = rows[slots[slot]! - 1]!;
      if (equalBytes(bytes, start, end, starts[other]!, starts[other + 1]!)) break;
      slot = (slot + 1) & mask;
      if (--steps < 0) return undefined;
    }
    if (slots[slot] === 0) {
      if (entries === most) return undefined;
      rows[entries] = row;
      slots[slot] = ++entries;
    }
    codes[row] = slots[slot]! - 1;
  }
  return { rows: rows.subarray(0, entries), codes };
}

/** Checks that all codes name one of `entries`. */
export function checkCodes(reader: ByteReader, codes: Float64Array, entries: number): void {
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (!(code >= 0 && code < entries) || Math.trunc(code) !== code) {
      reader.fail(`a code names none of the ${entries} entries of its dictionary`);
    }
  }
}

function slotsFor(entries: number): number {
  return 4 << (32 - Math.clz32(entries));
}

const HASHED_BYTES = 32;

/** Hashes the first and last bytes; seeded it need not be, since a dictionary is given up when they collide. */
function hashString(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  const firstEnd = Math.min(end, start + HASHED_BYTES);
  for (let i = start; i < firstEnd; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  for (let i = Math.max(firstEnd, end - HASHED_BYTES); i < end; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

function equalBytes(bytes: Uint8Array, start: number, end: number, other: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - other) return false;
  for (let i = start; i < end; i++, other++) if (bytes[i] !== bytes[other]) return false;
  return true;
}
