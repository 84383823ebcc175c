import { ZspineError } from "@zspine/core";
import type { SyncFile } from "../medium/sync-file.ts";
import { crc32, HEADER_BYTES, readRecord, saltOf, tableEnd, type StoredRecord } from "../record/record.ts";

/** Bytes that are read at a time to find what records say; their data lie between. */
const WINDOW_BYTES = 2 ** 16;

/** A file of the log that is open: records one after another, of which the first says all that is kept from before. */
export class Segment {
  readonly sequence: number;
  readonly file: SyncFile;
  readonly salt: Uint8Array;
  /** Where the next record is to be, in bytes. */
  end = 0;
  /** The number of the last record. */
  last = 0;
  /** The newest record that is known to be durable; the first is before the segment is gone on with. */
  durable = 1;

  constructor(sequence: number, file: SyncFile, salt: Uint8Array) {
    this.sequence = sequence;
    this.file = file;
    this.salt = salt;
  }

  /** Takes note of a record at its end. */
  take(record: Pick<StoredRecord, "number" | "durable" | "end">): void {
    this.last = record.number;
    this.end = record.end;
    this.durable = Math.max(this.durable, record.durable);
  }
}

/**
 * Reads the records of a file up to its **end**, after which comes nothing that was acknowledged as synced; undefined when the
 * first is not whole, as when the handle that made the file was killed meanwhile.
 *
 * A record that is not whole is the end, unless a whole one after it says that it was durable: then it is damage. The data
 * of records that are known to be durable are not read: what the store puts in them has checksums of its own.
 *
 * @throws `ZSPINE_CORRUPT` for damage.
 */
export function readSegment(
  sequence: number,
  file: SyncFile,
): { segment: Segment; records: StoredRecord[] } | undefined {
  const { size } = file;
  const salt = saltOf(file.read(0, Math.min(size, HEADER_BYTES)));
  if (salt === undefined) return undefined;
  const segment = new Segment(sequence, file, salt);
  const found = [...recordsFrom(file, size, segment)];
  const durable = found.reduce((most, record) => Math.max(most, record.durable), 0);
  const end = found.at(-1)?.end ?? 0;
  const expected = found.length + 1;
  if (
    isAnyAfter(file, size, segment, end, ({ number, durable: told }) => number > expected && told >= expected)
  ) {
    throw damaged(sequence, expected);
  }
  const records: StoredRecord[] = [];
  for (const record of found) {
    if (record.number > durable && !hasItsData(file, size, record)) break;
    if (record.end > size) throw damaged(sequence, record.number);
    records.push(record);
    segment.take(record);
  }
  return records.length === 0 ? undefined : { segment, records };
}

/** Whether there is a record in a file whose first one is not whole: then it was in use. */
export function wasUsed(file: SyncFile): boolean {
  const { size } = file;
  const salt = saltOf(file.read(0, Math.min(size, HEADER_BYTES)));
  if (salt === undefined) return false;
  const segment = { salt };
  return isAnyAfter(file, size, segment, 0, ({ number }) => number > 1);
}

function* recordsFrom(
  file: SyncFile,
  size: number,
  { salt }: Pick<Segment, "salt">,
): Generator<StoredRecord> {
  let base = 0;
  let window: Uint8Array = new Uint8Array(0);
  for (let at = 0, number = 1; at + HEADER_BYTES <= size; number++) {
    const needs = (bytes: number): void => {
      if (at >= base && at + bytes <= base + window.length) return;
      window = file.read(at, Math.min(Math.max(bytes, WINDOW_BYTES), size - at));
      base = at;
    };
    needs(HEADER_BYTES);
    if (at - base + HEADER_BYTES > window.length) return;
    const end = tableEnd(window, at - base);
    if (at + end > size) return;
    needs(end);
    const record = readRecord(window, at - base, salt, base);
    if (record === undefined || record.number !== number) return;
    yield record;
    at = record.end;
  }
}

/** Looks at each place of a file from `from` on, where a record could be. */
function isAnyAfter(
  file: SyncFile,
  size: number,
  { salt }: Pick<Segment, "salt">,
  from: number,
  isSought: (record: StoredRecord) => boolean,
): boolean {
  const bytes = file.read(from, Math.max(size - from, 0));
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 8) {
    const record = readRecord(bytes, at, salt, from);
    if (record !== undefined && isSought(record)) return true;
  }
  return false;
}

function hasItsData(
  file: SyncFile,
  size: number,
  { dataStart, dataBytes, dataCrc, end }: StoredRecord,
): boolean {
  return end <= size && crc32(file.read(dataStart, dataBytes)) === dataCrc;
}

function damaged(sequence: number, record: number): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `record ${record} of segment ${sequence} is damaged, which was durable; restore the location from a backup`,
  );
}
