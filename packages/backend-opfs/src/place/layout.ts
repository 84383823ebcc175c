import { crc32 } from "../record/record.ts";

// The layout of a location, version 1: a directory of the origin private file system.
//
//  entry              is
//  -----------------  -----------------------------------------------------------------------------------------
//  zspine             the marker, which is open as long as a handle is. At 0 `zspine opfs 1` and a line feed. At 32 the
//                     hint: the newest head that was acknowledged as synced, and the newest segment, of 16 digits
//                     each, and the CRC-32 of both in hexadecimal; never flushed. Where it names what is not there,
//                     that was lost. Torn, it says nothing
//  <16 digits>.log    a segment: records, as `src/record/record.ts` says. The first says all that is kept from those
//                     before, by name of value and place. So the one of the highest number counts, and those in which
//                     it has values

/** The file that says what a directory is. */
export const MARKER_ENTRY = "zspine";
/** What the marker begins with. */
export const MARKER = "zspine opfs 1\n";
/** Where the hint begins in the marker, and how long it is, in bytes. */
export const HINT_AT = 32;
export const HINT_BYTES = 43;

const SEGMENT = /^(\d{16})\.log$/;

/** What is known to have been there. */
export interface Hint {
  /** The newest head that was acknowledged as synced; 0 for none. */
  readonly head: number;
  /** The newest segment; 0 for none. */
  readonly segment: number;
}

/** The file of a segment. */
export function segmentEntry(sequence: number): string {
  return `${digits(sequence)}.log`;
}

/** The number of the segment of which an entry is the file; undefined when it is none of ours. */
export function segmentOfEntry(entry: string): number | undefined {
  const sequence = Number(SEGMENT.exec(entry)?.[1]);
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}

/** The bytes of a hint. */
export function encodeHint({ head, segment }: Hint): Uint8Array {
  const text = `${digits(head)} ${digits(segment)}`;
  const sum = crc32(new TextEncoder().encode(text)).toString(16).padStart(8, "0");
  return new TextEncoder().encode(`${text} ${sum}\n`);
}

/** Reads a hint; one that says nothing where it is torn. */
export function decodeHint(bytes: Uint8Array): Hint {
  const [head = "", segment = ""] = new TextDecoder().decode(bytes).split(" ");
  const hint = { head: Number(head), segment: Number(segment) };
  const again = encodeHint(hint);
  const isWhole = bytes.length === again.length && bytes.every((byte, at) => byte === again[at]);
  return isWhole ? hint : { head: 0, segment: 0 };
}

function digits(number: number): string {
  return String(number).padStart(16, "0");
}
