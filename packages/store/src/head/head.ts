import type { HashSeed } from "@zspine/core/engine";
import { crc32 } from "../block/crc32.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { Json, Metadata } from "./metadata.ts";

/** A stored batch as a head names it. */
export interface HeadBatch {
  /** The batch's own name, below which its values lie. */
  readonly id: string;
  /** Where its index is: the value, the part of it, and the CRC-32 of that part. */
  readonly index: {
    readonly value: string;
    readonly offset: number;
    readonly length: number;
    readonly checksum: number;
  };
  readonly rows: number;
  readonly totalWeight: number;
  readonly weightBound: number;
  /** Bytes of the values that were written for it. */
  readonly bytes: number;
}

/** What a trace held at a commit that is held: what its oldest batches, so many, come to. */
export interface HeadMark {
  readonly commit: number;
  readonly batches: number;
  readonly totalWeight: number;
}

/** A hold of a commit, as heads keep it. */
export interface HeadHold {
  readonly name: string;
  /** The commit whose rows every trace keeps apart from what came later. */
  readonly commit: number;
  /** The metadata of that commit. */
  readonly metadata: Metadata;
  /** Milliseconds for which it stands when nobody renews it; `null` for as long as it is there. */
  readonly lease: number | null;
  /** Bytes that may come after it before it is let go of; `null` for any. */
  readonly maxBytes: number | null;
  readonly isExpired: boolean;
}

/** A clone that borrows values of this store, as heads keep it: what it borrows is not removed. */
export interface HeadClone {
  readonly name: string;
  /** Tells this clone from one that had its name. */
  readonly id: string;
  /** The value in which stands what it borrows, see tier/loan.ts; the part of it, and the CRC-32 of that part. */
  readonly loan: {
    readonly value: string;
    readonly offset: number;
    readonly length: number;
    readonly checksum: number;
  };
}

/** A trace as a head, or a table, names it. */
export interface HeadTrace {
  readonly name: string;
  /** The number of the head that named it first: what tells it from one that was dropped and had its name. */
  readonly created: number;
  readonly fingerprint: string;
  /**
   * One letter for each column, `n` for numeric, `b` for binary, and `t` for a time, which is the last, so that blocks
   * can be read without schemas.
   */
  readonly kinds: string;
  readonly keyColumns: number;
  readonly totalWeight: number;
  /** What a trace of another kind tells of itself; `null` for a trace of the store's own. */
  readonly kind: { readonly name: string; readonly state: Json } | null;
  /** Oldest first; none where rows stay in memory. */
  readonly batches: readonly HeadBatch[];
  /**
   * Ascending by commit: those that were held when this was said and after which the trace has got batches. A commit that
   * is held and not among them has all that the trace says here.
   */
  readonly held: readonly HeadMark[];
}

/** A table of traces as a head names it: see table.ts. */
export interface HeadTable {
  /** The value that it lies in, and the part of it. */
  readonly value: string;
  readonly offset: number;
  readonly length: number;
  /** The CRC-32 of that part. */
  readonly checksum: number;
  /** How many names it tells of. */
  readonly entries: number;
}

/**
 * What a commit leaves in the backend: the whole state of the store, by reference. Heads are numbered and
 * immutable. Each names the checksum of the one before it, so that a head which was lost, or put back, is
 * noticed; and its writer, so that a writer can tell its own attempt from another's.
 *
 * Of the traces it names those that have changed lately, and tables that name the others: see manifest.ts. Over a
 * backend that is not durable, heads order commits: they name no tables, no batches, and only what changed.
 */
export interface Head {
  readonly number: number;
  /** Counts the openings of the store: one more than that of the writer before. */
  readonly epoch: number;
  /** The number of the newest commit of a user's: this head, or one that only maintenance has followed; 0 for none. */
  readonly commit: number;
  /** Random, one for each opened store. */
  readonly writer: string;
  /** The CRC-32 of the head before it; 0 for the first, and for one that follows a head which was passed over. */
  readonly previous: number;
  /** The seed of the hash under which filters are built. */
  readonly seed: HashSeed;
  readonly serializer: { readonly name: string; readonly id: number } | null;
  /** Youngest first: what one says of a name hides what those after it say. */
  readonly tables: readonly HeadTable[];
  /** Traces that have changed since the youngest table, ascending by name. */
  readonly traces: readonly HeadTrace[];
  /** Names of traces that a table tells of and that have been dropped since, ascending. */
  readonly dropped: readonly string[];
  readonly metadata: Metadata;
  /** Holds of commits, ascending by name. */
  readonly holds: readonly HeadHold[];
  /** Clones that borrow values of it, ascending by name. */
  readonly clones: readonly HeadClone[];
  /** How far the letters of readers have been taken up; missing where no writer has served any. */
  readonly mail?: HeadMail | undefined;
}

/** What the bytes of a head begin with. */
export const MAGIC = 0x6870737a;
/** The version of the format of heads, and of everything that they name. */
export const FORMAT_VERSION = 5;
/** That of a head which has clones, or mail: a version that knows nothing of them must not remove what they borrow, or letters. */
export const VERSION_WITH_MORE = 6;
/** Bytes before the fields. */
export const HEADER_BYTES = 16;
const ENCODER = new TextEncoder();

/**
 * Encodes a head. All numbers are little-endian.
 *
 * | offset | bytes | holds |
 * |---|---|---|
 * | 0 | 4 | `zsph` |
 * | 4 | 2 | version of the format: 5, or 6 where it has clones or mail |
 * | 6 | 2 | 0 |
 * | 8 | 4 | length of what follows the header |
 * | 12 | 4 | CRC-32 of bytes 0–11 and of what follows the header |
 * | 16 | … | the head as UTF-8 JSON, the fields of `Head` and no others; no `clones` and no `mail` where there are none |
 */
export function encodeHead(head: Head): Uint8Array {
  const { clones, mail, ...others } = head;
  const more = { ...(clones.length > 0 && { clones }), ...(mail && { mail }) };
  const hasMore = Object.keys(more).length > 0;
  const json = ENCODER.encode(JSON.stringify({ ...others, ...more }));
  const bytes = new Uint8Array(HEADER_BYTES + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, hasMore ? VERSION_WITH_MORE : FORMAT_VERSION, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, HEADER_BYTES);
  view.setUint32(12, headChecksum(bytes), true);
  return bytes;
}

/** The checksum by which the next head knows this one. */
export function checksumOfHead(bytes: Uint8Array): number {
  return crc32(bytes, 0, bytes.length);
}

/** The checksum that a head says of itself. */
export function headChecksum(bytes: Uint8Array): number {
  return crc32(bytes, HEADER_BYTES, bytes.length, crc32(bytes, 0, 12));
}
