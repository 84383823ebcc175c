import CRC32 from "crc-32";

// A record, little-endian, at a multiple of 8 bytes of its segment. What it says stands before the bytes that it brings,
// so that a location is opened without reading those.
//
//  offset  bytes  is
//  ------  -----  ---------------------------------------------------------------------------------------------
//       0      4  the CRC-32 of what follows up to the end of the entries
//       4      4  the length of the entries, in bytes
//       8      8  the salt of the segment: drawn at random for each, so that bytes within a value are no record of it
//      16      8  the number of the record: 1, 2, … within a segment; a double
//      24      8  the newest record that was known to be durable when this one was written; a double
//      32      8  the length of the data, in bytes; a double
//      40      4  the CRC-32 of the data
//      44      4  zeros
//      48      …  entries, then their data, then zeros up to a multiple of 8
//
// An entry is 24 bytes and a name, one after another; their data lie in the same order:
//
//       0      1  its kind, below
//       1      1  the length of the name, in bytes of ASCII
//       2      2  zeros
//       4      4  the length of the data, in bytes; of an `at` that of the value elsewhere
//       8      8  the number of a head; of an `at` the number of the segment; a double
//      16      8  of an `at` where the value begins in that segment, in bytes; a double

/** The length of what stands before the entries. */
export const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;
const SALT_BYTES = 8;

/**
 * What an entry tells of: a head; a value whose bytes follow; one that lies in an earlier segment; that a value is
 * removed; that heads up to a number are lost; that the handle has closed the segment, and all before is durable.
 */
type EntryKind = "synced" | "relaxed" | "put" | "at" | "remove" | "lost" | "closed";
const KINDS: readonly EntryKind[] = ["synced", "relaxed", "put", "at", "remove", "lost", "closed"];

/** One thing that a record says: see {@link EntryKind}. */
export interface Entry {
  readonly kind: EntryKind;
  /** The number of a head, or of the segment that a value is in. */
  readonly number?: number;
  /** The name of a value. */
  readonly name?: string;
  readonly data?: Uint8Array;
  /** Where a value begins in the segment `number`, and its length, in bytes. */
  readonly offset?: number;
  readonly length?: number;
}

/** An entry as it is stored: `offset` is where its bytes begin in their segment. */
export interface StoredEntry {
  readonly kind: EntryKind;
  readonly number: number;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** A record as it lies in a segment, of whose data nothing was read. */
export interface StoredRecord {
  readonly number: number;
  readonly durable: number;
  readonly entries: readonly StoredEntry[];
  /** Where its data begin, how long they are, and their checksum. */
  readonly dataStart: number;
  readonly dataBytes: number;
  readonly dataCrc: number;
  /** Where the next one begins. */
  readonly end: number;
}

/** What stands before the entries of a record. */
export interface RecordHeader {
  readonly salt: Uint8Array;
  readonly number: number;
  readonly durable: number;
}

/** Computes the CRC-32 of bytes. */
export function crc32(bytes: Uint8Array): number {
  return CRC32.buf(bytes) >>> 0;
}

/** Writes a record. */
export function encodeRecord({ salt, number, durable }: RecordHeader, entries: readonly Entry[]): Uint8Array {
  let tableBytes = 0;
  let dataBytes = 0;
  for (const { name = "", data } of entries) {
    tableBytes += ENTRY_BYTES + name.length;
    dataBytes += data?.length ?? 0;
  }
  const dataStart = HEADER_BYTES + tableBytes;
  const bytes = new Uint8Array(padded(dataStart + dataBytes));
  const view = new DataView(bytes.buffer);
  let at = HEADER_BYTES;
  let dataAt = dataStart;
  for (const { kind, name = "", number: of = 0, data, offset = 0, length = 0 } of entries) {
    bytes[at] = KINDS.indexOf(kind);
    bytes[at + 1] = name.length;
    view.setUint32(at + 4, data?.length ?? length, true);
    view.setFloat64(at + 8, of, true);
    view.setFloat64(at + 16, offset, true);
    at += ENTRY_BYTES;
    for (let i = 0; i < name.length; i++) bytes[at++] = name.charCodeAt(i);
    if (data === undefined) continue;
    bytes.set(data, dataAt);
    dataAt += data.length;
  }
  view.setUint32(4, tableBytes, true);
  bytes.set(salt, 8);
  view.setFloat64(16, number, true);
  view.setFloat64(24, durable, true);
  view.setFloat64(32, dataBytes, true);
  view.setUint32(40, crc32(bytes.subarray(dataStart, dataAt)), true);
  view.setUint32(0, crc32(bytes.subarray(4, dataStart)), true);
  return bytes;
}

/** Reads the salt of the segment in whose bytes the first record is; undefined when they are too few. */
export function saltOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length < HEADER_BYTES ? undefined : bytes.slice(8, 8 + SALT_BYTES);
}

/** The length of header and entries, of a record whose header is at an offset; what it says may be wrong. */
export function tableEnd(bytes: Uint8Array, at: number): number {
  return HEADER_BYTES + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(4, true);
}

/**
 * Reads what the record says whose header is at an offset of some bytes, which begin at `base` of the segment; undefined when
 * there is none that is whole and of this salt. Its data are not looked at.
 */
export function readRecord(
  bytes: Uint8Array,
  at: number,
  salt: Uint8Array,
  base: number,
): StoredRecord | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  for (let i = 0; i < SALT_BYTES; i++) if (bytes[at + 8 + i] !== salt[i]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const end = tableEnd(bytes, at);
  if (end > view.byteLength || crc32(bytes.subarray(at + 4, at + end)) !== view.getUint32(0, true))
    return undefined;
  const dataStart = base + at + end;
  const dataBytes = view.getFloat64(32, true);
  const entries: StoredEntry[] = [];
  let dataAt = dataStart;
  for (let from = HEADER_BYTES; from < end;) {
    const nameAt = at + from + ENTRY_BYTES;
    const nameBytes = view.getUint8(from + 1);
    const length = view.getUint32(from + 4, true);
    const kind = KINDS[view.getUint8(from)]!;
    const isElsewhere = kind === "at";
    entries.push({
      kind,
      number: view.getFloat64(from + 8, true),
      name: String.fromCharCode(...bytes.subarray(nameAt, nameAt + nameBytes)),
      offset: isElsewhere ? view.getFloat64(from + 16, true) : dataAt,
      length,
    });
    if (!isElsewhere) dataAt += length;
    from += ENTRY_BYTES + nameBytes;
  }
  return {
    number: view.getFloat64(16, true),
    durable: view.getFloat64(24, true),
    entries,
    dataStart,
    dataBytes,
    dataCrc: view.getUint32(40, true),
    end: padded(dataStart + dataBytes),
  };
}

/** The next multiple of 8. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
