import { throwIfAborted, valueTooShort, type ByteRange, type WriteOp, type WriteOptions } from "@zspine/core";
import type { TooShort } from "@zspine/location";
import { inParallel } from "../medium/in-parallel.ts";
import type { Arena, Place } from "./arena.ts";

/** A value: where it lies, and who reads it. */
interface ScratchValue {
  readonly place: Place;
  readers: number;
  isRemoved: boolean;
}

/**
 * The values of scratch by name. What a call puts is written first, where nobody sees it, and then all that the call does is
 * done at once, in the order of the calls: so one that fails has done nothing. The place of a value that is removed
 * is free when those have read it who read it then.
 */
export class ScratchValues {
  readonly #arena: Arena;
  readonly #values = new Map<string, ScratchValue>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** The names with a prefix, ascending. */
  names(prefix: string): string[] {
    return [...this.#values.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const { offset, length } = withinValue(name, value, range);
    value.readers++;
    try {
      return whole(name, offset + length, await this.#arena.read(value.place, offset, length));
    } finally {
      value.readers--;
      this.#settle(value);
    }
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const { offset, length } = withinValue(name, value, range);
    return whole(name, offset + length, this.#arena.readSync(value.place, offset, length));
  }

  /** Puts and removes values, in order: all of it or, where it rejects, nothing. */
  async write(ops: readonly WriteOp[], { signal }: WriteOptions, what: string): Promise<void> {
    const before = this.#turn;
    const places: (Place | undefined)[] = ops.map(() => undefined);
    const writing = inParallel(ops, async (op, at) => {
      throwIfAborted(signal, what);
      if (op.type === "put") places[at] = await this.#arena.put(op.bytes);
    });
    const done = Promise.all([before, writing]).then(() => {
      throwIfAborted(signal, what);
      this.#apply(ops, places);
    });
    this.#turn = done.catch(() => undefined);
    try {
      await done;
    } catch (error) {
      // Those under way come to their end first, lest their places be lost.
      await writing.catch(() => undefined);
      for (const place of places) if (place !== undefined) this.#arena.free(place);
      throw error;
    }
  }

  #apply(ops: readonly WriteOp[], places: readonly (Place | undefined)[]): void {
    ops.forEach(({ name }, at) => {
      this.#remove(name);
      const place = places[at];
      if (place !== undefined) this.#values.set(name, { place, readers: 0, isRemoved: false });
    });
  }

  #remove(name: string): void {
    const value = this.#values.get(name);
    if (value === undefined) return;
    this.#values.delete(name);
    value.isRemoved = true;
    this.#settle(value);
  }

  #settle({ place, readers, isRemoved }: ScratchValue): void {
    if (isRemoved && readers === 0) this.#arena.free(place);
  }
}

function withinValue(name: string, { place }: ScratchValue, range: ByteRange | undefined): ByteRange {
  const { length } = place;
  if (range === undefined) return { offset: 0, length };
  if (range.offset + range.length > length) throw valueTooShort(name, length, range.offset + range.length);
  return range;
}

function whole(name: string, expected: number, found: Uint8Array | TooShort): Uint8Array {
  if (found instanceof Uint8Array) return found;
  throw valueTooShort(name, found.size, expected);
}
