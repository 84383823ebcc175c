import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import {
  addWeights,
  Batch,
  compareRows,
  makePart,
  Merger,
  pickRows,
  rangeFinder,
  readRow,
  slicePart,
  Slot,
  Staging,
  withTime,
  type Lens,
  type Part,
  type Timed,
} from "../../src/engine.ts";
import { NOWHERE } from "./nowhere.ts";
import type { Column } from "../../src/column/column.ts";

const SEED = 20261129;

const layout: Layout<string, number> = layoutOf(z.string(), z.int32());
const timed: Layout<string, Timed<number>> = withTime(layout);

/** A row at a time; seen without times they are all 0. */
type Row = readonly [key: string, value: number, time: number, weight: number];

/** A lens, the layout of what is seen, and what is seen of a row, if it is. */
interface Seen {
  readonly lens: Lens;
  readonly layout: Layout;
  seen(row: Row): Row | undefined;
}

/** The chosen rows of a part in other columns, equal neighbours added up. */
function fold(part: Part, columns: readonly Column[], isSeen: (row: number) => boolean): Part {
  const all = makePart(columns, part.weights);
  const rows: number[] = [];
  const weights: number[] = [];
  for (const [row, weight] of part.weights.entries()) {
    if (!isSeen(row)) continue;
    const before = rows.at(-1);
    if (before !== undefined && compareRows(all, before, all, row, 0, columns.length) === 0)
      weights.push(addWeights(weights.pop()!, weight));
    else {
      rows.push(row);
      weights.push(weight);
    }
  }
  const kept = Uint32Array.from(rows.filter((_, at) => weights[at] !== 0));
  return makePart(
    columns.map((column) => pickRows(column, kept)),
    Float64Array.from(weights.filter((weight) => weight !== 0)),
  );
}

/** Rows of times after one, up to another, without their times. */
function windowOf(after: number, until: number): Seen {
  const isIn = (time: number): boolean => time > after && time <= until;
  return {
    layout,
    lens: {
      meets: ({ least, most }) => most > after && least <= until,
      see: (part) => fold(part, part.columns.slice(0, -1), (row) => isIn(part.columns.at(-1)!.heads[row]!)),
      seeWhole: () => undefined,
    },
    seen: ([key, value, time, weight]) => (isIn(time) ? [key, value, 0, weight] : undefined),
  };
}

/** All rows, none of a time below `since`. */
function advanceTo(since: number): Seen {
  return {
    layout: timed,
    lens: {
      meets: () => true,
      see(part) {
        if (part.least >= since) return part;
        const heads = part.columns.at(-1)!.heads.map((time) => Math.max(time, since));
        const columns = [...part.columns.slice(0, -1), { kind: "numeric" as const, heads, tails: undefined }];
        return fold(part, columns, () => true);
      },
      seeWhole: () => undefined,
    },
    seen: ([key, value, time, weight]) => [key, value, Math.max(time, since), weight],
  };
}

function partsOf(rows: readonly Row[]): readonly Part[] {
  const staging = new Staging(timed);
  for (const [key, value, time, weight] of rows) staging.push(key, { value, time }, weight);
  return staging.seal();
}

function read(parts: readonly Part[], of: Layout): Row[] {
  return parts.flatMap((part) =>
    [...part.weights].map((weight, at): Row => {
      const value = readRow(of.value, part.columns, at) as number | Timed<number>;
      const row = typeof value === "number" ? { value, time: 0 } : value;
      return [readRow(of.key, part.columns, at) as string, row.value, row.time, weight];
    }),
  );
}

const byPoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Adds up rows as they are seen, in their order. */
function reference(rows: readonly Row[], { seen }: Seen): Row[] {
  const sums = new Map<string, Row>();
  for (const one of rows) {
    const found = seen(one);
    if (found === undefined) continue;
    const [key, value, time, weight] = found;
    const id = JSON.stringify([key, value, time]);
    sums.set(id, [key, value, time, (sums.get(id)?.[3] ?? 0) + weight]);
  }
  return [...sums.values()]
    .filter(([, , , weight]) => weight !== 0)
    .toSorted((a, b) => byPoints(a[0], b[0]) || a[1] - b[1] || a[2] - b[2]);
}

