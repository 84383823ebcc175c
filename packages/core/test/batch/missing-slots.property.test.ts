import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import {
  Batch,
  Merger,
  pickRows,
  makePart,
  rangeFinder,
  readRow,
  slicePart,
  Slot,
  Staging,
  type Part,
} from "../../src/engine.ts";
import { NOWHERE } from "./nowhere.ts";

const SEED = 20261128;

const layout: Layout<string, number> = layoutOf(z.string(), z.int32());

type Row = readonly [key: string, value: number, weight: number];

const key = fc.oneof(
  fc.constantFrom("", "user-1", "user-10", "user-2", "user-000001", "user-000002", "user-0000021", "é", "😀"),
  fc.string({ unit: "binary", maxLength: 9 }),
);
const row: fc.Arbitrary<Row> = fc.tuple(
  key,
  fc.integer({ min: -2, max: 2 }),
  fc.integer({ min: -2, max: 2 }),
);

function partsOf(rows: readonly Row[]): readonly Part[] {
  const staging = new Staging(layout);
  for (const [k, v, w] of rows) staging.push(k, v, w);
  return staging.seal();
}

function read(parts: readonly Part[]): Row[] {
  return parts.flatMap((part) =>
    [...part.weights].map((weight, at): Row => [
      readRow(layout.key, part.columns, at) as string,
      readRow(layout.value, part.columns, at) as number,
      weight,
    ]),
  );
}

/** A batch in slots of so many rows, of which some are not in memory; `stored` finds the rows of those. */
function cut(
  rows: readonly Row[],
  size: number,
  isMissing: (slot: number) => boolean,
  stored: Map<Slot, Part>,
) {
  const [whole] = partsOf(rows);
  const slots: Slot[] = [];
  for (let from = 0; from < (whole?.weights.length ?? 0); from += size) {
    const part = slicePart(whole!, from, Math.min(from + size, whole!.weights.length));
    const slot = Slot.of(part);
    if (isMissing(slots.length)) {
      const last = part.weights.length - 1;
      const columns = part.columns.map((column) => pickRows(column, Uint32Array.of(0, last)));
      const fences = makePart(columns, new Float64Array(2));
      slot.settle(NOWHERE, { part: fences, row: 0 }, { part: fences, row: 1 });
      // Some of what lies elsewhere is in memory as well.
      if (slots.length % 3 > 0) slot.part = undefined;
      stored.set(slot, part);
    }
    slots.push(slot);
  }
  return new Batch(layout, slots);
}

/** Brings what the merger waits for: of each input so many parts ahead, or only of the first. */
function bring(merger: Merger, stored: ReadonlyMap<Slot, Part>, ahead: number): number {
  const waiting = merger.waiting();
  for (const source of waiting) {
    const { from, to } = source.missing();
    const slots = source.batch.slots.slice(from, to);
    const next =
      from === source.slots.from && source.slot === slots.at(-1) && from + 1 < to ? slots.reverse() : slots;
    const parts: Part[] = [];
    for (const slot of next.slice(0, 1 + ahead)) {
      const part = slot.part ?? stored.get(slot);
      parts.push(part!);
    }
    merger.bring(source, parts);
  }
  return waiting.length;
}

const inputs = fc.array(
  fc.record({
    rows: fc.array(row, { maxLength: 40 }),
    size: fc.integer({ min: 1, max: 7 }),
    missing: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
  }),
  { minLength: 1, maxLength: 5 },
);

