import { crc32 } from "node:zlib";

// A record, little-endian, at a multiple of 8 bytes of its segment.
//
//  offset  bytes  is
//  ------  -----  ---------------------------------------------------------------------------------------------
//       0      4  the CRC-32 of all that follows, zeros included
//       4      4  the length of the entries, in bytes
//       8      8  the salt of the segment: drawn at random for each, so that bytes of another are no record of it
//      16      8  the number of the record: 1, 2, … within a segment; a double
//      24      8  the newest record that was known to be durable when this one was written; a double
//      32      …  entries, and zeros up to a multiple of 8
//
// An entry is 16 bytes, a name and data, one after another:
//
//       0      1  its kind, below
//       1      1  the length of the name, in bytes of ASCII
//       4      4  the length of the data, in bytes
//       8      8  the number of a head; a double

/** The length of what stands before the entries. */
export const HEADER_BYTES = 32;
const ENTRY_BYTES = 16;
const SALT_BYTES = 8;

/**
 * What an entry tells of: a head; a value, which an earlier segment had when it is `carried`; that a value is removed; that
 * heads up to a number are lost; that the handle has closed it, and all before is durable.
 */
type EntryKind = "synced" | "relaxed" | "put" | "carried" | "remove" | "lost" | "closed";
const KINDS: readonly EntryKind[] = ["synced", "relaxed", "put", "carried", "remove", "lost", "closed"];

/** One thing that a record says: see {@link EntryKind}. */
export interface Entry {
  readonly kind: EntryKind;
  /** The number of a head. */
  readonly number?: number;
  /** The name of a value. */
  readonly name?: string;
  readonly data?: Uint8Array;
}

/** An entry as it lies in a segment. */
export interface StoredEntry {
  readonly kind: EntryKind;
  readonly number: number;
  readonly name: string;
  /** Where its data begins in the segment, in bytes, and how long it is. */
  readonly offset: number;
  readonly length: number;
}

/** A record as it lies in a segment. */
export interface StoredRecord {
  readonly number: number;
  readonly durable: number;
  readonly entries: readonly StoredEntry[];
  /** Where the next one begins. */
  readonly end: number;
}

/** What stands before the entries of a record. */
export interface RecordHeader {
  readonly salt: Uint8Array;
  readonly number: number;
  readonly durable: number;
}

/** Counts the bytes that a record of entries takes. */
export function recordBytes(entries: readonly Entry[]): number {
  let bytes = HEADER_BYTES;
  for (const { name = "", data } of entries) bytes += ENTRY_BYTES + name.length + (data?.length ?? 0);
  return padded(bytes);
}

/** Writes a record. */
export function encodeRecord({ salt, number, durable }: RecordHeader, entries: readonly Entry[]): Uint8Array {
  const bytes = new Uint8Array(recordBytes(entries));
  const view = new DataView(bytes.buffer);
  bytes.set(salt, 8);
  view.setFloat64(16, number, true);
  view.setFloat64(24, durable, true);
  let at = HEADER_BYTES;
  for (const { kind, name = "", number: head = 0, data } of entries) {
    bytes[at] = KINDS.indexOf(kind);
    bytes[at + 1] = name.length;
    view.setUint32(at + 4, data?.length ?? 0, true);
    view.setFloat64(at + 8, head, true);
    at += ENTRY_BYTES;
    for (let i = 0; i < name.length; i++) bytes[at++] = name.charCodeAt(i);
    if (data !== undefined) bytes.set(data, at);
    at += data?.length ?? 0;
  }
  view.setUint32(4, at - HEADER_BYTES, true);
  view.setUint32(0, crc32(bytes.subarray(4)), true);
  return bytes;
}

/** Reads the salt of the segment in whose bytes the first record is; undefined when they are too few. */
export function saltOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length < HEADER_BYTES ? undefined : bytes.slice(8, 8 + SALT_BYTES);
}

/**
 * Reads the record at an offset of the bytes of a segment, which begin at `base` of it; undefined when there is none that
 * is whole and of this salt.
 */
export function readRecord(
  bytes: Uint8Array,
  at: number,
  salt: Uint8Array,
  base = 0,
): StoredRecord | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  for (let i = 0; i < SALT_BYTES; i++) if (bytes[at + 8 + i] !== salt[i]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const end = HEADER_BYTES + view.getUint32(4, true);
  const length = padded(end);
  if (length > view.byteLength) return undefined;
  if (crc32(bytes.subarray(at + 4, at + length)) !== view.getUint32(0, true)) return undefined;
  const entries = entriesOf(bytes, at, base);
  return {
    number: view.getFloat64(16, true),
    durable: view.getFloat64(24, true),
    entries,
    end: base + at + length,
  };
}

/** Reads the entries of the record at an offset of bytes that begin at `base` of their segment; it must be whole. */
export function entriesOf(bytes: Uint8Array, at: number, base: number): StoredEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const end = HEADER_BYTES + view.getUint32(4, true);
  const entries: StoredEntry[] = [];
  for (let from = HEADER_BYTES; from < end;) {
    const nameBytes = view.getUint8(from + 1);
    const dataBytes = view.getUint32(from + 4, true);
    const offset = from + ENTRY_BYTES + nameBytes;
    const name = String.fromCharCode(...bytes.subarray(at + offset - nameBytes, at + offset));
    const kind = KINDS[view.getUint8(from)]!;
    const number = view.getFloat64(from + 8, true);
    entries.push({ kind, number, name, offset: base + at + offset, length: dataBytes });
    from = offset + dataBytes;
  }
  return entries;
}

/** The next multiple of 8. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
