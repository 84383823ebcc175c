import { ZspineError, type ByteRange } from "@zspine/core";
import type { OpenFile, TooShort } from "@zspine/location";
import { HEADER_BYTES, readRecord, saltOf, type StoredEntry, type StoredRecord } from "./record.ts";

/**
 * A file of the journal that is open to be read. It is read to its **end**, after which comes nothing that was
 * acknowledged as synced.
 *
 * A record that is not whole is the end, unless a whole one after it says that it was durable: records lie one after
 * another and are synced in order, so a power cut leaves torn only what no sync had covered, and it may leave whole what
 * came after that, for a disk writes in any order. What was durable and is not whole is **damage**: it is passed over,
 * and told in its place by an entry that heads are lost. That the last record of all is damaged, nothing in here could
 * tell; the hint at the newest head does.
 */
export class Segment {
  readonly path: string;
  readonly sequence: number;
  readonly salt: Uint8Array;
  /** Where the next record is to be, in bytes. */
  end = 0;
  /** The number of the last record. */
  last = 0;
  /** The newest record that is known to be durable. */
  durable = 1;
  readonly #file: OpenFile;
  #readers = 0;
  #isLetGo = false;

  private constructor(path: string, sequence: number, salt: Uint8Array, file: OpenFile) {
    this.path = path;
    this.sequence = sequence;
    this.salt = salt;
    this.#file = file;
  }

  /** Takes a file that is open, and gives its records. @throws `ZSPINE_CORRUPT` when it is none of the journal. */
  static async open(
    path: string,
    sequence: number,
    file: OpenFile,
  ): Promise<{ segment: Segment; records: StoredRecord[] }> {
    try {
      const bytes = await file.read();
      const salt = bytes instanceof Uint8Array ? saltOf(bytes) : undefined;
      if (salt === undefined) throw damaged(path, 1);
      const segment = new Segment(path, sequence, salt, file);
      const records = await segment.readOn();
      // It was synced before it had this name.
      if (records[0]?.number !== 1) throw damaged(path, 1);
      return { segment, records };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Reads the records that have come since. */
  async readOn(): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    // A writer may be at work: what looked torn is then whole at a second look.
    for (let attempt = 1; ; attempt++) {
      const bytes = await this.#rest();
      const base = this.end;
      for (;;) {
        const record = readRecord(bytes, this.end - base, this.salt, base);
        if (record?.number !== this.last + 1) break;
        this.#take(record, records);
      }
      const after = this.#afterDamage(bytes, base);
      if (after === undefined) return records;
      if (attempt % 3 !== 0) continue;
      records.push({ ...after, entries: [LOST] });
      this.#take(after, records);
    }
  }

  /** Whether it is still where it was. */
  hasName(): boolean {
    return this.#file.hasName();
  }

  async read(range: ByteRange): Promise<Uint8Array | TooShort> {
    this.#readers++;
    try {
      return await this.#file.read(range);
    } finally {
      this.#readers--;
      this.#closeIfUnused();
    }
  }

  readSync(range: ByteRange): Uint8Array | TooShort {
    return this.#file.readSync(range);
  }

  /** The bytes of something that was found in it. */
  bytesAt({ offset, length }: ByteRange): Uint8Array {
    const bytes = this.readSync({ offset, length });
    if (bytes instanceof Uint8Array) return bytes;
    throw damaged(this.path, this.last);
  }

  /** Closes it, once nobody reads it any more. */
  letGo(): void {
    this.#isLetGo = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#isLetGo && this.#readers === 0) this.#file.close();
  }

  async #rest(): Promise<Uint8Array> {
    const size = this.#file.size();
    const found =
      size <= this.end ? undefined : await this.read({ offset: this.end, length: size - this.end });
    return found instanceof Uint8Array ? found : new Uint8Array(0);
  }

  #take(record: StoredRecord, records: StoredRecord[]): void {
    records.push(record);
    this.last = record.number;
    this.end = record.end;
    this.durable = Math.max(this.durable, record.durable);
  }

  /** The first whole record beyond one that is not, when a whole one says that it was durable. */
  #afterDamage(bytes: Uint8Array, base: number): StoredRecord | undefined {
    let first: StoredRecord | undefined;
    for (let at = this.end - base + 8; at + HEADER_BYTES <= bytes.length; at += 8) {
      const record = readRecord(bytes, at, this.salt, base);
      if (record === undefined || record.number <= this.last) continue;
      first ??= record;
      if (record.durable > this.last) return first;
    }
    return undefined;
  }
}

const LOST: StoredEntry = { kind: "lost", number: 0, name: "", offset: 0, length: 0 };

function damaged(path: string, record: number): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `record ${record} of the journal "${path}" is damaged, which was durable; restore the location from a backup`,
  );
}
