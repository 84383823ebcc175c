import { IndexedZSet } from "@zspine/core";
import fc from "fast-check";
import { z } from "zod";
import type { Window, WindowKind } from "../../src/index.ts";
import { WindowOperator } from "../../src/index.ts";
import type { ChangesAt } from "../../src/read/time-reader.ts";
import { sumOf, type Change, type PlainWindow } from "./reference-windows.ts";

const LAST = Number.MAX_SAFE_INTEGER;

/** Times from some place on: around 0, below it, and where they end on both sides. */
const PLACES = [0, -150, 1e15, -LAST, LAST - 200] as const;

/** Changes, and how far times are complete at each push; the end of all times last. */
export interface Program {
  readonly changes: readonly Change[];
  readonly progress: readonly number[];
  /** How many windows are asked for after each push. */
  readonly asked: readonly number[];
}

export const programs: fc.Arbitrary<Program> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    // Close to each other, or far apart.
    stretch: fc.constantFrom(40, 200),
    changes: fc.array(
      fc.tuple(fc.nat(200), fc.constantFrom("a", "b", "c"), fc.nat(1), fc.constantFrom(1, -1, 2)),
      { maxLength: 40 },
    ),
    progress: fc.array(fc.nat(200), { maxLength: 8 }),
    asked: fc.array(fc.nat(3), { maxLength: 8 }),
  })
  .map(({ place, stretch, changes, progress, asked }) => {
    const timeOf = (at: number): number => place + Math.floor((at * stretch) / 200);
    return {
      changes: changes.map(([at, key, value, weight]) => ({ time: timeOf(at), key, value, weight })),
      progress: [...progress.map(timeOf).sort((a, b) => a - b), LAST],
      asked,
    };
  });

/** Changes by times, as a subscription has them: summed up, and not there where nothing is left. */
function byTime(changes: readonly Change[], after: number, until: number): ChangesAt<string, number>[] {
  const within = changes.filter(({ time }) => time > after && time <= until);
  const times = [...new Set(within.map(({ time }) => time))].sort((a, b) => a - b);
  return times
    .map((time) => {
      const rows = sumOf(within.filter((change) => change.time === time));
      return {
        time,
        rows: IndexedZSet.from(
          z.string(),
          z.int32(),
          rows.map(([key, value, weight]) => ({ key, value, weight })),
        ),
      };
    })
    .filter(({ rows }) => rows.size > 0);
}

export function plain({ start, end, rows }: Window<string, number>): PlainWindow {
  return { start, end, rows: [...rows].map(({ key, value, weight }) => [key, value, weight]) };
}

/** Pushes changes as times become complete; gives the windows of each push, which are asked for in portions. */
export function run(
  kind: WindowKind,
  { changes, progress, asked }: Program,
  from?: number,
): Window<string, number>[][] {
  const operator = new WindowOperator<string, number>(kind, { from });
  let after = from ?? -Infinity;
  return progress
    .filter((until) => until >= after)
    .map((until, at) => {
      const windows: Window<string, number>[] = [];
      const over = operator.push(byTime(changes, after, until), until);
      after = until;
      for (let more = asked[at] ?? 0; more > 0; more--)
        for (const window of over) {
          windows.push(window);
          break;
        }
      windows.push(...operator.push([], until));
      return windows;
    });
}
