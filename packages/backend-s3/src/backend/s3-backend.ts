import {
  atOnce,
  headConflict,
  isZspineError,
  namesInOrder,
  partOfValue,
  quote,
  throwIfAborted,
  valueTooShort,
  ZspineError,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type ReadOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import type { CachedObjects } from "../cache/cached-objects.ts";
import type { Bucket } from "../client/bucket.ts";
import { hex } from "../client/hex.ts";
import { holderOf, type Place } from "../layout/directory.ts";
import { encodeHeadObject, HEAD_HEADER_BYTES, type HeadObject } from "../layout/head-object.ts";
import { headKey, packId, valueKey, valueName, VALUES } from "../layout/keys.ts";
import { Edits } from "./edits.ts";
import { Garbage } from "./garbage.ts";
import { Heads } from "./heads.ts";
import { holdersOf, type KnownHead } from "./known-head.ts";
import { Moves, type Moved } from "./moves.ts";
import { RangeReader } from "./range-reader.ts";
import { Remover } from "./remover.ts";

/** The name of this kind of backend. */
export const TYPE = "s3";

/** What every handle declares. */
const CAPABILITIES: Capabilities = {
  durable: true,
  syncReads: false,
  shared: true,
  guests: true,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 23,
};

const ROLES = { writer: {}, guest: { guest: true }, reader: { readOnly: true } } as const;
const CALLS_AT_ONCE = 16;

/** What a backend is made of. */
export interface S3BackendParts {
  readonly bucket: Bucket;
  /** What objects that never change are read through; by default the bucket. */
  readonly cached?: CachedObjects | undefined;
  /** How messages call the place: `s3 backend at https://…/bucket/prefix`. */
  readonly name: string;
  /** Tells what was asked of the service, and found in the cache, by name. */
  readonly statistics?: (() => Readonly<Record<string, number>>) | undefined;
  /** For what it was opened: `guest` makes no heads, `reader` writes nothing. */
  readonly role: "writer" | "guest" | "reader";
  /** How many heads there are to one that stays for good. */
  readonly block: number;
  /** Values that come with a head and take together no more than this lie in its object. */
  readonly inlineBytes: number;
  /** How many bytes may be stored besides four to each that lives, before values are moved; by default 8 MiB. */
  readonly slackBytes?: number | undefined;
  /** A uniformly random unsigned 32-bit integer. */
  random(): number;
  /** The newest head and the edits that the listing of the opening has found. */
  readonly listed: { readonly head: number; readonly edits: readonly string[] };
}

/**
 * The backend over one place of a bucket.
 *
 * A value that comes with a head lies in the head's own object, or with the others in one pack that is put before; the head
 * has the **directory** of all such values that were not removed. A value that comes with none is an object of its own, whose
 * key tells its name. So a commit is one or two PUTs, and whoever has read the newest head finds every value by one GET.
 */
export class S3Backend implements BareBackend {
  readonly type: string = TYPE;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #parts: S3BackendParts;
  readonly #bucket: Bucket;
  readonly #heads: Heads;
  readonly #edits: Edits;
  readonly #remover: Remover;
  readonly #garbage: Garbage;
  readonly #moves: Moves;
  /** Where the newest attempt moves values, while it may yet land: who removes one removes it there, too. */
  #moving = new Map<string, Place>();
  readonly #ranges: RangeReader;
  /** Reads of objects that no key is given to a second time. */
  readonly #lasting: RangeReader;
  readonly #writer: string;
  #counter = 0;
  #opening: Promise<KnownHead> | undefined;
  /** Whether the newest head was read, and the edits. */
  #isBegun = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: S3BackendParts) {
    const { bucket, name, role, block } = parts;
    this.#parts = parts;
    this.name = name;
    const statistics = parts.statistics && Object.keys(parts.statistics()).sort();
    this.capabilities = { ...CAPABILITIES, ...ROLES[role], statistics };
    this.#bucket = bucket;
    this.#heads = new Heads(bucket, block);
    this.#edits = new Edits(bucket);
    this.#remover = new Remover(bucket);
    this.#garbage = new Garbage(bucket, this.#heads, this.#remover);
    this.#ranges = new RangeReader((key, range) => bucket.get(key, `reading ${quote(key)}`, range));
    const moveBytes = CAPABILITIES.preferredValueBytes;
    const { cached, inlineBytes, slackBytes = moveBytes } = parts;
    const sizes = { slackBytes, moveBytes, inlineBytes };
    this.#moves = new Moves((key, range) => this.#ranges.read(key, range), sizes);
    this.#lasting =
      cached === undefined ? this.#ranges : new RangeReader((key, range) => cached.get(key, range));
    this.#writer = hex(randomBytes(8, parts.random));
  }

  async get(name: string, range?: ByteRange, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    const what = `get(${quote(name)}) on the ${this.name}`;
    let known = await this.#known(what);
    for (;;) {
      const place = this.#edits.placeOf(known.directory, name);
      if (place === undefined && this.#remover.has(valueKey(name))) return undefined;
      const found = await (place === undefined
        ? this.#readOwn(name, range, options.cacheable === true ? this.#lasting : this.#ranges)
        : this.#readPlace(name, place, range));
      if (found !== undefined) return found;
      throwIfAborted(options.signal, what);
      // A newer head may say where it lies, or have it no more.
      this.#heads.suspect();
      const newest = await this.#heads.newest(what);
      const other = this.#edits.placeOf(newest.directory, name);
      if (newest.number === known.number || isSamePlace(place, other)) return undefined;
      known = newest;
    }
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    if (ops.length === 0) return;
    const what = `write() on the ${this.name}`;
    const last = new Map(ops.map((op) => [op.name, op]));
    const removed = new Map<string, readonly Place[]>();
    const { directory } = await this.#known(what);
    for (const name of last.keys()) {
      const place = this.#edits.placeOf(directory, name);
      // What the writer has put is not a guest's to remove.
      if (place === undefined || this.#parts.role !== "writer") continue;
      const next = this.#moving.get(name);
      removed.set(name, next === undefined ? [place] : [place, next]);
    }
    let done = 0;
    try {
      const puts = [...last.values()].filter((op) => op.type === "put");
      await atOnce(puts, CALLS_AT_ONCE, async ({ name, bytes }) => {
        await this.#remover.settled(valueKey(name));
        await this.#put(valueKey(name), bytes, what);
        done++;
      });
      await this.#edits.write(removed, this.#nextId(), what);
      done += removed.size;
      const gone = [...last.values()].filter(({ type }) => type === "remove");
      await atOnce(gone, CALLS_AT_ONCE, async ({ name }) => {
        await this.#bucket.remove([valueKey(name)], what);
        done++;
      });
    } catch (error) {
      if (done === 0 || !isZspineError(error) || !error.determinate) throw error;
      throw new ZspineError(error.code, error.message, { cause: error, determinate: false });
    }
  }

  async create(name: string, bytes: Uint8Array, options: ReadOptions = {}): Promise<boolean> {
    const what = `create(${quote(name)}) on the ${this.name}`;
    const { directory } = await this.#known(what);
    if (this.#edits.placeOf(directory, name) !== undefined) return false;
    const key = valueKey(name);
    await this.#remover.settled(key);
    throwIfAborted(options.signal, what);
    return this.#bucket.createOnce(key, bytes, this.#nextId(), what);
  }

  async *list(prefix: string, options: ReadOptions = {}): AsyncIterable<string> {
    const what = `list() on the ${this.name}`;
    const { directory } = await this.#newest(what);
    const packed = [...directory.keys()]
      .filter((name) => name.startsWith(prefix) && this.#edits.placeOf(directory, name) !== undefined)
      .sort();
    yield* namesInOrder(packed, this.#ownNames(prefix, what, options.signal));
  }

  /** Yields the names of values that are objects of their own, ascending, those excepted that are being removed. */
  async *#ownNames(prefix: string, what: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
    for await (const key of this.#bucket.listAll(VALUES + prefix, what, signal))
      if (!this.#remover.has(key)) yield valueName(key);
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    const what = `readHead() on the ${this.name}`;
    const found = await (number === undefined ? this.#newest(what) : this.#readHead(number, what));
    if (found === undefined || found.number === 0) return undefined;
    return { number: found.number, bytes: found.head.slice() };
  }

  async #readHead(number: number, what: string): Promise<KnownHead | undefined> {
    await this.#known(what);
    return this.#heads.read(number, what);
  }

  createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options: WriteOptions = {},
  ): Promise<void> {
    const what = `createHead(${number}) on the ${this.name}`;
    return this.#inTurn(async () => {
      await this.#heads.settle(what);
      let known = await this.#known(what);
      if (number > known.number + 1) known = await this.#newest(what);
      if (number !== known.number + 1) throw headConflict(number, `the next head is ${known.number + 1}`);
      throwIfAborted(options.signal, what);
      const moved = await this.#readMoves(known, ops);
      await this.#createNext(known, bytes, ops, moved, what, options);
    });
  }

  statistics(): Readonly<Record<string, number>> {
    return this.#parts.statistics!();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#garbage.end();
    await this.#remover.end();
    await this.#parts.cached?.settled();
  }

  /** Reads the values that the next head moves. */
  async #readMoves({ number, directory }: KnownHead, ops: readonly WriteOp[]): Promise<readonly Moved[]> {
    const changed = new Set(ops.map(({ name }) => name));
    const chosen = this.#moves.choose(
      directory,
      number + 1,
      (name, place) => !changed.has(name) && this.#edits.mayMove(name, place),
      (head) => this.#heads.mayRemove(head, number),
    );
    return chosen.length === 0 ? [] : this.#moves.read(chosen, number + 1);
  }

  async #createNext(
    known: KnownHead,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    read: readonly Moved[],
    what: string,
    { signal }: WriteOptions,
  ): Promise<void> {
    const number = known.number + 1;
    // What was removed while it was read stays removed.
    const moved = read.filter(({ name, from }) => this.#edits.mayMove(name, from));
    const all = [...ops, ...moved];
    const puts = all.filter((op) => op.type === "put");
    const total = puts.reduce((sum, put) => sum + put.bytes.length, 0);
    // What stays for good is to be small. And what moves goes into a pack, a place that no other attempt names.
    const isInline =
      moved.length === 0 && total <= this.#parts.inlineBytes && !this.#heads.isLandmark(number);
    const holder = holderOf(number, isInline ? "" : packId(this.#nextId(), total));
    // At once, so that what is removed meanwhile is in neither.
    const directory = this.#directoryAfter(known, all, holder, isInline ? HEAD_HEADER_BYTES : 0);
    this.#moving = new Map(moved.map(({ name }) => [name, directory.get(name)!]));
    const edits = this.#edits.takeKeys();
    const giveUp = (): void => {
      this.#moving = new Map();
      this.#edits.returnKeys(edits);
      if (!isInline && puts.length > 0) this.#remover.remove([holder.key]);
    };
    const object: HeadObject = {
      number,
      attempt: randomBytes(16, this.#parts.random),
      directory,
      head: bytes,
    };
    const encoded = encodeHeadObject(object, isInline ? puts.map((put) => put.bytes) : []);
    const head: KnownHead = {
      ...object,
      head: encoded.subarray(encoded.length - bytes.length),
      object: encoded,
      holders: holdersOf(directory),
    };
    const values = ops
      .filter(
        ({ type, name }) => type === "remove" && this.#edits.placeOf(known.directory, name) === undefined,
      )
      .map(({ name }) => valueKey(name));
    const land = (): void => {
      this.#moving = new Map();
      this.#edits.forget(directory);
      this.#remover.remove([...values, ...edits]);
      this.#garbage.collect(known, head);
    };
    try {
      if (!isInline && puts.length > 0) await this.#putPack(holder.key, puts, total, what);
      throwIfAborted(signal, what);
      await this.#heads.create(head, land, what);
      // So that other handles do not find what is removed.
      await Promise.all(values.map((key) => this.#remover.settled(key)));
    } catch (error) {
      // What may have landed takes the edits in, and names the pack.
      if (!isZspineError(error) || error.determinate) giveUp();
      throw error;
    }
  }

  /** The directory of a head to come, whose values lie in `holder` from an offset on. */
  #directoryAfter(
    { directory: before }: KnownHead,
    ops: readonly WriteOp[],
    holder: Place["holder"],
    start: number,
  ): Map<string, Place> {
    const directory = new Map<string, Place>();
    for (const [name, place] of before) if (!this.#edits.has(name, place)) directory.set(name, place);
    let offset = start;
    for (const op of ops) {
      if (op.type === "remove") directory.delete(op.name);
      else {
        directory.set(op.name, { holder, offset, length: op.bytes.length });
        offset += op.bytes.length;
      }
    }
    return directory;
  }

  /** Puts a pack; when that fails, nothing has happened that anyone sees. */
  async #putPack(
    key: string,
    puts: readonly { readonly bytes: Uint8Array }[],
    total: number,
    what: string,
  ): Promise<void> {
    const pack = new Uint8Array(total);
    let at = 0;
    for (const { bytes } of puts) {
      pack.set(bytes, at);
      at += bytes.length;
    }
    try {
      await this.#put(key, pack, what);
    } catch (error) {
      throw isZspineError(error) ? new ZspineError(error.code, error.message, { cause: error }) : error;
    }
  }

  async #put(key: string, bytes: Uint8Array, what: string): Promise<void> {
    const etag = await this.#bucket.put(key, bytes, this.#nextId(), what);
    if (etag !== undefined) this.#parts.cached?.fill(key, bytes, etag);
  }

  async #readPlace(
    name: string,
    place: Place,
    range: ByteRange | undefined,
  ): Promise<Uint8Array | undefined> {
    const { offset = 0, length = place.length } = range ?? {};
    if (offset + length > place.length) throw valueTooShort(name, place.length, offset + length);
    if (length === 0) return new Uint8Array(0);
    const at = place.offset + offset;
    const { known } = this.#heads;
    if (known !== undefined && place.holder.key === headKey(known.number))
      return known.object.slice(at, at + length);
    const found = await this.#lasting.read(place.holder.key, { offset: at, length });
    if (found !== undefined && found.bytes.length < length)
      throw valueTooShort(name, Math.max(0, found.size - place.offset), place.length);
    return found?.bytes;
  }

  async #readOwn(
    name: string,
    range: ByteRange | undefined,
    reader: RangeReader,
  ): Promise<Uint8Array | undefined> {
    const key = valueKey(name);
    if (range === undefined || range.length === 0) {
      const found = await this.#bucket.get(key, `reading ${quote(key)}`, range);
      if (found === undefined || range === undefined) return found?.bytes;
      if (range.offset > found.size) throw valueTooShort(name, found.size, range.offset);
      return found.bytes;
    }
    const found = await reader.read(key, range);
    if (found === undefined || found.bytes.length === range.length) return found?.bytes;
    if (found.size < range.offset + range.length)
      throw valueTooShort(name, found.size, range.offset + range.length);
    return partOfValue(name, found.bytes, { offset: 0, length: range.length });
  }

  /** What the handle knows to be the newest head; the first time, what is. */
  async #known(what: string): Promise<KnownHead> {
    return (this.#isBegun ? this.#heads.known : undefined) ?? (await this.#newest(what));
  }

  async #newest(what: string): Promise<KnownHead> {
    if (this.#isBegun) return this.#heads.newest(what);
    const opening = (this.#opening ??= this.#begin(what));
    try {
      return await opening;
    } finally {
      this.#opening = undefined;
    }
  }

  async #begin(what: string): Promise<KnownHead> {
    const { head, edits } = this.#parts.listed;
    const [newest] = await Promise.all([this.#heads.newest(what, head), this.#edits.read(edits, what)]);
    this.#isBegun = true;
    return newest;
  }

  #nextId(): string {
    return `${this.#writer}-${(++this.#counter).toString(36)}`;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.holder.key === b?.holder.key && a?.offset === b?.offset;
}

function randomBytes(count: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(count);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < count; at += 4) view.setUint32(at, random());
  return bytes;
}
