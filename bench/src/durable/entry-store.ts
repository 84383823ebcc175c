import { ClassicLevel } from "classic-level";
import type { Key, KeyKind } from "../data/dataset.ts";
import { KEY_BYTES, numberOfKey, type Piece } from "./rows.ts";
import { Tally } from "./tally.ts";

/** Entries that are read at a time: more makes no difference. */
const ENTRIES_AT_A_TIME = 1000;

/** The weight of an entry, as its value: one byte. */
const WEIGHTS: ReadonlyMap<number, Buffer> = new Map([1, -1].map((weight) => [weight, Buffer.of(weight)]));

type Database = ClassicLevel<Buffer, Buffer>;

/**
 * Rows in `classic-level`, an entry each, as one writes it without a library: the key of an entry is the row's key
 * and value in an encoding that keeps their order (8 bytes of two integers, 16 of a text and an integer), its value
 * the weight (1 byte). Options are its defaults, batches are chained, its fastest way.
 */
export class EntryStore {
  readonly kind: KeyKind;
  private readonly database: Database;
  private readonly keyBytes: number;
  /** For what is copied at once. */
  private readonly scratch: Buffer;

  private constructor(database: Database, kind: KeyKind) {
    this.database = database;
    this.kind = kind;
    this.keyBytes = KEY_BYTES[kind];
    this.scratch = Buffer.alloc(this.keyBytes + 4);
  }

  static async open(location: string, kind: KeyKind): Promise<EntryStore> {
    const database = new ClassicLevel<Buffer, Buffer>(location, {
      keyEncoding: "buffer",
      valueEncoding: "buffer",
    });
    await database.open();
    return new EntryStore(database, kind);
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** Writes rows `[from, to)` in one batch. */
  async write({ keys, values, weights }: Piece, from: number, to: number, isSynced: boolean): Promise<void> {
    const batch = this.database.batch();
    for (let at = from; at < to; at++) {
      this.encode(this.scratch, keys[at]!, values[at]!);
      batch.put(this.scratch, WEIGHTS.get(weights[at]!)!);
    }
    await batch.write({ sync: isSynced });
  }

  /** Makes what was written without a sync last: LevelDB syncs its log with any synced batch. */
  async sync(): Promise<void> {
    const key = Buffer.alloc(this.keyBytes + 4, 0xff);
    await this.database.batch().put(key, Buffer.of(1)).write({ sync: true });
    await this.database.batch().del(key).write({ sync: true });
  }

  /** Merges all levels into one, which is when it reads fastest and is smallest. */
  async compact(): Promise<void> {
    const { length } = this.scratch;
    await this.database.compactRange(Buffer.alloc(length), Buffer.alloc(length, 0xff));
  }

  /** Reads all rows and adds up key, value and weight. */
  async scan(): Promise<number> {
    const { keyBytes } = this;
    const isText = this.kind === "text";
    let sum = 0;
    await this.eachRun((entries) => {
      for (const [entry, weight] of entries) {
        const key = isText
          ? entry.toString("latin1", 0, keyBytes).charCodeAt(11)
          : entry.readInt32BE(0) ^ SIGN;
        sum = (sum + key + (entry.readInt32BE(keyBytes) ^ SIGN) + weight.readInt8(0)) | 0;
      }
    });
    return sum;
  }

  /** Adds up all rows. */
  async tally(): Promise<Tally> {
    const tally = new Tally(this.kind);
    await this.eachRun((entries) => {
      for (const [entry, weight] of entries)
        tally.add(numberOfKey(this.keyOf(entry)), this.valueOf(entry), weight.readInt8(0));
    });
    return tally;
  }

  /** Finds all values of a key; adds up values and weights. */
  async get(key: Key): Promise<number> {
    const gte = Buffer.allocUnsafe(this.keyBytes + 4);
    this.encode(gte, key, LEAST);
    const lte = Buffer.from(gte);
    lte.fill(0xff, this.keyBytes);
    let sum = 0;
    for (const [entry, weight] of await this.database.iterator({ gte, lte }).all())
      sum += this.valueOf(entry) + weight.readInt8(0);
    return sum;
  }

  /** Finds the weight of a row; 0 when it is not there. */
  async weight(key: Key, value: number): Promise<number> {
    // A key of its own, for it is read after the call.
    const entry = Buffer.allocUnsafe(this.keyBytes + 4);
    this.encode(entry, key, value);
    return (await this.database.get(entry))?.readInt8(0) ?? 0;
  }

  /** Finds the weight of a row at once. */
  weightSync(key: Key, value: number): number {
    this.encode(this.scratch, key, value);
    return this.database.getSync(this.scratch)?.readInt8(0) ?? 0;
  }

  /** Finds the weights of many rows and adds them up. */
  async weights(keys: readonly Key[], values: Int32Array): Promise<number> {
    const entries = keys.map((key, at) => {
      const entry = Buffer.allocUnsafe(this.keyBytes + 4);
      this.encode(entry, key, values[at]!);
      return entry;
    });
    let sum = 0;
    for (const weight of await this.database.getMany(entries)) sum += weight?.readInt8(0) ?? 0;
    return sum;
  }

  private async eachRun(visit: (entries: [Buffer, Buffer][]) => void): Promise<void> {
    const iterator = this.database.iterator();
    try {
      for (;;) {
        const entries = await iterator.nextv(ENTRIES_AT_A_TIME);
        if (entries.length === 0) return;
        visit(entries);
      }
    } finally {
      await iterator.close();
    }
  }

  private encode(entry: Buffer, key: Key, value: number): void {
    if (typeof key === "number") entry.writeInt32BE(key ^ SIGN, 0);
    else entry.write(key, 0, "latin1");
    entry.writeInt32BE(value ^ SIGN, this.keyBytes);
  }

  private keyOf(entry: Buffer): Key {
    return this.kind === "int" ? entry.readInt32BE(0) ^ SIGN : entry.toString("latin1", 0, this.keyBytes);
  }

  private valueOf(entry: Buffer): number {
    return entry.readInt32BE(this.keyBytes) ^ SIGN;
  }
}

/** Flips the sign, so that bytes are ordered as integers are. */
const SIGN = 0x80000000 | 0;
const LEAST: number = -(2 ** 31);
