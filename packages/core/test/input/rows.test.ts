import { describe, expect, it } from "vitest";
import { z } from "zod";
import { IndexedZSet, refused as refusedAt, ZSet } from "../../src/index.ts";
import { BUILT_INS } from "./built-ins.ts";

// What is not a row, and not columns, is refused: it would be a row of nothing where all may be absent.

const OTHERS: readonly (readonly [string, unknown])[] = [...BUILT_INS, ["a number", 5], ["null", null]];
const MAYBE = z.int32().optional();
const refused = (...path: readonly unknown[]): unknown =>
  expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path });

class Update {
  get key(): number {
    return 7;
  }
  get value(): number {
    return 8;
  }
}

class Columns {
  readonly key = [1];
  readonly value = [2];
}

describe("what is no row is refused", () => {
  it.each(OTHERS)("%s is none of key and value, nor an item", (_, row) => {
    expect(() => IndexedZSet.from(MAYBE, MAYBE, [row as never])).toThrowError(refused("rows", 0));
    expect(() => ZSet.from(MAYBE, [row as never])).toThrowError(refused("rows", 0));
  });

  it("an object of a class is one, whose getters tell its key and value, and so is one without names", () => {
    const rows = [new Update(), {} as { key: undefined; value: undefined }];
    expect([...IndexedZSet.from(MAYBE, MAYBE, rows)].map(({ key, value }) => [key, value])).toEqual([
      [undefined, undefined],
      [7, 8],
    ]);
  });

  it("an object of a class is columns, unless it has nearly one that it lacks", () => {
    const columns = new Columns();
    expect(IndexedZSet.fromColumns(z.int32(), z.int32(), columns).size).toBe(1);
    const others = Object.assign(new Columns(), { rows: 1, weight: [3], weights: [2] });
    expect(IndexedZSet.fromColumns(z.int32(), z.int32(), others).totalWeight).toBe(3);
    const misspelt = Object.assign(new Columns(), { weights: [2] });
    expect(() => IndexedZSet.fromColumns(z.int32(), z.int32(), misspelt)).toThrowError(
      refused("columns", "weights"),
    );
  });
});

it("an error writes of a path without end its beginning", () => {
  const path = Array.from({ length: 100_000 }, (_, at) => (at % 2 === 0 ? "a".repeat(10_000) : at));
  const error = refusedAt(path, "less", undefined);
  expect(error.message.length).toBeLessThan(300);
  expect(error.path).toBe(path);
});
