import { IndexedZSet, type Row } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { followInserts } from "../../src/trace-kind.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };
const refusedCode = (code: string): unknown => expect.objectContaining({ code });

describe("followInserts()", () => {
  it("gives rows as they will be stored, once, before each insert of whatever kind, until it is ended", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    const told: Row<number, string>[][] = [];
    const stop = followInserts(trace, (rows) => {
      told.push([...rows]);
      return { insert: () => undefined, takeBack: () => undefined };
    });
    let reads = 0;
    trace.insert(1, "a", 2);
    trace.insertAll([
      { key: 2, value: "b" },
      {
        get key() {
          return ++reads;
        },
        value: "c",
        weight: -1,
      },
    ]);
    trace.insertBatch({ key: [4, -0], value: ["d", "e"] });
    trace.insertBatch(IndexedZSet.from(SCHEMAS.key, SCHEMAS.value, [{ key: 6, value: "f" }]));
    stop();
    stop();
    trace.insert(7, "g");
    expect(told).toEqual([
      [{ key: 1, value: "a", weight: 2 }],
      [
        { key: 2, value: "b", weight: 1 },
        { key: 1, value: "c", weight: -1 },
      ],
      [
        { key: 4, value: "d", weight: 1 },
        { key: 0, value: "e", weight: 1 },
      ],
      [{ key: 6, value: "f", weight: 1 }],
    ]);
    expect([reads, (await trace.count()).rows]).toEqual([1, 7]);
  });

  it("inserts what goes with rows, of all who follow, or nothing of anything when something is refused", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    const log: string[] = [];
    const follow = (name: string, failsAt: number) =>
      followInserts(trace, (rows) => {
        const [{ key }] = [...rows] as [Row<number, string>];
        if (key === failsAt) throw new RangeError(name);
        return {
          insert: () => {
            if (key === failsAt + 1) throw new RangeError(name);
            log.push(`+${name}${key}`);
          },
          takeBack: () => void log.push(`-${name}${key}`),
        };
      });
    follow("a", 10);
    const stop = follow("b", 20);
    trace.insert(1, "x");
    for (const key of [10, 11, 20, 21])
      expect(() => {
        trace.insert(key, "x");
      }).toThrow(RangeError);
    expect(() => {
      trace.insert(2, "x", 0.5);
    }).toThrow(refusedCode("ZSPINE_WEIGHT_RANGE") as Error);
    stop();
    trace.insert(21, "x");
    expect(log).toEqual(["+a1", "+b1", "+a21", "-a21", "+a2", "+b2", "-b2", "-a2", "+a21"]);
    expect((await trace.count()).rows).toBe(2);
  });

  it("refuses what is no trace, and what is no function", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    for (const given of [undefined, {}, store])
      expect(() => followInserts(given as never, () => undefined as never)).toThrow(
        refusedCode("ZSPINE_INVALID_OPTIONS") as Error,
      );
    expect(() => followInserts(trace, 7 as never)).toThrow(refusedCode("ZSPINE_INVALID_OPTIONS") as Error);
  });
});
