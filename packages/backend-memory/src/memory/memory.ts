import {
  checkOptions,
  defineBackend,
  handleOf,
  headConflict,
  numberWithin,
  partOfValue,
  type Backend,
  type BackendPlugin,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type StoredHead,
  type WriteOp,
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
    const kinds = { maxValueBytes: SIZE, preferredValueBytes: SIZE };
    const { maxValueBytes = 2 ** 30, preferredValueBytes = 2 ** 16 } = checkOptions(options, "memory", kinds);
    const bare = new MemoryBackend({
      durable: false,
      syncReads: true,
      shared: false,
      guests: true,
      maxValueBytes,
      preferredValueBytes: Math.min(preferredValueBytes, maxValueBytes),
    });
    return handleOf(bare);
  },
});

const SIZE = numberWithin(1, Number.MAX_SAFE_INTEGER, true);

class MemoryBackend implements BareBackend {
  readonly type = "memory";
  readonly capabilities: Capabilities;
  readonly #values = new Map<string, Uint8Array>();
  #newest: StoredHead | undefined;
  #previous: StoredHead | undefined;

  constructor(capabilities: Capabilities) {
    this.capabilities = capabilities;
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.getSync(name, range);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    const value = this.#values.get(name);
    return value && copy(partOfValue(name, value, range));
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    this.#apply(copyOps(ops));
  }

  async *list(prefix: string): AsyncIterable<string> {
    // The names as they are now: whoever writes while listing does not disturb the listing.
    yield* [...this.#values.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    const head = [this.#newest, this.#previous].find(
      (kept) => number === undefined || kept?.number === number,
    );
    return head && { number: head.number, bytes: copy(head.bytes) };
  }

  async createHead(number: number, bytes: Uint8Array, ops: readonly WriteOp[]): Promise<void> {
    const next = (this.#newest?.number ?? 0) + 1;
    if (number !== next) throw headConflict(number, `the next head is ${next}`);
    const head = { number, bytes: copy(bytes) };
    this.#apply(copyOps(ops));
    this.#previous = this.#newest;
    this.#newest = head;
  }

  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    if (this.#values.has(name)) return false;
    this.#values.set(name, copy(bytes));
    return true;
  }

  async close(): Promise<void> {
    this.#values.clear();
    this.#newest = this.#previous = undefined;
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
