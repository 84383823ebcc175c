import {
  handleOf,
  quote,
  throwIfAborted,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
  type ZspineError,
} from "@zspine/core";
import { Log } from "../log/log.ts";
import { LOG_SIZES, LogWriter, type LogSizes } from "../log/log-writer.ts";
import { mediumError } from "../medium/medium-error.ts";
import type { Medium } from "../medium/medium.ts";
import { Place, type PlaceWish } from "../place/place.ts";
import type { Entry } from "../record/record.ts";

/** The name of this kind of backend. */
export const TYPE = "opfs";

const CAPABILITIES: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  maxValueBytes: 2 ** 26,
  preferredValueBytes: 2 ** 20,
};

/** Opens the backend at a location, over a medium that a test may replace. */
export async function openOpfsBackend(
  wish: PlaceWish,
  medium: Medium,
  sizes: LogSizes = LOG_SIZES,
): Promise<Backend> {
  const place = await Place.open(wish, medium);
  let log: Log | undefined;
  try {
    log = await Log.open(place);
    const writer = wish.readOnly ? undefined : await LogWriter.open(log, sizes);
    return handleOf(new OpfsBackend(log, writer));
  } catch (error) {
    await log?.close();
    await place.close();
    throw mediumError(error, `opening ${quote(wish.location)}`);
  }
}

/** The backend over one location. What writes queues, one call at a time, and tidies up between them. */
class OpfsBackend implements BareBackend {
  readonly type = TYPE;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #log: Log;
  readonly #writer: LogWriter | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isTidying = false;
  #isClosing = false;

  constructor(log: Log, writer: LogWriter | undefined) {
    this.#log = log;
    this.#writer = writer;
    this.name = `opfs backend in ${quote(log.place.location)}`;
    this.capabilities = writer === undefined ? { ...CAPABILITIES, readOnly: true } : CAPABILITIES;
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.#log.read(name, range);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    return this.#log.read(name, range);
  }

  write(ops: readonly WriteOp[], options: WriteOptions = {}): Promise<void> {
    const what = `write() on the ${this.name}`;
    return this.#inTurn(async () => {
      throwIfAborted(options.signal, what);
      await this.#writer!.append(what, ops.map(entryOf), isSynced(options));
      this.#tidyLater();
    });
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* this.#log.names(prefix);
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    this.#writer?.check(`readHead() on the ${this.name}`);
    return this.#log.readHead(number);
  }

  createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options: WriteOptions = {},
  ): Promise<void> {
    const what = `createHead(${number}) on the ${this.name}`;
    return this.#inTurn(async () => {
      const writer = this.#writer!;
      writer.check(what);
      this.#log.checkNext(number);
      throwIfAborted(options.signal, what);
      const head: Entry = { kind: isSynced(options) ? "synced" : "relaxed", number, data: bytes };
      await writer.append(what, [...ops.map(entryOf), head], isSynced(options));
      if (isSynced(options)) writer.acknowledge(number);
      this.#tidyLater();
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#turn;
    try {
      this.#writer?.close();
    } catch {
      // What was acknowledged is there; what was relaxed may not last a power cut.
    } finally {
      await this.#log.close();
      await this.#log.place.close();
    }
  }

  explain(error: unknown, what: string): ZspineError {
    return mediumError(error, what);
  }

  /** Tidies up step by step, each in a turn of its own. What fails, without room for instance, is left for later. */
  #tidyLater(): void {
    if (this.#isTidying) return;
    this.#isTidying = true;
    const step = async (): Promise<void> => {
      const hasMore = !this.#isClosing && (await this.#inTurn(() => this.#writer!.tidy()).catch(() => false));
      if (hasMore) await step();
    };
    void step().finally(() => {
      this.#isTidying = false;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function entryOf(op: WriteOp): Entry {
  return op.type === "put"
    ? { kind: "put", name: op.name, data: op.bytes }
    : { kind: "remove", name: op.name };
}

function isSynced({ durability }: WriteOptions): boolean {
  return durability !== "relaxed";
}
