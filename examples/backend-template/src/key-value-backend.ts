import {
  defineBackend,
  handleOf,
  headConflict,
  partOfValue,
  refused,
  ZspineError,
  type Backend,
  type BackendOpener,
  type BackendPlugin,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type OpenOptions,
  type StoredHead,
  type WriteOp,
} from "@zspine/core";
import type { KeyValueService } from "./key-value-service.ts";

/** Where a store is. */
export interface KeyValueOptions {
  readonly service: KeyValueService;
  /** Its name: all its keys begin with it. */
  readonly name: string;
}

/** What the service can do, for the store and the suite to read. */
const CAPABILITIES: Capabilities = {
  durable: true,
  // Nothing of it can be read at once; declare it, and add `getSync`, where it can.
  syncReads: false,
  // One writer at a time, by the lock of the service.
  shared: false,
  maxValueBytes: 16 * 1024 * 1024,
  preferredValueBytes: 256 * 1024,
};

/**
 * A store in a service that keeps bytes by key.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for options that are not understood.
 */
export const keyValue: BackendPlugin<KeyValueOptions, BackendOpener> = defineBackend({
  type: "key-value",
  create({ service, name }: KeyValueOptions): BackendOpener {
    if (typeof name !== "string" || name === "")
      throw refused(["keyValue", "name"], "a text that is not empty", name);
    return {
      type: "key-value",
      open: (options) => open(service, name, options),
      async drop() {
        const backend = await open(service, name);
        try {
          for (const key of await service.keys(`${name}/`)) await service.delete(key);
        } finally {
          await backend.close();
        }
      },
    };
  },
});

async function open(
  service: KeyValueService,
  name: string,
  { readOnly = false }: OpenOptions = {},
): Promise<Backend> {
  const unlock = readOnly ? async () => undefined : await explained(() => service.lock(`${name}/lock`));
  if (unlock === undefined)
    throw new ZspineError("ZSPINE_LOCKED", `another store has ${JSON.stringify(name)}`);
  try {
    const newest = await explained(() => newestOf(service, name));
    return handleOf(new KeyValueBackend(service, name, newest, unlock, readOnly));
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function newestOf(service: KeyValueService, name: string): Promise<number> {
  const heads = await service.keys(`${name}/head/`);
  return Math.max(0, ...heads.map((key) => Number(key.slice(`${name}/head/`.length))));
}

/** A value is under `name/value/…`, a head under `name/head/…`, and the lock under `name/lock`. */
class KeyValueBackend implements BareBackend {
  readonly type = "key-value";
  readonly capabilities: Capabilities;
  private readonly service: KeyValueService;
  private readonly place: string;
  private readonly unlock: () => Promise<void>;
  /** The number of the newest head that is known; a store that only reads may stand beside one that writes, and looks. */
  private newest: number;
  /** A head that may be there or not, for its call has failed: it is asked for before the next. */
  private isUnsure = false;
  /** The head that is being created; it does not reject. */
  private creating: Promise<void> = Promise.resolve();

  constructor(
    service: KeyValueService,
    name: string,
    newest: number,
    unlock: () => Promise<void>,
    readOnly: boolean,
  ) {
    this.service = service;
    this.place = name;
    this.newest = newest;
    this.unlock = unlock;
    this.capabilities = readOnly ? { ...CAPABILITIES, readOnly } : CAPABILITIES;
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const bytes = await this.service.get(this.value(name));
    return bytes && Uint8Array.from(partOfValue(name, bytes, range));
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    // In order, for a name that is removed may be put again. A service that takes several at a time does it faster.
    for (const op of ops) {
      if (op.type === "put") await this.service.put(this.value(op.name), Uint8Array.from(op.bytes));
      else await this.service.delete(this.value(op.name));
    }
  }

  async *list(prefix: string): AsyncIterable<string> {
    const keys = await this.service.keys(this.value(prefix));
    yield* keys.map((key) => key.slice(this.value("").length)).sort();
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    if (this.capabilities.readOnly === true) this.newest = await newestOf(this.service, this.place);
    else await this.makeSure();
    const wanted = number ?? this.newest;
    const bytes = await this.service.get(this.head(wanted));
    return bytes && { number: wanted, bytes: Uint8Array.from(bytes) };
  }

  /** One at a time: of two that are called for one number the second finds the head there. */
  createHead(number: number, bytes: Uint8Array, ops: readonly WriteOp[]): Promise<void> {
    const created = this.creating.then(() => this.createNext(number, bytes, ops));
    this.creating = created.catch(() => undefined);
    return created;
  }

  private async createNext(number: number, bytes: Uint8Array, ops: readonly WriteOp[]): Promise<void> {
    await this.makeSure();
    if (number !== this.newest + 1) throw headConflict(number, `the next head is ${this.newest + 1}`);
    // What it names is durable before it is, and what it removes goes after: so a failure in between leaves orphans only.
    await this.write(ops.filter(({ type }) => type === "put"));
    this.isUnsure = true;
    await this.service.put(this.head(number), Uint8Array.from(bytes));
    this.isUnsure = false;
    this.newest = number;
    // From here on it is there: what fails now leaves garbage, of which the store knows nothing, and is no failure of the call.
    await this.write(ops.filter(({ type }) => type === "remove")).catch(() => undefined);
    await this.service.delete(this.head(number - 2)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.unlock();
  }

  /** Told of what the methods reject with that is no error of zspine's. */
  explain(error: unknown): ZspineError {
    return explain(error);
  }

  /** Finds out whether a head is there whose call has failed. */
  private async makeSure(): Promise<void> {
    if (!this.isUnsure) return;
    if ((await this.service.get(this.head(this.newest + 1))) !== undefined) this.newest++;
    this.isUnsure = false;
  }

  private value(name: string): string {
    return `${this.place}/value/${name}`;
  }

  private head(number: number): string {
    return `${this.place}/head/${String(number).padStart(16, "0")}`;
  }
}

/** What the service has failed with, as the store understands it: nobody knows whether it was done. */
function explain(error: unknown): ZspineError {
  const message = error instanceof Error ? error.message : String(error);
  return new ZspineError("ZSPINE_IO", `the service failed: ${message}`, { cause: error });
}

async function explained<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explain(error);
  }
}
