import {
  handleOf,
  throwIfAborted,
  ZspineError,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import {
  errorCode,
  ioError,
  openScratch,
  unsyncedMedium,
  type Location,
  type Medium,
} from "@zspine/location";
import { CAPABILITIES, TYPE } from "../backend/file-backend.ts";
import { LAYOUT_VERSION } from "../layout/layout.ts";
import { isRefused } from "../medium/is-refused.ts";
import { Arena } from "./arena.ts";
import { ScratchHeads } from "./scratch-heads.ts";
import { ScratchValues } from "./scratch-values.ts";

/** Opens a backend that goes with its handle, in a fresh directory within `path`: nothing of it is synced. */
export async function openScratchBackend(
  path: string,
  medium: Medium,
  mayBeInMemory = false,
): Promise<Backend> {
  const location = await openScratch({ path, type: TYPE, version: LAYOUT_VERSION, mayBeInMemory, medium });
  return handleOf(new ScratchBackend(location, new Arena(unsyncedMedium(medium), location.path)));
}

/**
 * Values in an {@link Arena}, names and heads in memory: nothing is kept, so nothing has to be found again. After a
 * write that the medium has failed at, other than by refusing it, nothing more is written.
 */
class ScratchBackend implements BareBackend {
  readonly type = TYPE;
  readonly name: string;
  readonly capabilities: Capabilities = { ...CAPABILITIES, durable: false, guests: false };
  readonly #location: Location;
  readonly #arena: Arena;
  readonly #values: ScratchValues;
  readonly #heads = new ScratchHeads();
  #failure: { readonly error: unknown } | undefined;

  constructor(location: Location, arena: Arena) {
    this.#location = location;
    this.#arena = arena;
    this.#values = new ScratchValues(arena);
    this.name = `file backend in "${location.path}"`;
  }

  get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.#values.get(name, range);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    return this.#values.getSync(name, range);
  }

  async write(ops: readonly WriteOp[], options: WriteOptions = {}): Promise<void> {
    await this.#write(ops, options, "write()");
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* this.#values.names(prefix);
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    this.#check("readHead()");
    return this.#heads.read(number);
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options: WriteOptions = {},
  ): Promise<void> {
    const what = `createHead(${number})`;
    this.#check(what);
    await this.#heads.create(number, bytes, async () => {
      throwIfAborted(options.signal, what);
      if (ops.length > 0) await this.#write(ops, options, what);
    });
  }

  async close(): Promise<void> {
    await this.#arena.close();
    await this.#location.close();
  }

  explain(error: unknown, what: string): ZspineError {
    return ioError(error, `${what} failed`);
  }

  async #write(ops: readonly WriteOp[], options: WriteOptions, what: string): Promise<void> {
    this.#check(what);
    try {
      await this.#values.write(ops, options, what);
    } catch (error) {
      if (!isRefused(error)) this.#failure ??= { error };
      throw ioError(error, `${what} on the file backend failed`);
    }
  }

  /** @throws `ZSPINE_IO`, determinate, once a write has failed. */
  #check(what: string): void {
    if (this.#failure === undefined) return;
    const code = errorCode(this.#failure.error) ?? "an unknown error";
    throw new ZspineError(
      "ZSPINE_IO",
      `${what} did nothing: a write has failed (${code}) through this handle, and the medium cannot be trusted; check the disk, and begin anew, in another directory or on another disk`,
      { cause: this.#failure.error },
    );
  }
}
