import { describe, expect, it } from "vitest";
import { hashColumn, type Cells } from "../../src/column/column.ts";
import type { HashSeed } from "../../src/engine.ts";
import { StagedIndex } from "../../src/batch/staged-index.ts";

const SEED: HashSeed = { k0: 3, k1: 4 };

// Costs as counts of steps: a column that counts how often it is asked.

class CountedColumn {
  readonly kind = "numeric";
  readonly tails = undefined;
  asked = 0;
  readonly #heads: Float64Array;

  constructor(heads: Float64Array) {
    this.#heads = heads;
  }

  get heads(): Float64Array {
    this.asked++;
    return this.#heads;
  }
}

/** How often `rows` rows of `keys` keys are looked at to be indexed, a few at a time as look-ups come in between. */
function stepsOf(rows: number, keys: number, atOnce: number): number {
  const column = new CountedColumn(Float64Array.from({ length: rows }, (_, row) => row % keys));
  const index = new StagedIndex(SEED);
  for (let until = atOnce; until <= rows; until += atOnce) index.catchUp([column], until);
  expect(index.length).toBe(rows);
  return column.asked;
}

describe("StagedIndex", () => {
  for (const keys of [1, 10, 20000]) {
    it(`takes steps in proportion to the rows when ${keys} keys share them`, () => {
      for (const atOnce of [1, 50, 20000]) expect(stepsOf(20000, keys, atOnce)).toBeLessThan(20000 * 4);
    });
  }

  it("finds all of a million rows of one key, newest first", () => {
    const rows = 1_000_000;
    const column: Cells = { kind: "numeric", heads: new Float64Array(rows).fill(7), tails: undefined };
    const index = new StagedIndex(SEED);
    index.catchUp([column], rows);
    const hash = hashOf(column);
    let expected = rows;
    for (let next = index.newest([column], [column], 0, hash); next !== 0; next = index.rowBefore(next - 1)) {
      if (next !== expected) expect(next).toBe(expected);
      expected--;
    }
    expect(expected).toBe(0);
  });

  const numbers = Float64Array.from({ length: 64 }, (_, row) => row);
  const starts = Uint32Array.from({ length: 65 }, (_, row) => row * 2);
  const columns: Readonly<Record<string, Cells>> = {
    heads: { kind: "numeric", heads: numbers, tails: undefined },
    tails: { kind: "numeric", heads: new Float64Array(64).fill(2 ** 60), tails: Int16Array.from(numbers) },
    bytes: { kind: "binary", starts, bytes: Uint8Array.from({ length: 128 }, (_, at) => (at % 2) * at) },
    lengths: {
      kind: "binary",
      starts: Uint32Array.from(starts, (_, n) => (n * (n + 1)) / 2),
      bytes: new Uint8Array(2080),
    },
  };
  for (const [what, column] of Object.entries(columns)) {
    it(`tells keys apart by their ${what} when their hashes are equal`, () => {
      const index = new StagedIndex(SEED);
      index.catchUp([column], 64);
      const hash = hashOf(column);
      // With the hash of row 0 no key but its own is found.
      for (let row = 0; row < 64; row++)
        expect(index.newest([column], [column], row, hash)).toBe(row === 0 ? 1 : 0);
    });
  }
});

/** The keyed hash of row 0. */
function hashOf(column: Cells): number {
  const hashes = new Uint32Array(1);
  hashColumn(column, hashes, 1, SEED);
  return hashes[0]!;
}
