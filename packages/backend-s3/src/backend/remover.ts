import { atOnce } from "@zspine/core";
import type { Bucket } from "../client/bucket.ts";

const AT_ONCE = 8;

/**
 * Removes objects behind the calls: what a head has made superfluous. What fails is left, for nothing depends on it, and the
 * next writer's look for what is left finds it.
 */
export class Remover {
  readonly #bucket: Bucket;
  /** Keys that are being removed, each with its end. */
  readonly #removing = new Map<string, Promise<void>>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Whether an object is not to be seen any more. */
  has(key: string): boolean {
    return this.#removing.has(key);
  }

  remove(keys: readonly string[]): void {
    const batch = keys.filter((key) => !this.#removing.has(key));
    if (batch.length === 0) return;
    const work = atOnce(batch, AT_ONCE, (key) => this.#bucket.remove([key], "removing what is superfluous"))
      .catch(() => undefined)
      .then(() => {
        for (const key of batch) this.#removing.delete(key);
      });
    for (const key of batch) this.#removing.set(key, work);
  }

  /** Waits until the object of a key may be put again. */
  async settled(key: string): Promise<void> {
    await this.#removing.get(key);
  }

  /** Waits for all. */
  async end(): Promise<void> {
    while (this.#removing.size > 0) await Promise.all(this.#removing.values());
  }
}
