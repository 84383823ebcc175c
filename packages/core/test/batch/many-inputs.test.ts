import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SeededRandom } from "../../../conformance/src/random/seeded-random.ts";
import { layoutOf, type Layout } from "../../src/index.ts";
import { Batch, makePart, Merger, pickPart, slicePart, Slot, Staging, type Part } from "../../src/engine.ts";
import { NOWHERE } from "./nowhere.ts";

// The law: n batches of m rows in all cost O(m log n) to read and to merge, however small each is. Steps are counted:
// looks at a column of a row or a part. All rows have the same first column, so that heads never settle anything, and
// whatever compares or copies rows, or goes through parts, looks at columns.

const SEED = 20261130;

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

const SIZES = [128, 256, 512];
/** Looks at columns for each row and doubling of the batches: a comparison looks at two columns of two rows. */
const STEPS_MOST = 36;
/** How many times more steps twice as many batches may take: n log n takes 2.3 times as many, and of what is in the heap 2.5. */
const GROWTH_MOST = 2.5;

class Looks {
  count = 0;

  /** A part that tells of each look at one of its columns. */
  at(part: Part): Part {
    const columns = new Proxy(part.columns, {
      get: (target, name) => {
        if (typeof name === "string" && /^\d+$/.test(name)) this.count++;
        return Reflect.get(target, name) as unknown;
      },
    });
    return makePart(columns, part.weights);
  }
}

const deals: Readonly<Record<string, (row: number, n: number, random: SeededRandom) => number>> = {
  "one after another": (row, n) => row % n,
  "from the last to the first": (row, n) => n - 1 - (row % n),
  "at random": (_, n, random) => random.int(0, n - 1),
  "most to one": (_, n, random) => (random.chance(0.5) ? 0 : random.int(0, n - 1)),
};

/** Deals rows of values 0 to `rows` − 1 among `n` batches; each has one. */
function dealt(n: number, rows: number, deal: string): number[][] {
  const random = new SeededRandom(SEED);
  const lists: number[][] = Array.from({ length: n }, () => []);
  for (let row = 0; row < rows; row++) lists[row < n ? row : deals[deal]!(row, n, random)]!.push(row);
  const order = random.shuffle([...lists.keys()]);
  return deal === "at random" ? order.map((at) => lists[at]!) : lists;
}

/** A part of all rows, from which those of batches are picked. */
function partOfAll(rows: number): Part {
  const staging = new Staging(layout);
  for (let row = 0; row < rows; row++) staging.push(0, row, 1);
  return staging.seal()[0]!;
}

function pick({ columns }: Part, rows: readonly number[]): Part {
  return pickPart(columns, Uint32Array.from(rows), new Float64Array(rows.length).fill(1));
}

interface Case {
  readonly deal: string;
  readonly rowsEach: number;
  readonly reverse: boolean;
  readonly views: boolean;
  /** Rows of a slot, whether they have to be brought. */
  readonly slotRows: number;
  readonly isStored: boolean;
}

/** Takes the rows of a slot out of memory; its fences are the two rows of a part. */
function putAway(slot: Slot, fences: Part, stored: Map<Slot, Part>): void {
  stored.set(slot, slot.part!);
  slot.settle(NOWHERE, { part: fences, row: 0 }, { part: fences, row: 1 });
  slot.part = undefined;
}

/** Reads values and weights of a merge to its end, and brings what it waits for. */
function readAll(merger: Merger, stored: ReadonlyMap<Slot, Part>, fuel: number): [number, number][] {
  const found: [number, number][] = [];
  const take = (): void => {
    for (const { columns, weights } of merger.take())
      columns[1]!.heads.forEach((value, row) => found.push([value, weights[row]!]));
  };
  while (!merger.isDone) {
    const left = merger.work(fuel);
    take();
    if (left > 0) for (const source of merger.waiting()) merger.bring(source, [stored.get(source.slot)!]);
  }
  take();
  return found;
}

