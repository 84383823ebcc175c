import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyKind } from "../data/dataset.ts";
import { checkTally } from "./durable-store.ts";
import { bytesIn } from "./folder.ts";
import { rowBytesOf, RowSource, tallyPiece } from "./rows.ts";
import { Tally } from "./tally.ts";
import type { Writer } from "./writers.ts";

/** What writing rows to an empty store has cost. */
export interface Ingest {
  /** Until the last row was acknowledged and would survive a power cut. */
  readonly ingestNs: number;
  /** From then on until merging was at rest and the store closed. */
  readonly restNs: number;
  /** Bytes that the process has written, to the log, the files of the store and everything; where the system tells. */
  readonly bytesWritten: number | undefined;
  /** Bytes of the files of the closed store, and when it was compacted besides. */
  readonly bytesOnDisk: number;
  readonly bytesCompacted: number;
  /** The most memory that the process had, Node and all. */
  readonly peakRssBytes: number;
  /** Of the rows, as they were read back when the store was opened again. */
  readonly checksum: number;
}

/** Rows that are made at a time, outside the measured time. */
const PIECE_ROWS = 50_000;

/** Rows of the store that is written and checked first, so that V8 has optimised what is measured then. */
const WARM_UP_ROWS = 50_000;

/**
 * Writes `n` rows to an empty store in a folder, and measures it in this process, which should do nothing else.
 *
 * @throws `Error` when it does not hold, reopened, the rows that were written.
 */
export async function measureIngest(
  writer: Writer,
  kind: KeyKind,
  n: number,
  folder: string,
): Promise<Ingest> {
  if (n > 10_000) await ingest(writer, kind, WARM_UP_ROWS, join(folder, "warm-up"));
  return ingest(writer, kind, n, join(folder, "rows"));
}

/** What writing has cost as far as times tell. */
interface Times {
  readonly ingestNs: number;
  readonly restNs: number;
}

async function ingest(writer: Writer, kind: KeyKind, n: number, location: string): Promise<Ingest> {
  const tally = new Tally(kind);
  const bytesBefore = bytesWrittenByProcess();
  const times = await write(writer, kind, n, location, tally);
  const bytesAfter = bytesWrittenByProcess();
  const peakRssBytes = peakRssOfProcess();
  const bytesOnDisk = bytesIn(location);
  const found = await readBack(writer, kind, location);
  checkTally(writer.name, found, tally);
  const bytesCompacted = bytesIn(location);
  return {
    ...times,
    bytesWritten: bytesAfter === undefined ? undefined : bytesAfter - bytesBefore!,
    bytesOnDisk,
    bytesCompacted,
    peakRssBytes,
    checksum: found.checksum,
  };
}

async function write(
  writer: Writer,
  kind: KeyKind,
  n: number,
  location: string,
  tally: Tally,
): Promise<Times> {
  const source = new RowSource(kind, n);
  const open = await writer.open(location, kind);
  let ms = 0;
  for (let row = 0; row < n; row += PIECE_ROWS) {
    const piece = source.next(Math.min(PIECE_ROWS, n - row));
    tallyPiece(tally, piece);
    const start = performance.now();
    for (let from = 0; from < piece.length; from += writer.rowsPerCommit) {
      await open.write(piece, from, Math.min(piece.length, from + writer.rowsPerCommit));
    }
    ms += performance.now() - start;
  }
  const start = performance.now();
  await open.sync();
  const synced = performance.now();
  await open.rest();
  await open.close();
  const closed = performance.now();
  return {
    ingestNs: Math.round((ms + synced - start) * 1e6),
    restNs: Math.round((closed - synced) * 1e6),
  };
}

/** Adds up what is there, then compacts it. */
async function readBack(writer: Writer, kind: KeyKind, location: string): Promise<Tally> {
  const open = await writer.open(location, kind);
  try {
    const found = await open.tally();
    await open.compact();
    return found;
  } finally {
    await open.close();
  }
}

/** Bytes that this process has handed to the system to write, whether or not they have reached the disk. */
function bytesWrittenByProcess(): number | undefined {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? NaN);
  } catch {
    // Only Linux tells.
    return undefined;
  }
}

/** The most memory that this process had. */
function peakRssOfProcess(): number {
  try {
    return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
  } catch {
    // On Linux it would be that of the process which has started this one, where that had more.
    return 1024 * process.resourceUsage().maxRSS;
  }
}

/** Bytes of the rows themselves, of all that were inserted. */
export function bytesInserted(kind: KeyKind, n: number): number {
  return rowBytesOf(kind) * n;
}
