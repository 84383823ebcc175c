import { SeededRandom } from "@zspine/conformance";
import { S3Backend } from "../../src/backend/s3-backend.ts";
import type { Clock } from "../../src/client/pace.ts";
import type { FakeS3 } from "../../src/fake.ts";
import { plainBucket, quiet } from "../plain-bucket.ts";

/** Time that goes on when nothing else does. */
export class VirtualTime implements Clock {
  readonly #random: SeededRandom;
  readonly #due = new Set<{ readonly at: number; readonly task: () => void }>();
  #now = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.#random.uint32();
  }

  schedule(task: () => void, delayMs: number): () => void {
    const one = { at: this.#now + delayMs, task };
    this.#due.add(one);
    return () => this.#due.delete(one);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.schedule(resolve, delayMs));
  }

  /** Lets time go on until a promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(
      () => (isSettled = true),
      () => (isSettled = true),
    );
    for (;;) {
      await quiet();
      if (isSettled) return promise;
      const next = [...this.#due].sort((a, b) => a.at - b.at)[0];
      if (next === undefined) throw new Error("nothing is due, and the promise waits");
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
  }
}

/** Opens a handle in virtual time. */
export function openIn(time: VirtualTime, fake: FakeS3, head = 0, patienceMs = 60_000): S3Backend {
  const bucket = plainBucket(fake, time, { patienceMs });
  const random = () => time.random();
  const sizes = { block: 256, inlineBytes: 100 };
  return new S3Backend({
    ...sizes,
    bucket,
    name: "handle",
    role: "writer",
    random,
    listed: { head, edits: [] },
  });
}
