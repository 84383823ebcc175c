import { describe, expect, it } from "vitest";
import { filled, openPrices, setPrice } from "../sample.ts";

describe("bounds of a temporal trace", () => {
  it("F17 TT3 reads at upper − 1, and neither at upper nor above, which it waits for or refuses", async () => {
    const opened = await filled(3);
    const { store, prices } = opened;
    await using _ = store;
    expect([prices.since, prices.upper]).toEqual([Number.MIN_SAFE_INTEGER, 3]);
    using last = await prices.asOf(2);
    expect(await last.get("apple")).toEqual([{ value: 2, weight: 1 }]);
    for (const time of [3, 4]) {
      const refusal = { code: "ZSPINE_TIME_AHEAD", path: ["time"], cause: { upper: 3 } };
      await expect(prices.asOf(time)).rejects.toMatchObject(refusal);
      expect(() => prices.asOfNow(time)).toThrow(/times below 3 are complete/);
    }
    const waiting = prices.asOf(4, { wait: true });
    // What is not committed is not complete.
    prices.advance(5);
    let isThere = false;
    void waiting.then(() => (isThere = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isThere).toBe(false);
    await store.commit();
    using then = await waiting;
    expect(await then.get("apple")).toEqual([{ value: 2, weight: 1 }]);
  });

  it("reads as of the last complete time where none is said, and nothing where none is complete", async () => {
    const opened = await openPrices();
    const { store, prices } = opened;
    await using _ = store;
    prices.insert(7, "apple", 1);
    await store.commit();
    expect([prices.lastComplete, (await (await prices.asOf()).count()).rows]).toEqual([undefined, 0]);
    prices.advance(8);
    await store.commit();
    expect([prices.lastComplete, prices.asOfNow().now.get("apple")]).toEqual([7, [{ value: 1, weight: 1 }]]);
    prices.finish();
    await store.commit();
    using last = await prices.asOf();
    expect([prices.lastComplete, await last.get("apple")]).toEqual([
      Number.MAX_SAFE_INTEGER,
      [{ value: 1, weight: 1 }],
    ]);
  });

  it("F17 ends the waiting by its signal, by the store's end, and by the trace's", async () => {
    const { store, prices } = await filled(1);
    const controller = new AbortController();
    const aborted = prices.asOf(9, { wait: true, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    const closed = prices.waitFor(9);
    const gone = expect(closed).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await store.close();
    await gone;

    const again = await filled(1);
    await using _ = again.store;
    const dropped = expect(again.prices.waitFor(9)).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await again.store.drop("prices");
    await dropped;
  });

  it("TT2 refuses what is below since, with the least time that can be read, which is since", async () => {
    const { store, prices } = await filled(6);
    await using _ = store;
    expect(prices.advanceSince(3)).toBe(3);
    for (const read of [
      prices.asOf(2),
      prices.changes({ after: 2, until: 4 }),
      prices.diff(2, 4),
      prices.hold({ at: 2 }),
    ])
      await expect(read).rejects.toMatchObject({
        code: "ZSPINE_TIME_PASSED",
        cause: { least: prices.since },
      });
    await store.commit();
    await store.compact();
    for (let time = 3; time < 6; time++) {
      using then = await prices.asOf(time);
      expect(await then.get("apple")).toEqual([{ value: time, weight: 1 }]);
    }
    // What there was as of 3, a retraction and an insertion at 4 and at 5.
    expect(prices.size).toBe(5);
  });

  it("refuses to go back, with ZSPINE_TIME_REGRESSED, and changes nothing", async () => {
    const { store, prices } = await filled(6);
    await using _ = store;
    prices.advanceSince(3);
    expect(() => prices.advance(5)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }));
    expect(() => prices.advanceSince(2)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }));
    expect([prices.since, prices.upper]).toEqual([3, 6]);
    prices.advance(6);
    expect(prices.advanceSince(3)).toBe(3);
  });

  it("keeps since below upper, whatever is asked for, and follows when upper goes on", async () => {
    const opened = await filled(3);
    await using _ = opened.store;
    expect(opened.prices.advanceSince(100)).toBe(2);
    await setPrice(opened, 3);
    expect(opened.prices.since).toBe(3);
  });

  it.each([1.5, NaN, Infinity, -Infinity, 2 ** 53, "1", null, undefined, 1n])(
    "refuses %s as a time, and changes nothing",
    async (time) => {
      const { store, prices } = await filled(2);
      await using _ = store;
      const wrong = time as number;
      const refusal = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }) as Error;
      expect(() => prices.insert(wrong, "pear", 1)).toThrow(refusal);
      expect(() => prices.insertAll(wrong, [])).toThrow(refusal);
      expect(() => prices.insertBatch(wrong, { key: [], value: [] })).toThrow(refusal);
      expect(() => prices.advance(wrong)).toThrow(refusal);
      expect(() => prices.advanceSince(wrong)).toThrow(refusal);
      expect(() => prices.expire(wrong)).toThrow(refusal);
      if (time !== undefined) await expect(prices.asOf(wrong)).rejects.toThrow(refusal);
      await expect(prices.changes({ after: wrong, until: 1 })).rejects.toThrow(refusal);
      await expect(prices.changes({ after: 0, until: wrong })).rejects.toThrow(refusal);
      if (time !== undefined) await expect(prices.hold({ at: wrong })).rejects.toThrow(refusal);
      expect([prices.size, prices.upper]).toEqual([3, 2]);
    },
  );

  it("F19 TT12 finish() ends readers that wait and subscriptions, refuses inserts, and lets history fold; once", async () => {
    const { store, prices } = await filled(4);
    await using _ = store;
    const seen: number[] = [];
    const following = (async () => {
      for await (const { until } of prices.subscribe()) seen.push(until);
    })();
    const waiting = prices.asOf(1000, { wait: true });
    prices.finish();
    prices.finish();
    expect(() => prices.insert(7, "apple", 1)).toThrow(
      expect.objectContaining({ code: "ZSPINE_TIME_PASSED" }),
    );
    expect(() => prices.advance(9)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }));
    await store.commit();
    expect(prices.upper).toBe(Infinity);
    await following;
    expect(seen.at(-1)).toBe(Number.MAX_SAFE_INTEGER);
    using late = await waiting;
    expect(await late.get("apple")).toEqual([{ value: 3, weight: 1 }]);
    late.close();
    prices.advanceSince(Number.MAX_SAFE_INTEGER);
    await store.commit();
    await store.compact();
    expect(prices.size).toBe(1);
    prices.finish();
    await store.commit();
  });

  it("F10 keeps negative, sparse and huge times, and jumps between them", async () => {
    const { store, prices } = await openPrices();
    await using _ = store;
    const times = [Number.MIN_SAFE_INTEGER, -1_000_000, -1, 0, 1, 2 ** 40, Number.MAX_SAFE_INTEGER - 1];
    for (const time of times) prices.insert(time, "apple", 1);
    prices.advance(Number.MAX_SAFE_INTEGER);
    await store.commit();
    for (const [at, time] of times.entries()) {
      using then = await prices.asOf(time);
      expect(await then.get("apple")).toEqual([{ value: 1, weight: at + 1 }]);
    }
    expect((await prices.times()).map(({ time }) => time)).toEqual(times);
  });

  it("TT3 tells of no change before its time is complete, not of the first time there is either", async () => {
    const { store, prices } = await openPrices();
    await using _ = store;
    prices.insert(Number.MIN_SAFE_INTEGER, "apple", 1);
    await store.commit();
    expect([await prices.history("apple"), await prices.times()]).toEqual([[], []]);
    prices.advance(Number.MIN_SAFE_INTEGER + 1);
    await store.commit();
    expect(await prices.history("apple")).toHaveLength(1);
  });

  it("F17 does nothing for a signal that has fired, whether there was something to wait for or not", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    const signal = AbortSignal.abort();
    for (const call of [
      prices.asOf(1, { signal }),
      prices.changes({ after: 0, until: 1, signal }),
      prices.waitFor(1, { signal }),
    ])
      await expect(call).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    expect(prices.explainSince().holders).toEqual([]);
  });

  it("refuses options that there are not, whichever call they are for", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    for (const wrong of [{ net: false }, { sgnal: undefined }, { signal: {} }, null])
      for (const call of [prices.diff(0, 1, wrong as never), prices.waitFor(1, wrong as never)])
        await expect(call).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
  });

  it("refuses a time for what takes none, and does not complete all of them", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    const calls = ["finish", "stats", "explainSince"] as const;
    for (const call of calls)
      expect(() => (prices[call] as (time: number) => unknown)(2)).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: [call] }),
      );
    await store.commit();
    expect(prices.upper).toBe(3);
    for (const [given, path] of [
      [{ after: 0, until: 1, net: true }, ["changesByTime", "net"]],
      [{ after: 0 }, ["changesByTime", "until"]],
      [5, ["changesByTime"]],
    ] as const)
      await expect(prices.changesByTime(given as never)).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
      });
  });

  it("F18 TT13 tells progress without rows, 100,000 times, in heads of one size", async () => {
    const { store, prices } = await openPrices();
    await using _ = store;
    const commits = [];
    for (let time = 1; time <= 100_000; time++) {
      prices.advance(time);
      if (time % 100 === 0) commits.push(store.commit());
    }
    await Promise.all(commits);
    expect(prices.upper).toBe(100_000);
    expect([prices.size, store.stats().memory.total < 100_000]).toEqual([0, true]);
  });
});
