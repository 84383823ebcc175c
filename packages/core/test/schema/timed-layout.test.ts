import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "../../src/index.ts";
import {
  Batch,
  readRow,
  slicePart,
  Slot,
  Staging,
  withTime,
  type Part,
  type Timed,
} from "../../src/engine.ts";

const layout = layoutOf(z.string(), z.object({ n: z.int32(), t: z.string() }));
const timed = withTime(layout);

describe("withTime()", () => {
  it("adds one numeric column, the last, and says so", () => {
    expect(timed.kinds).toEqual([...layout.kinds, "numeric"]);
    expect([timed.keyColumns, timed.isTimed, layout.isTimed]).toEqual([layout.keyColumns, true, undefined]);
    expect(timed.value.columns).toBe(layout.value.columns + 1);
  });

  it("leaves the columns of rows without it where they are", () => {
    const plain = new Staging(layout);
    const rows = new Staging(timed);
    for (const n of [3, 1, 2]) {
      plain.push("k", { n, t: `${n}` }, 1);
      rows.push("k", { value: { n, t: `${n}` }, time: 10 - n }, 1);
    }
    const columns = rows.seal()[0]!.columns;
    expect(columns.slice(0, -1)).toEqual(plain.seal()[0]!.columns);
    expect([...columns.at(-1)!.heads]).toEqual([9, 8, 7]);
    expect(readRow(layout.value, columns, 0)).toEqual({ n: 1, t: "1" });
    expect(readRow(timed.value, columns, 0)).toEqual({ value: { n: 1, t: "1" }, time: 9 });
  });

  it("orders rows by key, value and time, whatever safe integer that is, and tells which times there are", () => {
    const staging = new Staging(timed);
    const times = [5, Number.MAX_SAFE_INTEGER, -3, Number.MIN_SAFE_INTEGER, 0];
    for (const key of ["b", "a"])
      for (const time of times) staging.push(key, { value: { n: 1, t: "" }, time }, 1);
    const batch = Batch.of(timed, staging.seal());
    const [{ columns }] = batch.parts as [Batch["parts"][number]];
    const found = Array.from({ length: batch.length }, (_, at) => {
      const { time } = readRow(timed.value, columns, at) as Timed<unknown>;
      return [readRow(timed.key, columns, at), time];
    });
    const sorted = times.toSorted((a, b) => a - b);
    expect(found).toEqual(["a", "b"].flatMap((key) => sorted.map((time) => [key, time])));
    expect([batch.least, batch.most]).toEqual([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
    const slots = [2, 5, 8].map((at) => Slot.of(slicePart(batch.parts[0]!, at, at + 1)));
    expect(slots.map(({ least, most }) => [least, most])).toEqual(
      [0, Number.MIN_SAFE_INTEGER, 5].map((t) => [t, t]),
    );
    const some = new Batch(timed, slots).only(({ least }) => least >= 0);
    expect([some.slots, some.least, some.most]).toEqual([[slots[0], slots[2]], 0, 5]);
    expect(some.only(() => true)).toBe(some);
  });

  it("has sums of as many rows as a slot has, and in rows without times of one", () => {
    const rows = [-4, 4, 1000];
    const staging = new Staging(timed);
    const plain = new Staging(layout);
    for (const [n, weight] of rows.entries()) {
      staging.push("k", { value: { n: 1, t: "" }, time: n }, weight);
      plain.push("k", { n, t: "" }, weight);
    }
    const [part] = staging.seal() as [Part];
    const slots = [slicePart(part, 0, 2), slicePart(part, 2, 3)].map((some) => Slot.of(some));
    expect(new Batch(timed, slots).sumBound).toBe(2 * 4 + 1000);
    expect(Batch.of(layout, plain.seal()).sumBound).toBe(1000);
  });

  it("refuses a time that is no safe integer, and no time", () => {
    const staging = new Staging(timed);
    for (const time of [0.5, NaN, Infinity, 2 ** 53, "1", 1n, undefined, null]) {
      const value = { value: { n: 1, t: "" }, time } as unknown as Timed<{ n: number; t: string }>;
      expect(() => staging.push("k", value, 1), String(time)).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["time"] }),
      );
    }
    expect(staging.seal()).toEqual([]);
  });

  it("has the schemas check the value itself, and a fingerprint of its own", () => {
    const even = withTime(
      layoutOf(
        z.int32(),
        z.int32().refine((n) => n % 2 === 0),
      ),
    );
    expect(() => {
      even.validate(1, { value: 2, time: 1 });
    }).not.toThrow();
    expect(() => {
      even.validate(1, { value: 1, time: 2 });
    }).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
    expect(timed.fingerprint).not.toBe(layout.fingerprint);
    expect(timed.fingerprint).toBe(withTime(layout).fingerprint);
  });
});
