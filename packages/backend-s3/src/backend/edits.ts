import { atOnce } from "@zspine/core";
import type { Bucket } from "../client/bucket.ts";
import type { Directory, Place } from "../layout/directory.ts";
import { EDITS } from "../layout/keys.ts";

/** Names that were removed, each from where it lay. */
type Removed = readonly { readonly name: string; readonly holder: string; readonly offset: number }[];

/**
 * Removals of values that came with a head, until a later head's directory is without them. Each is an object, so that it
 * outlives the handle; it says where the value lay, so that it takes nothing away from a later one of the same name.
 */
export class Edits {
  readonly #bucket: Bucket;
  readonly #removed = new Map<string, Set<string>>();
  #keys: string[] = [];
  /** Names that are being removed, and how often. */
  readonly #pending = new Map<string, number>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Reads those that a listing has named. */
  async read(keys: readonly string[], what: string): Promise<void> {
    await atOnce(keys, 16, async (key) => {
      const found = await this.#bucket.get(key, what);
      // Another writer's head has taken it in meanwhile.
      if (found === undefined) return;
      this.#note(key, JSON.parse(new TextDecoder().decode(found.bytes)) as Removed);
    });
  }

  /** Removes names from where they lie, each from all places that are given, durably. */
  async write(places: ReadonlyMap<string, readonly Place[]>, id: string, what: string): Promise<void> {
    if (places.size === 0) return;
    const removed = [...places].flatMap(([name, all]) =>
      all.map(({ holder, offset }) => ({ name, holder: holder.key, offset })),
    );
    const key = EDITS + id;
    for (const name of places.keys()) this.#pending.set(name, (this.#pending.get(name) ?? 0) + 1);
    try {
      await this.#bucket.put(key, new TextEncoder().encode(JSON.stringify(removed)), id, what);
      this.#note(key, removed);
    } finally {
      for (const name of places.keys()) this.#release(name);
    }
  }

  /** Whether a value may be moved: it was not removed from there, nor is that going on, which would miss the new place. */
  mayMove(name: string, place: Place): boolean {
    return !this.#pending.has(name) && !this.has(name, place);
  }

  /** Whether a value was removed from there. */
  has(name: string, place: Place): boolean {
    return this.#removed.get(name)?.has(placeId(place.holder.key, place.offset)) ?? false;
  }

  /** Where a name lies, unless it was removed. */
  placeOf(directory: Directory, name: string): Place | undefined {
    const place = directory.get(name);
    return place === undefined || this.has(name, place) ? undefined : place;
  }

  /** Takes the keys of those that a directory to come takes in: all that are there. */
  takeKeys(): string[] {
    const keys = this.#keys;
    this.#keys = [];
    return keys;
  }

  /** Gives them back, when that directory did not come to be. */
  returnKeys(keys: readonly string[]): void {
    this.#keys.push(...keys);
  }

  /** Forgets what the newest directory is without. */
  forget(directory: Directory): void {
    for (const [name, places] of this.#removed) {
      const place = directory.get(name);
      if (place === undefined || !places.has(placeId(place.holder.key, place.offset)))
        this.#removed.delete(name);
    }
  }

  #release(name: string): void {
    const left = this.#pending.get(name)! - 1;
    if (left === 0) this.#pending.delete(name);
    else this.#pending.set(name, left);
  }

  #note(key: string, removed: Removed): void {
    this.#keys.push(key);
    for (const { name, holder, offset } of removed) {
      const places = this.#removed.get(name) ?? new Set();
      this.#removed.set(name, places);
      places.add(placeId(holder, offset));
    }
  }
}

function placeId(holder: string, offset: number): string {
  return `${holder}@${offset}`;
}
