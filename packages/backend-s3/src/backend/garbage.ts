import type { Bucket } from "../client/bucket.ts";
import { HEADS, headKey, headNumber, PACKS, packNumber } from "../layout/keys.ts";
import type { Heads } from "./heads.ts";
import type { KnownHead } from "./known-head.ts";
import type { Remover } from "./remover.ts";

/** The head that an object was made for, or is. */
type Made = number;

/**
 * Removes objects that hold nothing which the two newest heads name: heads and packs. No age is asked for, and no clock.
 *
 * A pack is made for one attempt to create one head, whose number is in its name, and named by no other attempt. Once a head of
 * that number is there, the attempt has either landed, and the heads from there on name the pack as long as it is needed; or
 * never will. So a pack whose number is not above that of a head of this writer, and that neither of the two newest heads
 * names, is named by no head to come. For heads that holds too, when {@link Heads.mayRemove} lets them go.
 */
export class Garbage {
  readonly #bucket: Bucket;
  readonly #heads: Heads;
  readonly #remover: Remover;
  /** Objects that may be superfluous by now, or soon. */
  readonly #candidates = new Map<string, Made>();
  #looking: Promise<void> | undefined;

  constructor(bucket: Bucket, heads: Heads, remover: Remover) {
    this.#bucket = bucket;
    this.#heads = heads;
    this.#remover = remover;
  }

  /** Removes what is superfluous now that `newest`, made by this handle after `before`, is there. */
  collect(before: KnownHead, newest: KnownHead): void {
    for (const key of before.holders) {
      if (newest.holders.has(key)) continue;
      this.#candidates.set(key, key.startsWith(PACKS) ? packNumber(key) : headNumber(key));
    }
    if (before.number > 0) this.#candidates.set(headKey(before.number), before.number);
    this.#sweep(before, newest);
    this.#looking ??= this.#look(newest.number);
  }

  /** Waits for what goes on behind the calls. */
  async end(): Promise<void> {
    await this.#looking;
  }

  #sweep(before: KnownHead, newest: KnownHead): void {
    const superfluous: string[] = [];
    for (const [key, number] of this.#candidates) {
      // The next sweep has both heads that are kept, and looks again.
      if (before.holders.has(key) || newest.holders.has(key)) continue;
      if (key.startsWith(HEADS) && !this.#heads.mayRemove(number, newest.number)) continue;
      superfluous.push(key);
      this.#candidates.delete(key);
    }
    this.#remover.remove(superfluous);
  }

  /** Finds what writers before have left, once, when a head of this one has told them that they are out. */
  async #look(number: number): Promise<void> {
    const what = "looking for what other writers have left";
    try {
      for await (const key of this.#bucket.listAll(HEADS, what)) {
        const found = headNumber(key);
        if (found < number && !this.#heads.isLandmark(found)) this.#candidates.set(key, found);
      }
      for await (const key of this.#bucket.listAll(PACKS, what))
        if (packNumber(key) <= number) this.#candidates.set(key, packNumber(key));
    } catch {
      // Nothing depends on it, and the next writer looks again.
    }
  }
}
