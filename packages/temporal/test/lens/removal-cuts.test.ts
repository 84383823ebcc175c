import { SeededRandom, SimulatedEnvironment } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { temporalTrace, type TemporalTrace } from "../../src/index.ts";

const COMMITS = 12;
const KEYS = 900;
const STEP = 400;

/** What a key has from a commit on: so long that what a merge makes superfluous is worth a removal of its own. */
function valueOf(key: number, n: number): string {
  const random = new SeededRandom(key * 1000 + n);
  return Array.from({ length: 24 }, () => random.uint32().toString(36)).join("");
}

/** The values of all keys after each commit. */
const VALUES: readonly ReadonlyMap<number, string>[] = Array.from({ length: COMMITS }).reduce<
  Map<number, string>[]
>(
  (states) => {
    const values = new Map(states.at(-1));
    for (const key of keysOf(states.length)) values.set(key, valueOf(key, states.length));
    return [...states, values];
  },
  [new Map()],
);

function keysOf(n: number): number[] {
  return Array.from({ length: STEP }, (_, at) => (n * STEP + at) % KEYS);
}

/** A program over files on a medium that loses what was not synced: commits, of which since follows, and merges. */
class Course {
  readonly medium = new LosingMedium();
  synced = 0;
  private readonly environment: SimulatedEnvironment;

  constructor(seed: number) {
    this.environment = new SimulatedEnvironment(seed);
  }

  async open(): Promise<{ store: Store; trace: TemporalTrace<number, string> }> {
    const medium = this.medium.open();
    const backend: BackendOpener = {
      type: "file",
      open: (options) => openFileBackend("/disk/store", medium, options),
      drop: () => Promise.reject(new Error("nothing drops a place here")),
    };
    const store = await openStore({ backend, environment: this.environment, cacheBytes: 0 });
    return { store, trace: await temporalTrace(store, "t", { key: z.int32(), value: z.string() }) };
  }

  async run(): Promise<void> {
    const { store, trace } = await this.open();
    trace.retain({ times: 0 });
    for (let n = 1; n <= COMMITS; n++) {
      const before = VALUES[n - 1]!;
      for (const key of keysOf(n)) {
        const old = before.get(key);
        if (old !== undefined) trace.insert(n, key, old, -1);
        trace.insert(n, key, VALUES[n]!.get(key)!);
      }
      trace.advance(n + 1);
      const durability = n % 5 < 2 ? "sync" : "relaxed";
      await store.commit({ metadata: { n }, durability });
      if (durability === "sync") this.synced = n;
      if (n % 6 === 0) await store.finishMerges();
    }
    await store.close();
  }

  /** Opens what is left, checks that it is all of a commit, and tells which. */
  async find(): Promise<number> {
    const { store, trace } = await this.open();
    const { n = 0 } = store.metadata as { readonly n?: number };
    if (n > 0) {
      using then = trace.asOfNow(n);
      const values = [...(await then.zset())].map(({ key, value }) => [key, value] as const);
      expect(values).toEqual([...VALUES[n]!].sort(([a], [b]) => a - b));
    }
    expect((await store.verify()).problems).toEqual([]);
    await store.close();
    return n;
  }
}

it("has all of the last synced commit, or of a later one, wherever the power fails while what merges have read is removed", async () => {
  const whole = new Course(0);
  await whole.run();
  const { changes } = whole.medium;
  expect(await whole.find()).toBe(COMMITS);
  const found = new Set<number>();
  for (let cutAt = 11; cutAt <= changes; cutAt += 11) {
    const course = new Course(cutAt);
    course.medium.cutAt = cutAt;
    await course.run().catch(() => undefined);
    course.medium.cut(new SeededRandom(cutAt));
    const n = await course.find();
    expect(n).toBeGreaterThanOrEqual(course.synced);
    found.add(n);
  }
  expect(found.size).toBeGreaterThan(COMMITS / 2);
});
