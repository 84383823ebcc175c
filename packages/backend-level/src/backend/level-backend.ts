import {
  quote,
  throwIfAborted,
  ZspineError,
  type Backend,
  type ByteRange,
  type Capabilities,
  type ReadOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import { Connection } from "../connection/connection.ts";
import type { Operation } from "../database/database.ts";
import { Heads } from "../heads/heads.ts";
import { valueKey, valueKeys, valueName } from "../key/key.ts";
import type { Medium, Place } from "../medium/medium.ts";

const MAX_VALUE_BYTES = 2 ** 26;
const PREFERRED_VALUE_BYTES = 2 ** 16;
const NAMES_PER_PAGE = 1000;

/** Opens the backend at a location of a medium; lets go of it when that fails. */
export async function openLevelBackend(
  medium: Medium,
  location: string,
  readOnly: boolean,
): Promise<LevelBackend> {
  const place = await medium.open(location, readOnly);
  try {
    return new LevelBackend(place, await Connection.open(place), {
      durable: true,
      syncReads: medium.syncReads,
      shared: false,
      maxValueBytes: MAX_VALUE_BYTES,
      preferredValueBytes: PREFERRED_VALUE_BYTES,
      ...(readOnly && { readOnly: true as const }),
    });
  } catch (error) {
    await place.close();
    throw error;
  }
}

/**
 * The backend over one database. Writes queue, so that one is under way at a time (see {@link Connection}); a
 * head lands in one batch with its operations.
 */
class LevelBackend implements Backend {
  readonly type = "level";
  readonly capabilities: Capabilities;
  readonly getSync?: (name: string, range?: ByteRange) => Uint8Array | undefined;
  readonly #place: Place;
  readonly #connection: Connection;
  readonly #heads: Heads;
  readonly #calls = new Set<Promise<unknown>>();
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(place: Place, connection: Connection, capabilities: Capabilities) {
    this.capabilities = capabilities;
    this.#place = place;
    this.#connection = connection;
    this.#heads = new Heads(place, connection);
    if (capabilities.syncReads) {
      this.getSync = (name, range) => {
        this.#begin("getSync()");
        const value = connection.readSync("getSync()", (database) => database.getSync(valueKey(name)));
        return value && partOf(value, name, range);
      };
    }
  }

  async get(name: string, range?: ByteRange, options?: ReadOptions): Promise<Uint8Array | undefined> {
    const value = await this.#call("get()", options, () =>
      this.#connection.read("get()", (database) => database.get(valueKey(name))),
    );
    return value && partOf(value, name, range);
  }

  async write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    await this.#call("write()", options, () => {
      this.#checkWritable("write()");
      const operations = ops.map(operationOf);
      return this.#enqueue(async () => {
        await this.#connection.heal();
        throwIfAborted(options?.signal, "write() on the level backend");
        await this.#connection.write("write()", operations, isSynced(options));
      });
    });
  }

  /** A page at a time, each read at once: nothing is open while the caller looks at names. */
  async *list(prefix: string, options?: ReadOptions): AsyncIterable<string> {
    let after: string | undefined;
    for (;;) {
      const range = valueKeys(prefix, after);
      const keys = await this.#call("list()", options, () =>
        this.#connection.read("list()", (database) => database.keys(range, NAMES_PER_PAGE)),
      );
      for (const key of keys) {
        this.#begin("list()", options);
        after = valueName(key);
        yield after;
      }
      if (keys.length < NAMES_PER_PAGE) return;
    }
  }

  async readHead(number?: number, options?: ReadOptions): Promise<StoredHead | undefined> {
    return this.#call("readHead()", options, async () => {
      // What failed may still come back from the log: only a database that was opened anew can tell.
      await this.#connection.heal();
      return this.#heads.read(number);
    });
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    await this.#call("createHead()", options, () => {
      this.#checkWritable("createHead()");
      const operations = ops.map(operationOf);
      return this.#enqueue(() => this.#createNext(number, bytes, operations, options));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #createNext(
    number: number,
    bytes: Uint8Array,
    operations: readonly Operation[],
    options: WriteOptions | undefined,
  ): Promise<void> {
    await this.#connection.heal();
    const next = await this.#heads.next();
    if (number !== next) {
      throw new ZspineError(
        "ZSPINE_CONFLICT",
        `head ${number} was not created: the next head is ${next}; another writer was first, read the newest head again`,
      );
    }
    const batch = [...operations, ...(await this.#heads.operations(number, bytes, isSynced(options)))];
    throwIfAborted(options?.signal, "createHead() on the level backend");
    await this.#connection.write(`createHead() of head ${number}`, batch, isSynced(options));
    this.#heads.acknowledge(number, isSynced(options));
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#calls);
    try {
      await this.#connection.close();
    } finally {
      await this.#place.close();
    }
  }

  #begin(method: string, options?: ReadOptions): void {
    if (this.#closing !== undefined) {
      throw new ZspineError("ZSPINE_CLOSED", `${method} on a level backend that is closed; open another`);
    }
    throwIfAborted(options?.signal, `${method} on the level backend`);
  }

  #checkWritable(method: string): void {
    if (this.capabilities.readOnly !== true) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `${method} on a level backend that was opened to be read only; open it without readOnly to write`,
    );
  }

  /** Does the work of a call that close() waits for. */
  async #call<T>(method: string, options: ReadOptions | undefined, work: () => Promise<T>): Promise<T> {
    this.#begin(method, options);
    const running = work();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

function isSynced(options: WriteOptions | undefined): boolean {
  return options?.durability !== "relaxed";
}

function operationOf(op: WriteOp): Operation {
  const key = valueKey(op.name);
  return op.type === "put" ? { type: "put", key, value: op.bytes } : { type: "del", key };
}

/** The bytes are a database's copy, and become the caller's. */
function partOf(value: Uint8Array, name: string, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return value;
  const end = range.offset + range.length;
  if (end <= value.length) return value.subarray(range.offset, end);
  throw new ZspineError(
    "ZSPINE_CORRUPT",
    `value ${quote(name)} has ${value.length} bytes, shorter than the ${end} that were to be there`,
  );
}
