import { Buffer } from "node:buffer";
import { mkdirSync } from "node:fs";
import { RANGE_ROWS } from "../workload/answers.ts";
import {
  hasTextKeys,
  objectOf,
  TEXT_BYTES,
  wordOfObject,
  type Key,
  type Kind,
  type ObjectValue,
} from "../workload/kind.ts";
import type { Rows } from "../workload/workload.ts";
import { importPeer } from "./peer-module.ts";
import type { DurableTable, OpenDurable } from "./table.ts";

// A row per entry, as one writes it without a library. The key of an entry is the row's key and the number of its value
// in an encoding that keeps their order; its value is the weight in one byte and, of objects, the JSON.

const SIGN = 0x8000_0000;
const LAST = Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff);
/** Entries that are read at a time: more makes no difference. */
const ENTRIES_AT_A_TIME = 1000;

interface Coder {
  encode(key: Key, number: number): Buffer;
  /** Where the entries of a key begin. */
  prefix(key: Key): Buffer;
  value(number: number, weight: number): Buffer;
  /** The word of the value of an entry, and its weight. */
  sum(entry: Uint8Array, value: Uint8Array): number;
}

function coderOf(kind: Kind): Coder {
  const keyBytes = hasTextKeys(kind) ? TEXT_BYTES : 4;
  const writeKey = (buffer: Buffer, key: Key): void => {
    if (typeof key === "number") buffer.writeUInt32BE((key ^ SIGN) >>> 0, 0);
    else buffer.write(key, 0, "latin1");
  };
  const plain = new Map([1, -1].map((weight) => [weight, Buffer.of(weight & 0xff)]));
  return {
    encode(key, number) {
      const buffer = Buffer.allocUnsafe(keyBytes + 4);
      writeKey(buffer, key);
      buffer.writeUInt32BE((number ^ SIGN) >>> 0, keyBytes);
      return buffer;
    },
    prefix(key) {
      const buffer = Buffer.allocUnsafe(keyBytes);
      writeKey(buffer, key);
      return buffer;
    },
    value(number, weight) {
      if (kind !== "objects") return plain.get(weight)!;
      return Buffer.concat([plain.get(weight)!, Buffer.from(JSON.stringify(objectOf(number)))]);
    },
    sum(entry, value) {
      const weight = (value[0]! << 24) >> 24;
      if (kind === "objects") {
        const text = Buffer.from(value.buffer, value.byteOffset + 1, value.length - 1).toString("latin1");
        return (wordOfObject(JSON.parse(text) as ObjectValue) + 1) * weight;
      }
      const at = Buffer.from(entry.buffer, entry.byteOffset, entry.length);
      return ((at.readInt32BE(keyBytes) ^ SIGN) + 1) * weight;
    },
  };
}

interface LevelBatch {
  put(key: Buffer, value: Buffer): void;
  write(options: { sync: boolean }): Promise<void>;
}

interface ClassicLevel {
  open(): Promise<void>;
  close(): Promise<void>;
  batch(): LevelBatch;
  iterator(options: object): { nextv(count: number): Promise<[Buffer, Buffer][]>; close(): Promise<void> };
  compactRange(from: Buffer, to: Buffer): Promise<void>;
}

/** LevelDB: blind puts, so that it holds distinct rows only. Its defaults, batches chained, its fastest way. */
export const classicLevel: OpenDurable = {
  load: () => importPeer("classic-level"),
  async open({ kind }, location, cacheBytes): Promise<DurableTable> {
    const peer = await importPeer<{ ClassicLevel: new (at: string, options: object) => ClassicLevel }>(
      "classic-level",
    );
    const database = new peer.ClassicLevel(location, {
      keyEncoding: "buffer",
      valueEncoding: "buffer",
      ...(cacheBytes === undefined ? {} : { cacheSize: cacheBytes }),
    });
    await database.open();
    const coder = coderOf(kind);
    const read = async (options: object): Promise<number> => {
      const iterator = database.iterator(options);
      let sum = 0;
      for (;;) {
        const entries = await iterator.nextv(ENTRIES_AT_A_TIME);
        if (entries.length === 0) break;
        for (const [entry, value] of entries) sum += coder.sum(entry, value);
      }
      await iterator.close();
      return sum;
    };
    return {
      async commit(rows) {
        const batch = database.batch();
        eachEntry(coder, rows, (entry, value) => batch.put(entry, value));
        await batch.write({ sync: true });
      },
      get(key) {
        const gte = coder.prefix(key);
        return read({ gte, lte: Buffer.concat([gte, LAST]) });
      },
      range: (key) => read({ gte: coder.prefix(key), limit: RANGE_ROWS }),
      scan: () => read({}),
      compact: () => database.compactRange(Buffer.of(0), LAST),
      close: () => database.close(),
    };
  },
};