describe("Merger over slots that are not in memory", () => {
  it("reads what it reads when all are, whatever is missing, in either direction, in any range", () => {
    fc.assert(
      fc.property(
        inputs,
        fc.record({
          fuel: fc.integer({ min: 1, max: 9 }),
          partRows: fc.integer({ min: 1, max: 9 }),
          ahead: fc.nat(3),
          reverse: fc.boolean(),
          views: fc.boolean(),
        }),
        fc.option(fc.tuple(key, key)),
        (given, { fuel, partRows, ahead, reverse, views }, bounds) => {
          const stored = new Map<Slot, Part>();
          const cutInputs = given.map(({ rows, size, missing }) =>
            cut(rows, size, (slot) => missing[slot % missing.length]!, stored),
          );
          const range = bounds === null ? undefined : rangeFinder(layout, { gte: bounds[0], lte: bounds[1] });
          const whole = given.map(({ rows }) => ({ batch: Batch.of(layout, partsOf(rows)), range }));
          const expected = new Merger(layout, whole, { reverse });
          expected.work(Infinity);
          const merger = new Merger(
            layout,
            cutInputs.map((batch) => ({ batch, range })),
            { reverse, partRows, views },
          );
          const found: Part[] = [];
          for (let slices = 0; !merger.isDone; slices++) {
            if (slices >= 2000) expect.fail("it does not come to an end");
            const left = merger.work(fuel);
            found.push(...merger.take());
            if (left > 0 && !merger.isDone && bring(merger, stored, ahead) === 0)
              expect.fail("it waits for nothing");
          }
          found.push(...merger.take());
          expect(read(found)).toEqual(read(expected.take()));
        },
      ),
      { seed: SEED, numRuns: 1500 },
    );
  });

  it("hands over unread what lies apart from all other inputs, in its place, and shares of the rest what is unwritten", () => {
    const sizes = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(inputs, sizes, sizes, fc.boolean(), (given, fuel, partRows, isAll) => {
        const stored = new Map<Slot, Part>();
        const batches = given.map(({ rows, size, missing }) =>
          cut(rows, size, (slot) => missing[slot % missing.length]!, stored),
        );
        const carries = new Set<Slot>();
        const width = layout.kinds.length;
        for (const batch of batches) {
          for (const slot of batch.slots) {
            const isApart = batches.every((other) => {
              if (other === batch) return true;
              const from = other.slotsBelow(slot.lowerPart, slot.lowerRow, width, 0);
              return from >= other.slotsUpTo(slot.upperPart, slot.upperRow, width, 1);
            });
            if (isApart && (isAll || slot.rows % 2 === 0)) carries.add(slot);
          }
        }
        const unwritten = new Map<Part, Slot>();
        for (const slot of batches.flatMap(({ slots }) => slots))
          if (slot.home === undefined) unwritten.set(slot.part!, slot);
        const merger = new Merger(
          layout,
          batches.map((batch) => ({ batch })),
          { carries, partRows },
        );
        const slots: Slot[] = [];
        for (let slices = 0; !merger.isDone; slices++) {
          if (slices >= 2000) expect.fail("it does not come to an end");
          const left = merger.work(fuel);
          slots.push(...merger.takeSlots());
          for (const { source, from } of merger.nextMissing())
            expect(carries.has(source.batch.slots[from]!)).toBe(false);
          if (left > 0 && !merger.isDone && bring(merger, stored, 0) === 0)
            expect.fail("it waits for nothing");
        }
        slots.push(...merger.takeSlots());
        for (const slot of carries) if (slot.home !== undefined) expect(slots).toContain(slot);
        for (const slot of slots) {
          if (slot.home !== undefined) expect(carries.has(slot)).toBe(true);
          else expect(unwritten.get(slot.part!) ?? slot).toBe(slot);
        }
        const expected = new Merger(
          layout,
          given.map(({ rows }) => ({ batch: Batch.of(layout, partsOf(rows)) })),
        );
        expected.work(Infinity);
        expect(read(slots.map((slot) => slot.part ?? stored.get(slot)!))).toEqual(read(expected.take()));
      }),
      { seed: SEED, numRuns: 800 },
    );
  });

  it("tells ahead, as soon as it stands in the slot before, of each slot that it will wait for, and of no other", () => {
    fc.assert(
      fc.property(inputs, fc.nat(2), fc.boolean(), (given, ahead, reverse) => {
        const stored = new Map<Slot, Part>();
        const batches = given.map(({ rows, size, missing }) =>
          cut(rows, size, (slot) => missing[slot % missing.length]!, stored),
        );
        const merger = new Merger(
          layout,
          batches.map((batch) => ({ batch })),
          { reverse, carries: new Set() },
        );
        const told = new Set<Slot>();
        const waitedFor = new Set<Slot>();
        const note = (): void => {
          for (const { source, from } of merger.nextMissing()) told.add(source.batch.slots[from]!);
          for (const { slot } of merger.waiting()) {
            if (waitedFor.has(slot)) continue;
            waitedFor.add(slot);
            const isFirst = batches.some(({ slots }) => slots[0] === slot);
            expect(told.has(slot)).toBe(!reverse && !isFirst);
          }
        };
        for (let slices = 0; !merger.isDone; slices++) {
          if (slices >= 2000) expect.fail("it does not come to an end");
          note();
          if (merger.work(1) === 1 && !merger.isDone) bring(merger, stored, ahead);
        }
        for (const slot of told) expect(waitedFor.has(slot)).toBe(true);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
