import type { StoredEntry, StoredRecord } from "../record/record.ts";

/** Where a head lies in the newest segment. */
export interface KeptHead {
  readonly number: number;
  /** Whether it was created synced. */
  readonly isSynced: boolean;
  readonly offset: number;
  readonly length: number;
}

/** Where a value lies. */
export interface KeptValue {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  /** The record of the newest segment that has put it; 0 when it was there before that. */
  readonly record: number;
}

/** What each value takes besides its bytes and its name: an entry, and its share of a record. */
const BESIDES_BYTES = 80;

/** What of a segment is in use, with what stands around values. */
export interface Used {
  readonly values: number;
  readonly bytes: number;
}

const NONE: Used = { values: 0, bytes: 0 };

/** What the newest segment says when all of its records are read in order: the heads that are kept, and where values are. */
export class Contents {
  readonly values: Map<string, KeptValue> = new Map();
  /** Ascending. */
  heads: KeptHead[] = [];
  /** The newest head that is known to have been lost; 0 for none. */
  lost = 0;
  /** Whether the handle that wrote it has closed it, and nothing came after that. */
  isClosed = false;
  readonly #segment: number;
  /** How many values there are, and of how many bytes, by segment. */
  readonly #used = new Map<number, Used>();
  /** Bytes of all values, with what stands around them. */
  bytes = 0;

  constructor(segment: number) {
    this.#segment = segment;
  }

  /** Does what a record says. */
  apply({ number, entries }: Pick<StoredRecord, "number" | "entries">): void {
    for (const entry of entries) this.#applyEntry(entry, number);
  }

  /** The number of the newest head that was created synced; 0 when there is none. */
  get synced(): number {
    return this.heads.findLast(({ isSynced }) => isSynced)?.number ?? 0;
  }

  /** The number of the newest head; 0 when there is none. */
  get newest(): number {
    return this.heads.at(-1)?.number ?? 0;
  }

  /** How many values are in a segment, and of how many bytes. */
  usedIn(segment: number): Used {
    return this.#used.get(segment) ?? NONE;
  }

  /** The segments that values are in. */
  get segments(): number[] {
    return [...this.#used.keys()];
  }

  #applyEntry({ kind, number, name, offset, length }: StoredEntry, record: number): void {
    this.isClosed = kind === "closed";
    switch (kind) {
      case "closed":
        break;
      case "put":
        this.#set(name, { segment: this.#segment, offset, length, record });
        break;
      case "at":
        this.#set(name, { segment: number, offset, length, record: 0 });
        break;
      case "remove":
        this.#set(name, undefined);
        break;
      case "lost":
        this.lost = Math.max(this.lost, number);
        break;
      case "synced":
      case "relaxed": {
        const isSynced = kind === "synced";
        // A head that a power cut may take does not make older ones superfluous.
        const kept = isSynced ? this.heads.filter((head) => head.number >= number - 1) : this.heads;
        this.heads = [...kept, { number, isSynced, offset, length }];
      }
    }
  }

  #set(name: string, value: KeptValue | undefined): void {
    const before = this.values.get(name);
    if (before !== undefined) this.#count(name, before, -1);
    if (value === undefined) this.values.delete(name);
    else {
      this.values.set(name, value);
      this.#count(name, value, 1);
    }
  }

  #count(name: string, { segment, length }: KeptValue, sign: 1 | -1): void {
    const { values, bytes } = this.usedIn(segment);
    const change = sign * (length + name.length + BESIDES_BYTES);
    this.bytes += change;
    if (values + sign === 0) this.#used.delete(segment);
    else this.#used.set(segment, { values: values + sign, bytes: bytes + change });
  }
}
