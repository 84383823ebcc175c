import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { ZspineError, type Backend } from "@zspine/core";
import type { HoldEvent } from "../../src/index.ts";
import { filled, openPrices, setPrice, stoppedClock } from "../sample.ts";

async function within<T>(work: (location: string) => Promise<T>): Promise<T> {
  const location = await mkdtemp(join(tmpdir(), "holds-"));
  try {
    return await work(location);
  } finally {
    await rm(location, { recursive: true });
  }
}

describe("Hold", () => {
  it("F11 F22 keeps since where it is, tells where that is, and lets go of it", async () => {
    const { store, prices } = await filled(8);
    await using _ = store;
    const hold = await prices.hold({ at: 2 });
    const other = await prices.hold();
    expect([hold.at, other.at]).toEqual([2, 7]);
    expect(prices.advanceSince(6)).toBe(2);
    const report = prices.explainSince();
    expect(report).toMatchObject({ since: 2, upper: 8, wanted: 6 });
    expect(report.holders.map(({ kind, at, state }) => [kind, at, state])).toEqual([
      ["hold", 2, "ok"],
      ["hold", 7, "ok"],
    ]);
    expect(report.holders[0]!.bytes).toBeGreaterThan(report.holders[1]!.bytes);
    await expect(hold.advance(1)).rejects.toMatchObject({ code: "ZSPINE_TIME_REGRESSED" });
    expect(await hold.advance(4)).toBe(4);
    expect(prices.since).toBe(4);
    expect(await other.advance(100)).toBe(7);
    hold[Symbol.dispose]();
    expect(prices.since).toBe(6);
    await other.release();
    expect(prices.explainSince().holders).toEqual([]);
  });

  it("F11 renew() refuses a lease or a time, for it would go on with those it has", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    for (const hold of [await prices.hold({ at: 1, lease: 1000 }), await prices.hold({ at: 1, name: "a" })]) {
      for (const given of [{ lease: 60_000 }, 2, null])
        expect(() => (hold.renew as (given: unknown) => void)(given)).toThrow(
          expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["renew"] }),
        );
      hold.renew();
      expect(hold.at).toBe(1);
    }
  });

  it("F11 an open reader holds since, and a reader that was open before since went on reads on", async () => {
    const { store, prices } = await filled(8);
    await using _ = store;
    const reader = await prices.asOf(3);
    expect(prices.advanceSince(7)).toBe(3);
    await store.commit();
    await store.compact();
    expect(await reader.get("apple")).toEqual([{ value: 3, weight: 1 }]);
    reader.close();
    await expect(reader.get("apple")).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    expect(prices.since).toBe(7);
  });

  it("F13 TT10 one with a name stays in heads: where it is, with since, upper and retention", async () => {
    await within(async (location) => {
      {
        const opened = await filled(8, { backend: file({ location }) });
        await using _ = opened.store;
        const hold = await opened.prices.hold({ name: "replica", at: 2 });
        opened.prices.retain({ times: 3 });
        expect(hold.takenOver).toBeUndefined();
        await setPrice(opened, 8);
        expect([opened.prices.since, opened.prices.upper]).toEqual([2, 9]);
        expect(await hold.advance(3)).toBe(3);
      }
      const opened = await openPrices({ backend: file({ location }) });
      await using _ = opened.store;
      const { prices } = opened;
      expect([prices.since, prices.upper]).toEqual([3, 9]);
      expect(prices.explainSince()).toMatchObject({ wanted: 5, holders: [{ name: "replica", at: 3 }] });
      const hold = await prices.hold({ name: "replica" });
      expect(hold).toMatchObject({ at: 3, state: "ok", takenOver: { at: 3, isExpired: false } });
      await setPrice(opened, 9);
      expect(prices.since).toBe(3);
      await hold.release();
      expect(prices.since).toBe(6);
    });
  });

  it("F13 is taken over: the second is told of the first, whose later calls fail and change nothing", async () => {
    const { store, prices } = await filled(8);
    await using _ = store;
    const first = await prices.hold({ name: "replica", at: 2 });
    const second = await prices.hold({ name: "replica" });
    expect(second.takenOver).toMatchObject({ at: 2 });
    expect(second.at).toBe(2);
    for (const late of [first.advance(4), first.release()])
      await expect(late).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(() => first.renew()).toThrow(expect.objectContaining({ code: "ZSPINE_CONFLICT" }));
    first[Symbol.dispose]();
    expect(second.at).toBe(2);
    await second.advance(3);
    await second.release();
    await expect(second.advance(4)).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
  });

  it("F14 TT6 TT7 TT11 a lease that nobody renews expires, for good, whatever other clocks tell; states and events", async () => {
    const clock = stoppedClock();
    const { store, prices } = await filled(8, { environment: clock.environment });
    await using _ = store;
    const events: HoldEvent[] = [];
    prices.onHold((event) => events.push(event));
    const left = await prices.hold({ at: 2, lease: 1000, renewal: "manually" });
    const kept = await prices.hold({ at: 5, lease: 1000 });
    prices.advanceSince(7);
    const reader = await prices.asOf(4, { hold: left });
    const chunks = reader.rows()[Symbol.asyncIterator]();
    expect((await chunks.next()).done).toBe(false);
    clock.pass(700);
    expect(left.state).toBe("ok");
    left.renew();
    clock.pass(800);
    expect(left.state).toBe("at risk");
    clock.pass(300);
    expect(left.state).toBe("expired");
    await expect(chunks.next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await expect(reader.get("apple")).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await expect(left.advance(5)).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED", cause: { least: 2 } });
    expect(() => left.renew()).toThrow(/has expired/);
    reader.close();
    await store.commit();
    // Ten leases later: its handle is there.
    clock.pass(10_000);
    expect([prices.since, kept.state]).toEqual([5, "ok"]);
    await Promise.resolve();
    expect(events.map(({ at, from, to }) => [at, from, to])).toEqual([
      [2, "ok", "at risk"],
      [2, "at risk", "expired"],
    ]);
  });

  it("F13 is taken over from a subscription that has acknowledged nothing where it can be read", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    for await (const delivery of prices.subscribe({ name: "replica" })) {
      expect(delivery.until).toBe(2);
      break;
    }
    expect(prices.advanceSince(2)).toBe(2);
    using hold = await prices.hold({ name: "replica" });
    expect(hold.at).toBe(2);
    using then = await prices.asOf(hold.at);
    expect(await then.has("apple")).toBe(true);
  });

  it("F14 of one with a name, the lease counts from the opening when nobody stands for it", async () => {
    await within(async (location) => {
      const first = await filled(8, { backend: file({ location }) });
      await first.prices.hold({ name: "replica", at: 2, lease: 1000 });
      first.prices.advanceSince(7);
      await first.store.commit();
      await first.store.close();
      const clock = stoppedClock();
      const again = await openPrices({ backend: file({ location }), environment: clock.environment });
      await using _ = again.store;
      clock.pass(900);
      expect(again.prices.explainSince().holders).toMatchObject([{ name: "replica", state: "at risk" }]);
      await setPrice(again, 8);
      expect(again.prices.since).toBe(2);
      clock.pass(200);
      await setPrice(again, 9);
      await again.store.commit();
      expect([again.prices.since, again.prices.explainSince().holders]).toEqual([7, []]);
      // It is told where it was, and begins anew.
      const hold = await again.prices.hold({ name: "replica" });
      expect(hold).toMatchObject({ at: 9, takenOver: { at: 2, isExpired: true } });
    });
  });

  it("F14 of one with a name that no head came to say, the lease counts: nobody has its handle", async () => {
    const clock = stoppedClock();
    const medium = memory();
    let isFull = false;
    const createHead: Backend["createHead"] = async (...head) => {
      if (isFull) throw new ZspineError("ZSPINE_IO", "no room is left", { determinate: true });
      return medium.createHead(...head);
    };
    const backend = { ...forward(medium), createHead };
    const { store, prices } = await filled(4, { backend, environment: clock.environment });
    await using _ = store;
    isFull = true;
    await expect(prices.hold({ name: "replica", at: 1, lease: 100 })).rejects.toMatchObject({
      code: "ZSPINE_IO",
    });
    isFull = false;
    prices.advanceSince(3);
    expect(prices.since).toBe(1);
    clock.pass(200);
    await store.commit();
    expect(prices.since).toBe(3);
  });

  it("F14 TT8 a reader that is stuck costs its bytes at the most; others are not harmed", async () => {
    const opened = await filled(2);
    const { store, prices } = opened;
    await using _ = store;
    prices.retain({ times: 10 });
    const stuck = await prices.hold({ at: 1, maxBytes: 20_000 });
    const other = await prices.hold({ at: 1 });
    let most = 0;
    for (let time = 2; time < 800; time++) {
      prices.insertBatch(time, {
        key: Array.from({ length: 10 }, (unset, at) => `k${time}-${at}`),
        value: new Int32Array(10),
      });
      prices.advance(time + 1);
      await store.commit();
      await other.advance(time);
      if (stuck.state !== "expired") most = Math.max(most, prices.explainSince().holders[0]!.bytes);
    }
    expect(stuck.state).toBe("expired");
    expect(most).toBeLessThan(22_000);
    expect([other.state, prices.since]).toEqual(["ok", 789]);
  });

  it("TT9 1,000 readers that come and go do not keep since from going on", async () => {
    const opened = await filled(2);
    await using _ = opened.store;
    opened.prices.retain({ times: 1 });
    for (let time = 2; time < 300; time++) {
      await setPrice(opened, time);
      for (let reader = 0; reader < 4; reader++) {
        using then = await opened.prices.asOf(time - (reader % 2));
        expect(await then.has("apple")).toBe(true);
      }
      expect(opened.prices.since).toBeGreaterThanOrEqual(time - 3);
    }
  });

  it("refuses what is no hold, with what to write", async () => {
    const { store, prices } = await filled(2);
    await using _ = store;
    for (const wrong of [
      { lease: 0 },
      { lease: -1 },
      { maxBytes: 1.5 },
      { name: "" },
      { name: 7 },
      { ttl: 1 },
      { renewal: "never" },
    ])
      await expect(prices.hold(wrong as never)).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
    for (const listener of [undefined, {}])
      expect(() => prices.onHold(listener as never)).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
      );
  });

  it("F14 tells a listener once for each call that named it, until that one is taken back", async () => {
    const clock = stoppedClock();
    const { store, prices } = await filled(2, { environment: clock.environment });
    await using _ = store;
    let told = 0;
    const listener = (): void => {
      told++;
    };
    const first = prices.onHold(listener);
    prices.onHold(listener);
    const last = prices.onHold(listener);
    first();
    const hold = await prices.hold({ lease: 100, renewal: "manually" });
    clock.pass(200);
    expect(hold.state).toBe("expired");
    last();
    await store.commit();
    expect(told).toBe(1);
  });
});
