import { expect, it } from "vitest";
import type { Key } from "../../src/data/dataset.ts";
import { RowSource, columnsOfPiece, numberOfKey, tallyPiece, weightOf } from "../../src/durable/rows.ts";
import { Tally } from "../../src/durable/tally.ts";

it.each(["int", "text"] as const)("RowSource gives distinct %s rows, however they are asked for", (kind) => {
  const whole = new RowSource(kind, 5).next(2000);
  const keys: Key[] = [...whole.keys];
  const source = new RowSource(kind, 5);
  const pieces = [source.next(700), source.next(1300)];
  expect(pieces.flatMap(({ values }) => [...values])).toEqual([...whole.values]);
  expect(pieces.flatMap((piece): Key[] => [...piece.keys])).toEqual(keys);
  const rows = new Set(keys.map((key, row) => `${key} ${whole.values[row]}`));
  expect(rows.size).toBe(2000);
  expect(new Set(keys).size).toBe(1750);
  expect(keys.map(numberOfKey)).toEqual([...whole.numbers]);
  expect([...whole.weights]).toEqual(Array.from({ length: 2000 }, (_, row) => weightOf(row)));
});

it("RowSource makes text keys of 12 bytes", () => {
  for (const key of new RowSource("text", 5).next(100).keys) expect(key).toMatch(/^id-\d{9}$/);
});

it("columnsOfPiece() gives the rows from one to the other", () => {
  const piece = new RowSource("text", 5).next(10);
  const { key, value, weight } = columnsOfPiece(piece, 2, 5);
  expect([...key]).toEqual([...piece.keys].slice(2, 5));
  expect([...value]).toEqual([...piece.values].slice(2, 5));
  expect([...weight]).toEqual([...piece.weights].slice(2, 5));
});

it("Tally is the same whatever the order, and another when a row is changed, lost or doubled", () => {
  const rows = [
    [1, 2, 1],
    [1, 3, -1],
    [7, 2, 1],
  ] as const;
  const checksumOf = (some: readonly (readonly [number, number, number])[]): number => {
    const tally = new Tally("int");
    for (const [number, value, weight] of some) tally.add(number, value, weight);
    return tally.checksum;
  };
  const whole = checksumOf(rows);
  expect(checksumOf(rows.toReversed())).toBe(whole);
  const others = [
    rows.slice(1),
    [...rows, rows[0]],
    [rows[0], rows[1], [7, 2, -1] as const],
    [rows[0], rows[1], [2, 7, 1] as const],
  ];
  for (const other of others) expect(checksumOf(other)).not.toBe(whole);
});

it("tallyPiece() adds up rows and what a scan of them gives", () => {
  const tally = new Tally("text");
  const piece = new RowSource("text", 3).next(64);
  tallyPiece(tally, piece);
  expect(tally).toMatchObject({ rows: 64, totalWeight: 48 });
  const sum = piece.numbers.reduce(
    (before, number, row) => before + 48 + (number % 10) + piece.values[row]! + piece.weights[row]!,
    0,
  );
  expect(tally.scanSum).toBe(sum | 0);
});
