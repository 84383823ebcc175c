import {
  handleOf,
  headConflict,
  partOfValue,
  throwIfAborted,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type StoredHead,
  type ZspineError,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import { Connection } from "../connection/connection.ts";
import type { Operation } from "../database/database.ts";
import { readError } from "../database/level-error.ts";
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
): Promise<Backend> {
  const capabilities = capabilitiesOf(medium, true);
  return openIn(
    await medium.open(location, readOnly),
    readOnly ? { ...capabilities, readOnly } : capabilities,
  );
}

/** Opens a backend that goes with its handle. */
export async function openScratchBackend(
  medium: Medium,
  location: string,
  mayBeInMemory: boolean,
): Promise<Backend> {
  return openIn(await medium.openScratch(location, mayBeInMemory), capabilitiesOf(medium, false));
}

function capabilitiesOf({ syncReads }: Medium, durable: boolean): Capabilities {
  return {
    durable,
    syncReads,
    shared: false,
    maxValueBytes: MAX_VALUE_BYTES,
    preferredValueBytes: PREFERRED_VALUE_BYTES,
  };
}

async function openIn(place: Place, capabilities: Capabilities): Promise<Backend> {
  try {
    return handleOf(new LevelBackend(place, await Connection.open(place), capabilities));
  } catch (error) {
    await place.close();
    throw error;
  }
}

/**
 * The backend over one database. Writes queue, so that one is under way at a time (see {@link Connection}); a
 * head lands in one batch with its operations.
 */
class LevelBackend implements BareBackend {
  readonly type = "level";
  readonly capabilities: Capabilities;
  readonly #place: Place;
  readonly #connection: Connection;
  readonly #heads: Heads;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(place: Place, connection: Connection, capabilities: Capabilities) {
    this.capabilities = capabilities;
    this.#place = place;
    this.#connection = connection;
    this.#heads = new Heads(place, connection);
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const value = await this.#connection.read((database) => database.get(valueKey(name)));
    return value && partOfValue(name, value, range);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    const value = this.#connection.readSync((database) => database.getSync(valueKey(name)));
    return value && partOfValue(name, value, range);
  }

  write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    const operations = ops.map(operationOf);
    return this.#enqueue(async () => {
      await this.#connection.heal();
      throwIfAborted(options?.signal, "write() on the level backend");
      await this.#connection.write("write()", operations, this.#isSynced(options));
    });
  }

  /** A page at a time, each read at once: nothing is open while the caller looks at names. */
  async *list(prefix: string): AsyncIterable<string> {
    let after: string | undefined;
    for (;;) {
      const range = valueKeys(prefix, after);
      const keys = await this.#connection.read((database) => database.keys(range, NAMES_PER_PAGE));
      for (const key of keys) yield (after = valueName(key));
      if (keys.length < NAMES_PER_PAGE) return;
    }
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    // What failed may still come back from the log: only a database that was opened anew can tell.
    await this.#connection.heal();
    return this.#heads.read(number);
  }

  createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    const operations = ops.map(operationOf);
    return this.#enqueue(async () => {
      await this.#connection.heal();
      const next = await this.#heads.next();
      if (number !== next) throw headConflict(number, `the next head is ${next}`);
      const batch = [
        ...operations,
        ...(await this.#heads.operations(number, bytes, this.#isSynced(options))),
      ];
      throwIfAborted(options?.signal, "createHead() on the level backend");
      await this.#connection.write(`createHead() of head ${number}`, batch, this.#isSynced(options));
      this.#heads.acknowledge(number, this.#isSynced(options));
    });
  }

  async close(): Promise<void> {
    try {
      await this.#connection.close();
    } finally {
      await this.#place.close();
    }
  }

  explain(error: unknown, what: string): ZspineError {
    return readError(error, what);
  }

  /** Of scratch all heads are taken for synced, so that those before them go: its place syncs none. */
  #isSynced(options: WriteOptions | undefined): boolean {
    return options?.durability !== "relaxed" || !this.capabilities.durable;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

function operationOf(op: WriteOp): Operation {
  const key = valueKey(op.name);
  return op.type === "put" ? { type: "put", key, value: op.bytes } : { type: "del", key };
}
