import type { KeyKind } from "../data/dataset.ts";
import { openDurable, tallyTrace, type Medium } from "./durable-store.ts";
import { EntryStore } from "./entry-store.ts";
import { columnsOfPiece, type Piece } from "./rows.ts";
import type { Tally } from "./tally.ts";

/** A store that rows are written to. */
interface OpenWriter {
  /** Writes rows `[from, to)`, all or nothing. */
  write(piece: Piece, from: number, to: number): Promise<void>;
  /** Makes all that was written survive a power cut. */
  sync(): Promise<void>;
  /** Waits until merging is at rest, where that can be told. */
  rest(): Promise<void>;
  /** Merges everything into as little as may be. */
  compact(): Promise<void>;
  /** Reads everything back and adds it up. */
  tally(): Promise<Tally>;
  close(): Promise<void>;
}

/** A way to write many rows: what is written at a time, and what then survives. */
export interface Writer {
  readonly name: string;
  /** Rows of a commit, or of a batch. */
  readonly rowsPerCommit: number;
  /** It is not measured with more rows than this, for it would take minutes. */
  readonly rowsMax: number;
  open(location: string, kind: KeyKind): Promise<OpenWriter>;
}

/** What ratios compare with: batches of 1,000 entries, each synced, and none but the last. */
export const SYNCED = "classic-level, 1,000 a batch";
export const UNSYNCED = "classic-level, 1,000 a batch, synced at the end";

/** All of them, those that ratios compare with first. */
export const writers: readonly Writer[] = [
  classicWriter(SYNCED, true),
  classicWriter(UNSYNCED, false),
  ...(["file", "level"] as const).flatMap((medium) => [
    storeWriter(`${medium}, 1,000 a commit`, medium, 1000, "sync"),
    storeWriter(`${medium}, 1,000 a commit, synced at the end`, medium, 1000, "relaxed"),
    storeWriter(`${medium}, 50,000 a commit`, medium, 50_000, "sync"),
  ]),
];

function storeWriter(
  name: string,
  medium: Medium,
  rowsPerCommit: number,
  durability: "sync" | "relaxed",
): Writer {
  return {
    name,
    rowsPerCommit,
    rowsMax: rowsPerCommit === 1000 ? 1_000_000 : Infinity,
    async open(location, kind) {
      const { store, trace } = await openDurable(medium, location, kind);
      return {
        async write(piece, from, to) {
          trace.insertBatch(columnsOfPiece(piece, from, to));
          await store.commit({ durability });
        },
        sync: () => (durability === "relaxed" ? store.flush() : Promise.resolve()),
        rest: () => store.finishMerges(),
        compact: () => store.compact(),
        tally: () => tallyTrace(kind, trace),
        close: () => store.close(),
      };
    },
  };
}

function classicWriter(name: string, isSynced: boolean): Writer {
  return {
    name,
    rowsPerCommit: 1000,
    rowsMax: Infinity,
    async open(location, kind) {
      const store = await EntryStore.open(location, kind);
      return {
        write: (piece, from, to) => store.write(piece, from, to, isSynced),
        sync: () => (isSynced ? Promise.resolve() : store.sync()),
        // LevelDB does not tell; closing waits for what is underway.
        rest: () => Promise.resolve(),
        compact: () => store.compact(),
        tally: () => store.tally(),
        close: () => store.close(),
      };
    },
  };
}