interface Lmdb {
  transactionSync(write: () => void): void;
  getBinary(key: Buffer): Uint8Array | undefined;
  putSync(key: Buffer, value: Buffer): void;
  getRange(options: object): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  close(): Promise<void>;
}

/** LMDB: reads before it writes, in the transaction, as adding a weight does. */
export const lmdb: OpenDurable = {
  load: () => importPeer("lmdb"),
  async open({ kind }, location): Promise<DurableTable> {
    const { open } = await importPeer<{ open(options: object): Lmdb }>("lmdb");
    const database = open({
      path: location,
      keyEncoding: "binary",
      encoding: "binary",
      overlappingSync: false,
      mapSize: 8e9,
    });
    const coder = coderOf(kind);
    const read = (options: object): number => {
      let sum = 0;
      for (const { key, value } of database.getRange(options)) sum += coder.sum(key, value);
      return sum;
    };
    return {
      commit(rows) {
        database.transactionSync(() => {
          eachEntry(coder, rows, (entry, value) => {
            if (database.getBinary(entry) !== undefined) throw new Error("lmdb: a row is there twice");
            database.putSync(entry, value);
          });
        });
      },
      get(key) {
        const start = coder.prefix(key);
        return read({ start, end: Buffer.concat([start, LAST]) });
      },
      range: (key) => read({ start: coder.prefix(key), limit: RANGE_ROWS }),
      scan: () => read({}),
      close: () => database.close(),
    };
  },
};

function eachEntry(
  coder: Coder,
  { keys, numbers, weights, length }: Rows,
  visit: (entry: Buffer, value: Buffer) => void,
): void {
  for (let row = 0; row < length; row++)
    visit(coder.encode(keys[row]!, numbers[row]!), coder.value(numbers[row]!, weights[row]!));
}

type SqliteRow = [key: Key, number: number, value: string | null, weight: number];

interface Statement {
  run(...values: unknown[]): void;
  raw(): Statement;
  all(...values: unknown[]): SqliteRow[];
  iterate(): Iterable<SqliteRow>;
}

interface Sqlite {
  pragma(text: string): void;
  exec(text: string): void;
  prepare(text: string): Statement;
  transaction<Args extends unknown[]>(call: (...args: Args) => void): (...args: Args) => void;
  close(): void;
}

/** The location of a database of SQLite in memory. */
export const IN_MEMORY = ":memory:";

/** SQLite with a write-ahead log, `synchronous = FULL`: adds weights by an upsert. */
export const sqlite: OpenDurable = {
  load: () => importPeer("better-sqlite3"),
  async open({ kind }, location, cacheBytes): Promise<DurableTable> {
    const peer = await importPeer<{ default: new (path: string) => Sqlite }>("better-sqlite3");
    if (location !== IN_MEMORY) mkdirSync(location, { recursive: true });
    const database = new peer.default(location === IN_MEMORY ? IN_MEMORY : `${location}/rows.db`);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    if (cacheBytes !== undefined) database.pragma(`cache_size = ${-Math.ceil(cacheBytes / 1024)}`);
    // The number of a value is its place among those of its key; of objects the JSON lies beside it.
    database.exec(
      `create table if not exists rows(key ${hasTextKeys(kind) ? "text" : "integer"}, number integer, ` +
        "value text, weight integer, primary key(key, number)) without rowid",
    );
    const upsert = database.prepare(
      "insert into rows values(?, ?, ?, ?) on conflict do update set weight = weight + excluded.weight",
    );
    const write = database.transaction(({ keys, numbers, weights, length }: Rows) => {
      for (let row = 0; row < length; row++) {
        const value = kind === "objects" ? JSON.stringify(objectOf(numbers[row]!)) : null;
        upsert.run(keys[row], numbers[row], value, weights[row]);
      }
    });
    const ofKey = database.prepare("select * from rows where key = ?").raw();
    const from = database
      .prepare(`select * from rows where key >= ? order by key, number limit ${RANGE_ROWS}`)
      .raw();
    const all = database.prepare("select * from rows order by key, number").raw();
    const add = (rows: Iterable<SqliteRow>): number => {
      let sum = 0;
      if (kind === "objects")
        for (const [, , value, weight] of rows)
          sum += (wordOfObject(JSON.parse(value!) as ObjectValue) + 1) * weight;
      else for (const [, number, , weight] of rows) sum += (number + 1) * weight;
      return sum;
    };
    return {
      commit: (rows) => write(rows),
      get: (key) => add(ofKey.all(key)),
      range: (key) => add(from.all(key)),
      scan: () => add(all.iterate()),
      compact: () => database.exec("vacuum"),
      close: () => database.close(),
    };
  },
};