/** A batch in slots of so many rows, of which some are not in memory; `stored` finds the rows of those. */
function cut({ rows, size, missing }: Input, stored: Map<Slot, Part>): Batch {
  const [whole] = partsOf(rows);
  const slots: Slot[] = [];
  for (let from = 0; from < (whole?.weights.length ?? 0); from += size) {
    const part = slicePart(whole!, from, Math.min(from + size, whole!.weights.length));
    const slot = Slot.of(part);
    if (missing[slots.length % missing.length]!) {
      const ends = Uint32Array.of(0, part.weights.length - 1);
      const fences = makePart(
        part.columns.map((column) => pickRows(column, ends)),
        new Float64Array(2),
      );
      slot.settle(NOWHERE, { part: fences, row: 0 }, { part: fences, row: 1 });
      slot.part = undefined;
      stored.set(slot, part);
    }
    slots.push(slot);
  }
  return new Batch(timed, slots);
}

/** Brings what the merger waits for: of each input so many slots ahead. */
function bring(merger: Merger, stored: ReadonlyMap<Slot, Part>, reverse: boolean, ahead: number): void {
  const waiting = merger.waiting();
  if (waiting.length === 0) expect.fail("it waits for nothing");
  for (const source of waiting) {
    const { from, to } = source.missing();
    const slots = source.batch.slots.slice(from, merger.endOfUnread(source, to));
    if (reverse) slots.reverse();
    merger.bring(
      source,
      slots.slice(0, 1 + ahead).map((slot) => slot.part ?? stored.get(slot)!),
    );
  }
}

interface Input {
  readonly rows: readonly Row[];
  readonly size: number;
  readonly missing: readonly boolean[];
}

const key = fc.constantFrom("", "user-1", "user-10", "user-2", "é", "😀");
// Few keys and values and many times: histories that reach over many slots, and weights that cancel.
const rowOfTimes = fc.tuple(
  key,
  fc.constantFrom(0, 0, 0, 1),
  fc.integer({ min: -3, max: 12 }),
  fc.integer({ min: -2, max: 2 }),
);
const inputs: fc.Arbitrary<Input[]> = fc.array(
  fc.record({
    rows: fc.array(rowOfTimes, { maxLength: 60, size: "max" }),
    size: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 30 })),
    missing: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const time = fc.integer({ min: -4, max: 13 });
const seen: fc.Arbitrary<Seen> = fc.oneof(
  fc.tuple(time, time).map(([after, until]) => windowOf(after, until)),
  time.map(advanceTo),
);
const course = fc.record({
  fuel: fc.integer({ min: 1, max: 9 }),
  partRows: fc.integer({ min: 1, max: 9 }),
  ahead: fc.nat(3),
  reverse: fc.boolean(),
  views: fc.boolean(),
});

