import { describe, expect, it } from "vitest";
import type { LateRows } from "../../src/index.ts";
import { filled, stoppedClock } from "../sample.ts";

async function valuesAt(
  prices: Awaited<ReturnType<typeof filled>>["prices"],
  time: number,
  key = "pear",
): Promise<number[]> {
  using then = await prices.asOf(time);
  return (await then.get(key)).map(({ value }) => value);
}

describe("rows that come late", () => {
  it("F6 TT16 are refused by default, with the rows, and counted", async () => {
    const { store, prices } = await filled(4);
    await using _ = store;
    for (const time of [3, 2]) {
      const cause = { time, upper: 4, rows: [{ key: "pear", value: 1, weight: 2 }] };
      expect(() => prices.insert(time, "pear", 1, 2)).toThrow(
        expect.objectContaining({ code: "ZSPINE_TIME_PASSED", path: ["time"], cause }),
      );
    }
    const many = [
      { key: "pear", value: 1 },
      { key: "fig", value: 2 },
    ];
    expect(() => prices.insertAll(1, many)).toThrow(
      expect.objectContaining({ cause: { time: 1, upper: 4, rows: many } }),
    );
    expect(prices.lateCounts).toEqual({ rejected: 4, advanced: 0, accepted: 0, diverted: 0 });
    expect(prices.size).toBe(7);
    prices.insert(4, "pear", 1);
  });

  it("F6 TT16 are inserted at upper by `advance`", async () => {
    const { store, prices } = await filled(4, { late: "advance" });
    await using _ = store;
    prices.insert(3, "pear", 1);
    prices.insertBatch(-50, { key: ["fig"], value: [2] });
    prices.advance(5);
    await store.commit();
    expect([await valuesAt(prices, 3), await valuesAt(prices, 4), await valuesAt(prices, 4, "fig")]).toEqual([
      [],
      [1],
      [2],
    ]);
    expect(prices.lateCounts).toEqual({ rejected: 0, advanced: 2, accepted: 0, diverted: 0 });
  });

  it("F6 TT16 correct history by `accept`, down to since and no further", async () => {
    const { store, prices } = await filled(4, { late: "accept" });
    await using _ = store;
    prices.advanceSince(1);
    prices.insert(3, "pear", 3);
    prices.insert(1, "pear", 1);
    expect(() => prices.insert(0, "pear", 0)).toThrow(/time 0 came late.*those below 1 are folded/);
    await store.commit();
    expect([await valuesAt(prices, 1), await valuesAt(prices, 2), await valuesAt(prices, 3)]).toEqual([
      [1],
      [1],
      [1, 3],
    ]);
    expect(prices.lateCounts).toEqual({ rejected: 1, advanced: 0, accepted: 2, diverted: 0 });
  });

  it("F6 do not correct what a subscription or a hold was given: nobody would be told", async () => {
    const { store, prices } = await filled(4, { late: "accept" });
    await using _ = store;
    const following = prices.subscribe()[Symbol.asyncIterator]();
    expect((await following.next()).value).toMatchObject({ until: 3 });
    expect(() => prices.insert(3, "pear", 1)).toThrow(/changes up to 3 were given/);
    await following.return?.();
    prices.insert(3, "pear", 1);
    using hold = await prices.hold({ at: 1 });
    expect(() => prices.insert(hold.at, "pear", 1)).toThrow(/changes up to 1 were given/);
    prices.insert(2, "pear", 1);
  });

  it("F6 F14 correct what a hold counted that has expired: it is told of nothing any more", async () => {
    const clock = stoppedClock();
    const { store, prices } = await filled(4, { late: "accept", environment: clock.environment });
    await using _ = store;
    const terms = { lease: 100, renewal: "manually" } as const;
    const holds = [await prices.hold(terms), await prices.hold({ ...terms, name: "replica" })];
    expect(() => {
      prices.insert(2, "pear", 1);
    }).toThrow(/were given/);
    clock.pass(200);
    expect(holds.map(({ state }) => state)).toEqual(["expired", "expired"]);
    prices.insert(2, "pear", 1);
    await store.commit();
    using then = await prices.asOf(2);
    expect(await then.has("pear")).toBe(true);
  });

  it("F6 are diverted to who wants them by `divert`", async () => {
    const diverted: LateRows<string, number>[] = [];
    const { store, prices } = await filled(4, { late: "divert", onLate: (rows) => diverted.push(rows) });
    await using _ = store;
    prices.insert(2, "pear", 1);
    expect(diverted).toEqual([{ time: 2, upper: 4, rows: [{ key: "pear", value: 1, weight: 1 }] }]);
    expect([prices.size, prices.lateCounts.diverted]).toEqual([7, 1]);
  });

  it("F6 are diverted as rows of the schemas only: what is none is refused, and nobody is given it", async () => {
    const diverted: LateRows<string, number>[] = [];
    const { store, prices } = await filled(4, { late: "divert", onLate: (rows) => diverted.push(rows) });
    await using _ = store;
    for (const row of [null, { key: 5, value: 1 }, { key: "pear" }, { key: "pear", value: 1, weight: 0.5 }])
      expect(() => {
        prices.insertAll(2, [{ key: "fig", value: 1 }, row as never]);
      }).toThrow(expect.objectContaining({ code: expect.stringMatching(/INVALID_OPTIONS|WEIGHT_RANGE/) }));
    expect([diverted, prices.lateCounts.diverted]).toEqual([[], 0]);
  });

  it("F6 cannot come to be so while they are taken: upper stays, and none is applied", async () => {
    for (const late of ["reject", "advance", "accept"] as const) {
      const { store, prices } = await filled(4, { late });
      await using _ = store;
      for (const move of [
        () => {
          prices.advance(9);
        },
        () => {
          prices.finish();
        },
      ]) {
        expect(() => {
          prices.insertAll(
            4,
            (function* () {
              yield { key: "pear", value: 1 };
              move();
            })(),
          );
        }).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
      }
      prices.advance(5);
      await store.commit();
      using then = await prices.asOf(4);
      expect(await then.has("pear")).toBe(false);
    }
  });
});