/** Reads `n` batches, and gives how many looks that took. */
function looksAt(n: number, { deal, rowsEach, reverse, views, slotRows, isStored }: Case): number {
  const looks = new Looks();
  const stored = new Map<Slot, Part>();
  const all = partOfAll(n * rowsEach);
  const inputs = dealt(n, n * rowsEach, deal).map((values) => {
    const slots: Slot[] = [];
    for (let from = 0; from < values.length; from += slotRows) {
      const rows = values.slice(from, from + slotRows);
      const part = looks.at(pick(all, rows));
      const slot = Slot.of(part);
      if (isStored) {
        const fences = looks.at(pick(all, [rows[0]!, rows.at(-1)!]));
        putAway(slot, fences, stored);
      }
      slots.push(slot);
    }
    return { batch: new Batch(layout, slots) };
  });
  looks.count = 0;
  const merger = new Merger(layout, inputs, { reverse, views, ...(views ? { partRows: 64 } : {}) });
  const found = readAll(merger, stored, 1000).map(([row]) => row);
  const expected = Array.from({ length: n * rowsEach }, (_, row) => row);
  expect(found).toEqual(reverse ? expected.reverse() : expected);
  return looks.count;
}

describe("Merger", () => {
  const shapes = [
    { rowsEach: 1, slotRows: 1, isStored: false },
    { rowsEach: 3, slotRows: 100, isStored: false },
    { rowsEach: 2, slotRows: 1, isStored: false },
    { rowsEach: 1, slotRows: 1, isStored: true },
    { rowsEach: 3, slotRows: 2, isStored: true },
  ];
  for (const deal of Object.keys(deals)) {
    for (const { rowsEach, slotRows, isStored } of shapes) {
      const what = `${rowsEach} rows each, dealt ${deal}, ${isStored ? "brought" : "in memory"} ${slotRows} at a time`;
      it(`takes steps in proportion to m log n for n batches of m rows in all: ${what}`, () => {
        for (const [reverse, views] of [
          [false, false],
          [false, true],
          [true, true],
        ] as const) {
          const looks = SIZES.map((n) => looksAt(n, { deal, rowsEach, reverse, views, slotRows, isStored }));
          SIZES.forEach((n, at) => {
            expect(looks[at]! / (n * rowsEach * Math.log2(n))).toBeLessThan(STEPS_MOST);
            if (at > 0) expect(looks[at]! / looks[at - 1]!).toBeLessThan(GROWTH_MOST);
          });
        }
      });
    }
  }

  it("adds up what many batches have in common, whatever of it is missing, in random programs", () => {
    const seed = Number(process.env["ZSPINE_SEED"] ?? SEED);
    const random = new SeededRandom(seed);
    for (let program = 0; program < 60; program++) {
      const n = random.int(1, 100);
      const range = random.pick([5, 50, 1000]);
      const sums = new Map<number, number>();
      const stored = new Map<Slot, Part>();
      const all = partOfAll(range);
      const inputs = Array.from({ length: n }, () => {
        const rows = random
          .shuffle(Array.from({ length: range }, (_, row) => row))
          .slice(0, random.int(0, 9));
        const { columns } = pick(
          all,
          rows.sort((a, b) => a - b),
        );
        const weights = Float64Array.from(rows, () => random.pick([-1, 1, 2]));
        rows.forEach((row, at) => sums.set(row, (sums.get(row) ?? 0) + weights[at]!));
        const whole = makePart(columns, weights);
        const slots: Slot[] = [];
        for (let from = 0, to = 0; from < rows.length; from = to) {
          to = Math.min(rows.length, from + random.int(1, 4));
          const slot = Slot.of(slicePart(whole, from, to));
          if (random.chance(0.3)) putAway(slot, pick(all, [rows[from]!, rows[to - 1]!]), stored);
          slots.push(slot);
        }
        return { batch: new Batch(layout, slots) };
      });
      const reverse = random.chance(0.3);
      const partRows = random.pick([1, 4, 32768]);
      const merger = new Merger(layout, inputs, { reverse, views: random.chance(0.5), partRows });
      const fuel = random.pick([1, 30, 1000]);
      const expected = [...sums]
        .filter(([, sum]) => sum !== 0)
        .sort(([a], [b]) => (a - b) * (reverse ? -1 : 1));
      expect(readAll(merger, stored, fuel), `seed ${seed}, program ${program}`).toEqual(expected);
    }
  });
});
