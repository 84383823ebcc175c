import { Level } from "level";
import type { KeyRange } from "../key/key.ts";

/** One operation of a batch. */
export type Operation =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: string };

/** What is under a key. */
interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * What this package asks of `level`. Every method takes keys as text and makes bytes of its own of them,
 * because `level` reads the bytes of a key after the call. Nothing stays open between two calls: Deno
 * aborts the process for an iterator that nobody has closed.
 */
export interface Database {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Reads at once; IndexedDB cannot. */
  getSync(key: string): Uint8Array | undefined;
  /** Does all operations, in order, or none; synced, it has reached the disk when it settles. */
  batch(operations: readonly Operation[], isSynced: boolean): Promise<void>;
  /** The first `limit` keys of a range, ascending. */
  keys(range: KeyRange, limit: number): Promise<string[]>;
  /** The last entry of a range. */
  last(range: KeyRange): Promise<Entry | undefined>;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Whether one is made where there is none. IndexedDB always does. */
  readonly createIfMissing: boolean;
}

/** `level` with keys and values in bytes. */
export type ByteLevel = Level<Uint8Array, Uint8Array>;

// Blocks come compressed, and the store above caches them. Files are mapped into memory by LevelDB, so its
// own cache is hardly used.
const OPTIONS = { compression: false, cacheSize: 2 ** 20, keyEncoding: "view", valueEncoding: "view" };

/** Bytes of keys that a listing fetches at a time; LevelDB's own default stops after 16 KiB. */
const HIGH_WATER_MARK_BYTES = 2 ** 18;

/** Opens LevelDB in a directory, or IndexedDB by name. Rejects with an error of `level`. */
export async function openLevel(name: string, options: DatabaseOptions): Promise<ByteLevel> {
  const level = new Level<Uint8Array, Uint8Array>(name, OPTIONS);
  await level.open({ createIfMissing: options.createIfMissing });
  return level;
}

/** Makes a {@link Database} of what {@link openLevel} has opened. */
export function databaseOf(level: ByteLevel): Database {
  const encoder = new TextEncoder();
  const bounds = ({ from, isFromIncluded, to }: KeyRange) => ({
    [isFromIncluded ? "gte" : "gt"]: from,
    lt: to,
    keyEncoding: "utf8",
    highWaterMarkBytes: HIGH_WATER_MARK_BYTES,
  });
  return {
    get: (key) => level.get(encoder.encode(key)),
    getSync: (key) => level.getSync(encoder.encode(key)),
    batch: (operations, isSynced) =>
      level.batch(
        operations.map((op) => ({ ...op, key: encoder.encode(op.key) })),
        { sync: isSynced },
      ),
    async keys(range, limit) {
      const iterator = level.keys<string>({ ...bounds(range), limit });
      try {
        return await iterator.all();
      } finally {
        await iterator.close();
      }
    },
    async last(range) {
      const iterator = level.iterator<string, Uint8Array>({ ...bounds(range), reverse: true, limit: 1 });
      try {
        const [entry] = await iterator.all();
        return entry && { key: entry[0], value: entry[1] };
      } finally {
        await iterator.close();
      }
    },
    close: () => level.close(),
  };
}
