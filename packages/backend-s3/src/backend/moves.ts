import type { WriteOp } from "@zspine/core";
import type { Directory, Holder, Place } from "../layout/directory.ts";
import { packBytes } from "../layout/keys.ts";
import { GAP_BYTES, type ReadRange } from "./range-reader.ts";

/** Stored bytes to a living one, from which on values are moved. */
const SHARE = 4;
/** Ranges that are read for one head. */
const RANGES_MAX = 16;
/** After how many heads one tries again to read what could not be read. */
const PAUSE_HEADS = 256;

/** What bounds moves. */
export interface MoveSizes {
  /** How many bytes may be stored besides four to each that lives. */
  readonly slackBytes: number;
  /** How many bytes are read for one head, but for a value that is longer. */
  readonly moveBytes: number;
  /** What a head is taken to have of values: more does not lie in one. */
  readonly inlineBytes: number;
}

/** A value that lives, and where. */
interface Living {
  readonly name: string;
  readonly place: Place;
}

/** An object, and what lives in it. */
interface Filled {
  readonly holder: Holder;
  readonly values: Living[];
  live: number;
  stored: number;
}

/** A value that is put anew with a head, and where it was. */
export type Moved = Extract<WriteOp, { type: "put" }> & { readonly from: Place };

/**
 * Values that leave objects of which little lives, so that the objects can be removed: **stored bytes of values are at most four
 * to each that lives, and a slack**, after as many heads as the moves take.
 *
 * A head says where each value lies, so moving one is putting its bytes into the pack of a head to come: the name stays, and who
 * follows an older head finds the old object as long as two heads name it, and then the newer head. Only objects of which less
 * than a quarter lives are moved from, so for a byte that is put again three are freed: at most half of all that is written is
 * written again. What a head moves is bounded, so no commit waits long.
 */
export class Moves {
  readonly #read: ReadRange;
  readonly #sizes: MoveSizes;
  /** Objects that could not be read, and the head then. */
  readonly #unread = new Map<string, number>();

  /** @param read Reads each time anew. */
  constructor(read: ReadRange, sizes: MoveSizes) {
    this.#read = read;
    this.#sizes = sizes;
  }

  /**
   * Chooses what moves with head `number`.
   *
   * @param isLiving Whether a value is there after that head.
   * @param isSpare Whether a head's object would be removed, if it held nothing.
   */
  choose(
    directory: Directory,
    number: number,
    isLiving: (name: string, place: Place) => boolean,
    isSpare: (head: number) => boolean,
  ): Living[] {
    const all = this.#filled(directory, isLiving, isSpare);
    let excess = -this.#sizes.slackBytes;
    for (const { stored, live } of all) excess += stored - SHARE * live;
    if (excess <= 0) return [];
    const sparse = all
      .filter(({ holder, live, stored }) => live * SHARE < stored && this.#isReadable(holder.key, number))
      .sort((a, b) => a.live / a.stored - b.live / b.stored);
    const chosen: Living[] = [];
    let [ranges, bytes] = [0, 0];
    for (const { values, live, stored } of sparse) {
      if (excess <= 0) break;
      let end = -Infinity;
      for (const value of values.sort((a, b) => a.place.offset - b.place.offset)) {
        const { offset, length } = value.place;
        const isNear = offset <= end + GAP_BYTES;
        bytes += isNear ? Math.max(0, offset + length - end) : length;
        if (!isNear) ranges++;
        if (chosen.length > 0 && (bytes > this.#sizes.moveBytes || ranges > RANGES_MAX)) return chosen;
        chosen.push(value);
        end = Math.max(end, offset + length);
      }
      excess -= stored - live;
    }
    return chosen;
  }

  /**
   * Reads what was chosen, twice, for what is put again is not to be what a broken answer said: who has put a value has its
   * checksum, and this has not. Values that cannot be read, or are not the same twice, stay where they are.
   */
  async read(chosen: readonly Living[], number: number): Promise<Moved[]> {
    const first = await this.#readAll(chosen);
    const second = await this.#readAll(chosen);
    const moved: Moved[] = [];
    for (const [at, { name, place }] of chosen.entries()) {
      const bytes = first[at];
      if (bytes !== undefined && isSame(bytes, second[at]))
        moved.push({ type: "put", name, bytes, from: place });
      else this.#unread.set(place.holder.key, number);
    }
    return moved;
  }

  #readAll(chosen: readonly Living[]): Promise<(Uint8Array | undefined)[]> {
    const reads = chosen.map(async ({ place: { holder, offset, length } }) => {
      if (length === 0) return new Uint8Array(0);
      const found = await this.#read(holder.key, { offset, length });
      return found?.bytes.length === length ? found.bytes : undefined;
    });
    // Nothing depends on a move: a later head has another try.
    return Promise.all(reads.map((read) => read.catch(() => undefined)));
  }

  #filled(
    directory: Directory,
    isLiving: (name: string, place: Place) => boolean,
    isSpare: (head: number) => boolean,
  ): Filled[] {
    const all = new Map<string, Filled>();
    for (const [name, place] of directory) {
      const { holder, offset, length } = place;
      if (!isLiving(name, place)) continue;
      let filled = all.get(holder.key);
      if (filled === undefined) {
        // A head that stays anyway stores nothing for its values' sake.
        if (holder.id === "" && !isSpare(holder.number)) continue;
        const stored = holder.id === "" ? this.#sizes.inlineBytes : packBytes(holder.id);
        filled = { holder, values: [], live: 0, stored };
        all.set(holder.key, filled);
      }
      filled.values.push({ name, place });
      filled.live += length;
      filled.stored = Math.max(filled.stored, offset + length);
    }
    return [...all.values()];
  }

  #isReadable(key: string, number: number): boolean {
    const failed = this.#unread.get(key);
    if (failed !== undefined && number < failed + PAUSE_HEADS) return false;
    this.#unread.delete(key);
    return true;
  }
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
