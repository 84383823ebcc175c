import {
  checkOptions,
  defineBackend,
  numberWithin,
  quote,
  throwIfAborted,
  ZspineError,
  type Backend,
  type BackendPlugin,
  type ByteRange,
  type Capabilities,
  type ReadOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";

/** What a backend in memory is to declare; the defaults suit every use but tests of small values. */
export interface MemoryOptions {
  /** The largest value that a store may put, in bytes. Default: 1 GiB. */
  readonly maxValueBytes?: number | undefined;
  /** The size of value that a store aims at, in bytes. Default: 64 KiB. */
  readonly preferredValueBytes?: number | undefined;
}

/**
 * Makes a backend that keeps bytes in a map. Nothing survives its close. Every call copies the bytes
 * it takes and gives, so that its memory belongs to nobody else; a write happens at once, whole, in the
 * turn of its call. Call it for a backend, or hand it to `createRegistry` as the plugin `memory`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a size that is not a positive integer, and for an option that there is not.
 */
export const memory: BackendPlugin<MemoryOptions, Backend> = defineBackend({
  type: "memory",
  create(options: MemoryOptions = {}): Backend {
    checkOptions(options, "memory", { maxValueBytes: SIZE, preferredValueBytes: SIZE });
    const { maxValueBytes = 2 ** 30, preferredValueBytes = 2 ** 16 } = options;
    return new MemoryBackend({
      durable: false,
      syncReads: true,
      shared: false,
      maxValueBytes,
      preferredValueBytes: Math.min(preferredValueBytes, maxValueBytes),
    });
  },
});

const SIZE = numberWithin(1, Number.MAX_SAFE_INTEGER, true);

class MemoryBackend implements Backend {
  readonly type = "memory";
  readonly capabilities: Capabilities;
  readonly #values = new Map<string, Uint8Array>();
  #newest: StoredHead | undefined;
  #previous: StoredHead | undefined;
  #isClosed = false;

  constructor(capabilities: Capabilities) {
    this.capabilities = capabilities;
  }

  async get(name: string, range?: ByteRange, options?: ReadOptions): Promise<Uint8Array | undefined> {
    this.#begin("get", options);
    return this.#read(name, range);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    this.#begin("getSync");
    return this.#read(name, range);
  }

  async write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    this.#begin("write", options);
    this.#apply(copyOps(ops));
  }

  async *list(prefix: string, options?: ReadOptions): AsyncIterable<string> {
    this.#begin("list", options);
    // The names as they are now: whoever writes while listing does not disturb the listing.
    const names = [...this.#values.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      this.#begin("list", options);
      yield name;
    }
  }

  async readHead(number?: number, options?: ReadOptions): Promise<StoredHead | undefined> {
    this.#begin("readHead", options);
    const head = [this.#newest, this.#previous].find(
      (kept) => number === undefined || kept?.number === number,
    );
    return head && { number: head.number, bytes: copy(head.bytes) };
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    this.#begin("createHead", options);
    const next = (this.#newest?.number ?? 0) + 1;
    if (number !== next) {
      throw new ZspineError(
        "ZSPINE_CONFLICT",
        `head ${number} was not created: the next head is ${next}; another writer was first, read the newest head again`,
      );
    }
    const head = { number, bytes: copy(bytes) };
    this.#apply(copyOps(ops));
    this.#previous = this.#newest;
    this.#newest = head;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#values.clear();
    this.#newest = this.#previous = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(method: string, options?: ReadOptions): void {
    if (this.#isClosed) {
      throw new ZspineError("ZSPINE_CLOSED", `${method}() on a memory backend that is closed; open another`);
    }
    throwIfAborted(options?.signal, `${method}() on the memory backend`);
  }

  #read(name: string, range: ByteRange | undefined): Uint8Array | undefined {
    const value = this.#values.get(name);
    if (value === undefined || range === undefined) return value && copy(value);
    const end = range.offset + range.length;
    if (end <= value.length) return copy(value.subarray(range.offset, end));
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `value ${quote(name)} has ${value.length} bytes, shorter than the ${end} that were to be there`,
    );
  }

  #apply(ops: readonly WriteOp[]): void {
    for (const op of ops) {
      if (op.type === "put") this.#values.set(op.name, op.bytes);
      else this.#values.delete(op.name);
    }
  }
}

/** Copies before anything is applied, so that running out of memory changes nothing. */
function copyOps(ops: readonly WriteOp[]): WriteOp[] {
  return ops.map((op) => (op.type === "put" ? { ...op, bytes: copy(op.bytes) } : op));
}

// Not `slice()`: that of a Node Buffer is a view.
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