describe("Merger through a lens", () => {
  it("adds up what is seen, whatever is missing, in either direction, in any range", () => {
    fc.assert(
      fc.property(inputs, seen, course, fc.option(fc.tuple(key, key)), (given, through, how, bounds) => {
        const { fuel, partRows, ahead, reverse, views } = how;
        const stored = new Map<Slot, Part>();
        const range = bounds === null ? undefined : rangeFinder(timed, { gte: bounds[0], lte: bounds[1] });
        const batches = given.map((input) => cut(input, stored));
        const merger = new Merger(
          through.layout,
          batches.map((batch) => ({ batch, range })),
          { reverse, partRows, views, lens: through.lens },
        );
        const found: Part[] = [];
        for (let slices = 0; !merger.isDone; slices++) {
          if (slices >= 2000) expect.fail("it does not come to an end");
          const left = merger.work(fuel);
          found.push(...merger.take());
          if (!merger.waiting().every(({ slot }) => through.lens.meets(slot)))
            expect.fail("it waits for a slot that the lens leaves out");
          if (left > 0 && !merger.isDone) bring(merger, stored, reverse, ahead);
        }
        found.push(...merger.take());
        if (found.some(({ weights }) => weights.length === 0)) expect.fail("a part has no rows");
        const isWithin = ([name]: Row): boolean =>
          bounds === null || (byPoints(bounds[0], name) <= 0 && byPoints(name, bounds[1]) <= 0);
        const rows = given.flatMap((input) => input.rows).filter(isWithin);
        const expected = reference(rows, through);
        expect(read(found, through.layout)).toEqual(reverse ? expected.reverse() : expected);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it("hands over unread, and shares, what the lens leaves as it is and nothing else comes to equal", () => {
    let shared = 0;
    let unread = 0;
    fc.assert(
      fc.property(inputs, time, course, (given, since, { fuel, partRows, ahead }) => {
        const through = advanceTo(since);
        const stored = new Map<Slot, Part>();
        const batches = given.map((input) => cut(input, stored));
        const carries = new Set(batches.flatMap((batch) => slotsAlone(batch, batches, since)));
        const merger = new Merger(
          timed,
          batches.map((batch) => ({ batch })),
          { carries, partRows, lens: through.lens },
        );
        const slots: Slot[] = [];
        for (let slices = 0; !merger.isDone; slices++) {
          if (slices >= 2000) expect.fail("it does not come to an end");
          const left = merger.work(fuel);
          slots.push(...merger.takeSlots());
          if (left > 0 && !merger.isDone) bring(merger, stored, false, ahead);
        }
        slots.push(...merger.takeSlots());
        const found = new Set(batches.flatMap((batch) => batch.slots));
        const out = new Set(slots);
        if (![...carries].every((slot) => out.has(slot))) expect.fail("a slot was read that need not be");
        if (!slots.every((slot) => slot.home === undefined || carries.has(slot)))
          expect.fail("a slot was handed over that had to be read");
        unread += carries.size;
        shared += slots.filter((slot) => found.has(slot) && slot.home === undefined).length;
        const rows = read(
          slots.map((slot) => slot.part ?? stored.get(slot)!),
          timed,
        );
        // They are a batch, and none of its rows is another's but for its time.
        expect(new Batch(timed, slots).length).toBe(rows.length);
        expect(rows.map((row) => through.seen(row))).toEqual(
          reference(
            given.flatMap((input) => input.rows),
            through,
          ),
        );
      }),
      { seed: SEED, numRuns: 1500 },
    );
    expect(Math.min(shared, unread)).toBeGreaterThan(500);
  });

  it("counts what it holds back among what it keeps in memory", () => {
    const whole = Batch.of(timed, partsOf([["a", 1, 1, 1]]));
    const next = Batch.of(timed, partsOf([["b", 1, 1, 1]]));
    const merger = new Merger(timed, [{ batch: whole }, { batch: next }], {
      partRows: 1,
      lens: advanceTo(5).lens,
    });
    merger.work(1);
    expect(merger.take()).toEqual([]);
    expect(read(merger.held.finished as Part[], timed)).toEqual([["a", 1, 5, 1]]);
  });
});

/** The stored slots that a merge need not read: no other row comes to equal one of theirs, nor do two of their own. */
function slotsAlone(batch: Batch, batches: readonly Batch[], since: number): Slot[] {
  const width = timed.kinds.length - 1;
  const areApart = (slot: Slot | undefined, next: Slot | undefined): boolean =>
    slot === undefined ||
    next === undefined ||
    compareRows(slot.upperPart, slot.upperRow, next.lowerPart, next.lowerRow, 0, width) < 0;
  return batch.slots.filter((slot, at) => {
    if (slot.home === undefined) return false;
    const isSettled =
      slot.least > since ||
      (slot.least === slot.most &&
        areApart(batch.slots[at - 1], slot) &&
        areApart(slot, batch.slots[at + 1]));
    return (
      isSettled &&
      batches.every(
        (other) =>
          other === batch ||
          other.slotsBelow(slot.lowerPart, slot.lowerRow, width, 0) >=
            other.slotsUpTo(slot.upperPart, slot.upperRow, width, 1),
      )
    );
  });
}
