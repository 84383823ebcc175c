import { SeededRandom, SimulatedEnvironment } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { openStore, tiered } from "@zspine/store";
import { expect } from "vitest";
import { z } from "zod";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { temporalTrace, together, type TemporalTrace } from "../../src/index.ts";

const COMMITS = 6;

/** A program over files on a medium that loses what was not synced: each commit adds a row at its time to two traces. */
class Course {
  readonly medium = new LosingMedium();
  /** The last commit that was acknowledged as synced, and as either. */
  synced = 0;
  acknowledged = 0;
  private readonly environment: SimulatedEnvironment;

  constructor(seed: number) {
    this.environment = new SimulatedEnvironment(seed);
  }

  async open() {
    const medium = this.medium.open();
    const backend: BackendOpener = {
      type: "file",
      open: (options) => openFileBackend("/disk/store", medium, options),
      drop: () => Promise.reject(new Error("nothing drops a place here")),
    };
    const { environment } = this;
    const strategy = tiered({ fanout: 2 });
    const store = await openStore({ backend, environment, strategy, stagingRows: 2, cacheBytes: 0 });
    const rows = { key: z.int32(), value: z.string() };
    return { store, a: await temporalTrace(store, "a", rows), b: await temporalTrace(store, "b", rows) };
  }

  /** Runs until the end, or until the medium is gone. */
  async run(): Promise<void> {
    const { store, a, b } = await this.open();
    for (let n = 1; n <= COMMITS; n++) {
      for (const trace of [a, b]) {
        trace.insert(n, n, `${n}`);
        if (n > 2) trace.insert(n, n - 2, `${n - 2}`, -1);
        trace.advance(n + 1);
      }
      const isSynced = n % 3 === 0;
      await store.commit({ metadata: { n }, durability: isSynced ? "sync" : "relaxed" });
      this.acknowledged = n;
      if (isSynced) this.synced = n;
      if (n === 4) await store.compact();
    }
    await store.close();
  }

  /** Opens what is left, and tells the commit that it is; checks that both traces have it at each time. */
  async find(): Promise<number> {
    const { store, a, b } = await this.open();
    const { n = 0 } = store.metadata as { readonly n?: number };
    const both = together([a, b]);
    expect([a.upper, b.upper]).toEqual(n === 0 ? [a.since, a.since] : [n + 1, n + 1]);
    for (let time = 1; time <= n; time++) {
      using then = await both.asOf(time);
      expect(then.metadata).toEqual({ n });
      const rows = await keysOf(then.of(a));
      expect(rows).toEqual(time === 1 ? [1] : [time - 1, time]);
      expect(await keysOf(then.of(b))).toEqual(rows);
    }
    expect((await store.verify()).problems).toEqual([]);
    await store.close();
    return n;
  }
}

type Reader = Awaited<ReturnType<TemporalTrace<number, string>["asOf"]>>;

async function keysOf(reader: Reader): Promise<number[]> {
  return [...(await reader.zset()).keys()];
}

/** Cuts the power at every change of the medium, or at each `stride`-th; a course for each. */
export async function cutAtChanges(stride: number): Promise<void> {
  const whole = new Course(0);
  await whole.run();
  const { changes } = whole.medium;
  expect(await whole.find()).toBe(COMMITS);
  const found = new Set<number>();
  for (let cutAt = 1; cutAt <= changes; cutAt += stride) {
    const course = new Course(cutAt);
    course.medium.cutAt = cutAt;
    await course.run().catch(() => undefined);
    expect(course.medium.isDown, `cut at ${cutAt} of ${changes}`).toBe(true);
    course.medium.cut(new SeededRandom(cutAt));
    const n = await course.find();
    expect(n, `cut at ${cutAt} of ${changes}`).toBeGreaterThanOrEqual(course.synced);
    found.add(n);
  }
  expect(found.size).toBeGreaterThan(3);
}

/** Kills the process at every change of the medium, or at each `stride`-th; a course for each. */
export async function killAtChanges(stride: number): Promise<void> {
  const whole = new Course(0);
  await whole.run();
  const { changes } = whole.medium;
  const found = new Set<number>();
  for (let killAt = 1; killAt <= changes; killAt += stride) {
    const course = new Course(killAt);
    const { medium } = course;
    // The next call of the medium is the first that the process does not live to see.
    await Promise.all([course.run().catch(() => undefined), killWhen(medium, killAt)]);
    const n = await course.find();
    expect(n, `killed at ${killAt} of ${changes}`).toBeGreaterThanOrEqual(course.acknowledged);
    found.add(n);
  }
  if (stride === 1) expect(found.size).toBe(COMMITS + 1);
  else expect(found.size).toBeGreaterThan(3);
}

async function killWhen(medium: LosingMedium, change: number): Promise<void> {
  for (let turns = 0; medium.changes < change && turns < 100_000; turns++) await Promise.resolve();
  medium.kill();
}
