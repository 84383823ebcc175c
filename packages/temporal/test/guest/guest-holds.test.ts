import { memory } from "@zspine/backend-memory";
import { retained, simulatedEnvironment } from "@zspine/conformance";
import type { BackendOpener, Environment } from "@zspine/core";
import { openStore, type StoreOptions } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporalTrace } from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.int32() };
const HOUR = 3_600_000;

/** A place with a writer that serves and guests, whose clocks are an hour apart, in one virtual time. */
function placeOf(seed: number) {
  const environment = simulatedEnvironment(seed);
  const medium = retained(memory);
  const backend: BackendOpener = {
    type: "retained",
    open: (how) => medium.open("place", how),
    drop: async () => undefined,
  };
  const ahead = (ms: number): Environment => ({
    now: () => environment.now() + ms,
    random: () => environment.random(),
    schedule: (task, delayMs) => environment.schedule(task, delayMs),
    io: (opened) => environment.io(opened),
  });
  const open = (aheadMs: number, options: StoreOptions) =>
    openStore({ backend, environment: ahead(aheadMs), cacheBytes: 0, ...options });
  return {
    environment,
    openWriter: async () => {
      const store = await open(-HOUR, { serve: { pollMs: 100 } });
      return { store, trace: await temporalTrace(store, "t", { ...ROWS, create: true }) };
    },
    openGuest: async (name = "billing") => {
      const store = await open(HOUR, { guest: true, follow: { pollMs: 50 }, name });
      return { store, trace: await temporalTrace(store, "t", ROWS) };
    },
  };
}

type Opened = Awaited<ReturnType<ReturnType<typeof placeOf>["openWriter"]>>;

/** Writes a row at each of some times, and commits each. */
async function write({ store, trace }: Opened, from: number, until: number): Promise<number> {
  let token = 0;
  for (let time = from; time <= until; time++) {
    trace.insert(time, time % 7, time);
    trace.advance(time + 1);
    token = await store.commit();
  }
  return token;
}

/** Has history be forgotten as far as may be. */
async function forget({ store, trace }: Opened, time: number): Promise<number> {
  trace.advanceSince(time);
  await store.commit();
  await store.compact();
  await store.flush();
  return store.token;
}

describe("holds of times that guests ask for", () => {
  it("keep history, over merges and restarts of the writer, until they are moved and let go of", async () => {
    const { environment, openWriter, openGuest } = placeOf(1);
    await environment.run(
      (async () => {
        let writer = await openWriter();
        await write(writer, 0, 20);
        const guest = await openGuest();
        const hold = await guest.trace.hold({ name: "feed", at: 10, lease: 1_000_000 });
        expect([hold.at, hold.state, hold.takenOver]).toEqual([10, "ok", undefined]);
        await forget(writer, 18);
        const [holder] = writer.trace.explainSince().holders;
        expect(holder).toMatchObject({ kind: "hold", name: "feed", guest: "billing", at: 10, state: "ok" });
        await writer.store.close();
        writer = await openWriter();
        const token = await forget(writer, 19);
        await guest.store.waitFor(token);
        expect(guest.trace.since).toBe(10);
        using then = await guest.trace.asOf(10, { hold });
        expect((await then.count()).rows).toBe(11);
        const changes = await guest.trace.changesByTime({ after: 10, until: 12 });
        expect(changes.map(({ time }) => time)).toEqual([11, 12]);
        expect(await hold.advance(15)).toBe(15);
        expect(hold.at).toBe(15);
        await hold.release();
        await guest.store.waitFor(await forget(writer, 19));
        expect(guest.trace.since).toBe(19);
        expect(writer.trace.explainSince().holders).toEqual([]);
        await guest.store.close();
        await writer.store.close();
      })(),
    );
  });

  it("are refused where since has passed, with the least time that can be read, and where they would go back", async () => {
    const { environment, openWriter, openGuest } = placeOf(2);
    await environment.run(
      (async () => {
        const writer = await openWriter();
        await write(writer, 0, 20);
        const guest = await openGuest();
        // Behind the guest's back: it has not seen yet that since has gone on.
        await forget(writer, 12);
        const passed = { code: "ZSPINE_TIME_PASSED", cause: { least: 12 } };
        await expect(guest.trace.hold({ name: "a", at: 5, lease: 1000 })).rejects.toMatchObject(passed);
        const hold = await guest.trace.hold({ name: "a", at: 14, lease: 1000 });
        const regressed = { code: "ZSPINE_TIME_REGRESSED" };
        await expect(guest.trace.hold({ name: "a", at: 13, lease: 1000 })).rejects.toMatchObject(regressed);
        await expect(hold.advance(13)).rejects.toMatchObject(regressed);
        expect(hold.at).toBe(14);
        const other = await openGuest("other");
        const taken = await other.trace.hold({ name: "a", lease: 1000 });
        expect([taken.at, taken.takenOver]).toEqual([14, { at: 14, isExpired: false }]);
        await guest.store.refresh();
        await expect(hold.advance(15)).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
        const invalid = { code: "ZSPINE_INVALID_OPTIONS" };
        await expect(guest.trace.hold({ at: 14, lease: 9 })).rejects.toMatchObject(invalid);
        await expect(guest.trace.hold({ name: "b" })).rejects.toMatchObject(invalid);
        expect(() => taken.renew()).toThrow(expect.objectContaining({ code: "ZSPINE_NOT_SUPPORTED" }));
        for (const { store } of [guest, other, writer]) await store.close();
      })(),
    );
  });

  it("OT10 end with their lease by the clock of the writer, an hour from the guest's, and the guest is told", async () => {
    const { environment, openWriter, openGuest } = placeOf(3);
    const writer = await environment.run(openWriter());
    await environment.run(write(writer, 0, 20));
    const guest = await environment.run(openGuest());
    const hold = await environment.run(guest.trace.hold({ name: "feed", at: 10, lease: 5000 }));
    await environment.advance(4000);
    await environment.run(hold.advance(10));
    await environment.advance(4000);
    await environment.run(forget(writer, 18));
    expect(writer.trace.since).toBe(10);
    await environment.advance(2000);
    await environment.run(guest.store.waitFor(await environment.run(forget(writer, 19))));
    expect(writer.trace.since).toBe(19);
    expect(hold.state).toBe("expired");
    const passed = { code: "ZSPINE_TIME_PASSED", cause: { least: 19 } };
    await expect(environment.run(hold.advance(12))).rejects.toMatchObject(passed);
    await expect(environment.run(guest.trace.asOf(10, { hold }))).rejects.toMatchObject(passed);
    await environment.run(guest.store.close());
    await environment.run(writer.store.close());
  });

  it("end with the signal where nobody serves, and are not granted later", async () => {
    const { environment, openWriter, openGuest } = placeOf(4);
    const writer = await environment.run(openWriter());
    await environment.run(write(writer, 0, 3));
    const guest = await environment.run(openGuest());
    await environment.run(writer.store.close());
    const controller = new AbortController();
    const asked = guest.trace.hold({ name: "a", lease: 1000, signal: controller.signal });
    asked.catch(() => undefined);
    await environment.advance(2000);
    controller.abort();
    await expect(environment.run(asked)).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    const again = await environment.run(openWriter());
    await environment.advance(1000);
    expect(again.trace.explainSince().holders).toEqual([]);
    await environment.run(guest.store.close());
    await environment.run(again.store.close());
  });
});
