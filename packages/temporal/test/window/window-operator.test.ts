import { IndexedZSet } from "@zspine/core";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { session, sliding, temporalTrace, tumbling, WindowOperator } from "../../src/index.ts";

const at = (time: number, ...keys: string[]) => ({
  time,
  rows: IndexedZSet.from(
    z.string(),
    z.int32(),
    keys.map((key) => ({ key, value: 1 })),
  ),
});

const boundsOf = (windows: Iterable<{ readonly start: number; readonly end: number }>) =>
  [...windows].map(({ start, end }) => [start, end]);

describe("WindowOperator", () => {
  it("takes what changesByTime() gives", async () => {
    await using store = await openStore();
    const prices = await temporalTrace(store, "prices", { key: z.string(), value: z.number() });
    prices.insert(3, "apple", 10);
    prices.insert(70, "apple", 10, -1);
    prices.insert(70, "apple", 12);
    prices.insert(125, "pear", 3);
    prices.advance(131);
    await store.commit();
    const operator = new WindowOperator<string, number>(tumbling({ size: 60 }));
    const changes = await prices.changesByTime({ after: -1, until: 130 });
    expect(boundsOf(operator.push(changes, 130))).toEqual([
      [0, 60],
      [60, 120],
    ]);
    expect(boundsOf(operator.finish())).toEqual([[120, 180]]);
  });

  it("closes a window with the last time in it, and not before", () => {
    const operator = new WindowOperator<string, number>(tumbling({ size: 10, offset: 5 }));
    expect([...operator.push([at(-5, "a")], 3)]).toEqual([]);
    expect(boundsOf(operator.push([at(4, "b")], 4))).toEqual([[-5, 5]]);
  });

  it("closes a session of a key while others of it go on", () => {
    const operator = new WindowOperator<string, number>(session({ gap: 5 }));
    const changes = [at(0, "a", "b"), at(4, "a"), at(8, "a")];
    expect(boundsOf(operator.push(changes, 8))).toEqual([[0, 5]]);
    expect([...operator.push([], 11)]).toEqual([]);
    expect(boundsOf(operator.push([], 12))).toEqual([[0, 13]]);
  });

  it("passes over a stretch in which nothing changes, however long", () => {
    const operator = new WindowOperator<string, number>(sliding({ size: 2, step: 1 }));
    const far = Number.MAX_SAFE_INTEGER;
    expect(boundsOf(operator.push([at(-far, "a"), at(0, "a"), at(far, "a")], far))).toEqual([
      [-far, -far + 1],
      [-far, -far + 2],
      [-1, 1],
      [0, 2],
      [far - 1, far + 1],
      [far, far + 1],
    ]);
  });

  it("gives windows as they are asked for, and what is left with the next", () => {
    const operator = new WindowOperator<string, number>(sliding({ size: Number.MAX_SAFE_INTEGER, step: 1 }));
    for (const { end } of operator.push([at(0, "a")], 0)) {
      expect(end).toBe(1);
      break;
    }
    for (const { start } of operator.push([at(1, "b")], 1)) {
      expect(start).toBe(2 - Number.MAX_SAFE_INTEGER);
      break;
    }
  });

  it("keeps only what is in windows that are not over", () => {
    const kept = (operator: WindowOperator<string, number>): number =>
      JSON.stringify(operator, (_, value: unknown) =>
        typeof value === "bigint" ? Number(value) : value instanceof IndexedZSet ? value.size : value,
      ).length;
    for (const kind of [tumbling({ size: 50 }), sliding({ size: 50, step: 10 }), session({ gap: 3 })]) {
      const operator = new WindowOperator<string, number>(kind);
      const least: number[] = [];
      for (let round = 0; round < 20; round++) {
        let most = 0;
        for (let time = round * 100; time < (round + 1) * 100; time += 5) {
          for (const { end } of operator.push([at(time, `${time % 7}`)], time))
            expect(end).toBeGreaterThan(0);
          most = Math.max(most, kept(operator));
        }
        least.push(most);
      }
      // Times have more digits.
      expect(least.at(-1)!).toBeLessThan(least[1]! * 1.3);
    }
  });

  it("refuses what goes back, comes before it is complete or is unlike; nothing is taken then", () => {
    const operator = new WindowOperator<string, number>(tumbling({ size: 10 }), { from: -1 });
    operator.push([at(3, "a")], 5);
    const refuse = (code: string, ...args: Parameters<typeof operator.push>) =>
      expect(() => operator.push(...args)).toThrow(expect.objectContaining({ code }));
    refuse("ZSPINE_TIME_REGRESSED", [], 4);
    refuse("ZSPINE_TIME_REGRESSED", [at(6, "b"), at(5, "b")], 9);
    refuse("ZSPINE_TIME_REGRESSED", [at(6, "b"), at(6, "b")], 9);
    refuse("ZSPINE_INVALID_OPTIONS", [at(6, "b"), at(10, "b")], 9);
    refuse("ZSPINE_INVALID_OPTIONS", [at(6, "b")], 9.5);
    refuse("ZSPINE_INVALID_OPTIONS", [at(6, "b"), { time: 7, rows: [] as never }], 9);
    refuse("ZSPINE_INVALID_OPTIONS", at(6, "b") as never, 9);
    refuse("ZSPINE_INVALID_OPTIONS", [at(6, "b"), null as never], 9);
    const other = IndexedZSet.from(z.int32(), z.int32(), [{ key: 1, value: 1 }]);
    refuse("ZSPINE_SCHEMA", [at(6, "b"), { time: 7, rows: other as never }], 9);
    const [window] = operator.push([at(6, "c")], 9);
    expect([...window!.rows.keys()]).toEqual(["a", "c"]);
  });

  it("refuses what is no kind, and no time to begin at", () => {
    const code = "ZSPINE_INVALID_OPTIONS";
    expect(() => new WindowOperator(tumbling as never)).toThrow(expect.objectContaining({ code }));
    const options = { from: 1.5 };
    expect(() => new WindowOperator(tumbling({ size: 1 }), options)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("tells from where to go on, also while no window is over", () => {
    const operator = new WindowOperator<string, number>(tumbling({ size: 10 }), { from: 4 });
    expect(operator.resumeFrom).toBe(9);
    operator.push([at(15, "a")], 18);
    expect(operator.resumeFrom).toBe(9);
    operator.push([], 40);
    expect(operator.resumeFrom).toBe(9);
    expect(new WindowOperator(tumbling({ size: 10 })).resumeFrom).toBeUndefined();
  });
});
