import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import type { BackendOpener } from "@zspine/core";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
// A package cannot be built before what needs it, so it is taken from its sources.
import { FakeS3 } from "../../../backend-s3/src/fake.ts";
import { s3 } from "../../../backend-s3/src/index.ts";
import { temporalTrace } from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.int32() };
const LEASE = 1_000_000;
/** Times that are kept for who follows. */
const KEPT = 15;

const PLACES: Readonly<Record<string, (folder: string) => () => BackendOpener>> = {
  "file()": (folder) => () => file({ location: join(folder, "data") }),
  "the fake of s3()": () => {
    const { options } = new FakeS3();
    return () => s3({ ...options, prefix: "place" });
  },
};

/** Writes rows, one a time, forgets what may be forgotten, and is closed and opened again now and then. */
async function writeOn(opener: () => BackendOpener, from: number, until: number, kept = 0): Promise<void> {
  for (let begun = from; begun < until; begun += 7) {
    const store = await openStore({ backend: opener(), serve: { pollMs: 2 } });
    const trace = await temporalTrace(store, "t", { ...ROWS, create: true });
    for (let time = begun; time < Math.min(until, begun + 7); time++) {
      trace.insert(time, time % 5, time);
      trace.advance(time + 1);
      await store.commit();
      if (time >= kept) trace.advanceSince(time - kept);
      if (time % 3 === 0) await store.compact();
    }
    await store.close();
  }
}

async function openFollower(opener: () => BackendOpener, isGuest: boolean) {
  const role = isGuest ? { guest: true } : { readOnly: true };
  const store = await openStore({ backend: opener(), ...role, follow: { pollMs: 2 } });
  return { store, trace: await temporalTrace(store, "t", ROWS) };
}

describe.each(Object.entries(PLACES))("a subscription in a store that follows over %s", (_, newOpener) => {
  it("begins by name with all rows however far since has gone until the writer takes that up, for no time was asked for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "guests-"));
    const opener = newOpener(folder);
    await writeOn(opener, 0, 3);
    const { store, trace } = await openFollower(opener, true);
    const deliveries = trace.subscribe({ name: "late", lease: LEASE })[Symbol.asyncIterator]();
    const first = deliveries.next();
    // Nobody serves the guest meanwhile.
    const busy = await openStore({ backend: opener() });
    const written = await temporalTrace(busy, "t", ROWS);
    written.retain({ times: 0 });
    for (let time = 3; time < 30; time++) {
      written.insert(time, time % 5, time);
      written.advance(time + 1);
      await busy.commit();
    }
    await busy.close();
    const writer = await openStore({ backend: opener(), serve: { pollMs: 20 } });
    const served = await temporalTrace(writer, "t", ROWS);
    const { value } = await first;
    expect(value).toMatchObject({ after: -Infinity, until: 29, rows: { size: 30 } });
    expect(served.explainSince().holders).toMatchObject([{ name: "late", at: 29 }]);
    await deliveries.return!();
    await store.close();
    await writer.close();
    await rm(folder, { recursive: true });
  });

  it("delivers what was and what comes, each once, however slowly it is taken, over restarts of the writer", async () => {
    const folder = await mkdtemp(join(tmpdir(), "guests-"));
    const opener = newOpener(folder);
    await writeOn(opener, 0, 10, KEPT);
    const { store, trace } = await openFollower(opener, false);
    const deliveries = trace.subscribe()[Symbol.asyncIterator]();
    let position = -1;
    const take = async (): Promise<void> => {
      const { value } = await deliveries.next();
      // One row a time: none is missing, and none is there twice.
      expect(value!.after === -Infinity ? -1 : value!.after).toBe(position);
      expect(value!.rows.size).toBe(value!.until - position);
      position = value!.until;
    };
    await take();
    expect(position).toBe(9);
    for (let from = 10; from < 40; from += 10) {
      const taken = take();
      await writeOn(opener, from, from + 10, KEPT);
      await taken;
      // What has come while it was not asked for comes at once.
      await store.refresh();
      if (position < from + 9) await take();
      expect(position).toBe(from + 9);
    }
    expect(trace.since).toBeGreaterThan(10);
    // The writer knows nothing of it: when it falls behind it is told so, and gets nothing that is not exact.
    await writeOn(opener, 40, 50);
    await expect(deliveries.next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await deliveries.return?.();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("by a name goes on after what it has acknowledged, which the writer keeps, whoever restarts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "guests-"));
    const opener = newOpener(folder);
    await writeOn(opener, 0, 10);
    let acknowledged = -1;
    for (let life = 0; life < 3; life++) {
      const from = 10 + life * 10;
      const serving = await openStore({ backend: opener(), serve: { pollMs: 2 } });
      const written = await temporalTrace(serving, "t", ROWS);
      const { store, trace } = await openFollower(opener, true);
      const deliveries = trace.subscribe({ name: "feed", lease: LEASE })[Symbol.asyncIterator]();
      const { value: first } = await deliveries.next();
      expect(first!.after === -Infinity ? -1 : first!.after).toBe(acknowledged);
      expect(first!.rows.size).toBe(first!.until - acknowledged);
      await first!.acknowledge();
      acknowledged = first!.until;
      expect(written.explainSince().holders).toMatchObject([
        { name: "feed", guest: "guest", at: acknowledged },
      ]);
      written.advanceSince(acknowledged);
      await serving.commit();
      await serving.compact();
      // Given, and not acknowledged: it comes again in the next life.
      written.insert(from, 0, from);
      written.advance(from + 1);
      await serving.commit();
      const { value: second } = await deliveries.next();
      expect([second!.after, second!.until]).toEqual([acknowledged, from]);
      await deliveries.return?.();
      await store.close();
      await serving.close();
      await writeOn(opener, from + 1, from + 10);
    }
    expect(acknowledged).toBe(29);
    await rm(folder, { recursive: true, force: true });
  });

  it("by a name that has expired is told so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "guests-"));
    const opener = newOpener(folder);
    await writeOn(opener, 0, 5);
    const serving = await openStore({ backend: opener(), serve: { pollMs: 2 } });
    const written = await temporalTrace(serving, "t", ROWS);
    const { store, trace } = await openFollower(opener, true);
    const deliveries = trace.subscribe({ name: "feed", lease: 1 })[Symbol.asyncIterator]();
    const { value } = await deliveries.next();
    while (written.explainSince().holders.length > 0) await new Promise((resolve) => setImmediate(resolve));
    written.advance(9);
    await store.waitFor(await serving.commit());
    await expect(deliveries.next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await expect(value!.acknowledge()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await store.close();
    await serving.close();
    await rm(folder, { recursive: true, force: true });
  });
});
