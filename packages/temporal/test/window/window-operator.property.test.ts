import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { session, sliding, tumbling, type Window, type WindowKind } from "../../src/index.ts";
import {
  alignedReference,
  overAt,
  sessionReference,
  type Change,
  type PlainWindow,
} from "./reference-windows.ts";
import { plain, programs, run, type Program } from "./window-program.ts";

const RUNS = { seed: 20261129, numRuns: 400 };

const length = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(1000, Number.MAX_SAFE_INTEGER));
// Some windows for each change, not as many as there are times.
const step = (size: number) =>
  fc.integer({ min: Math.ceil(size / 25), max: Math.min(2 * size, Number.MAX_SAFE_INTEGER) });
const offset = fc.constantFrom(undefined, 0, 7, -3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);

const tumblings = fc.record({ size: length, offset }).map((options) => ({ ...options, step: options.size }));
const slidings = length.chain((size) => fc.record({ size: fc.constant(size), step: step(size), offset }));

/** Checks what each push gives against all windows there are. */
function expectEach(kind: WindowKind, program: Program, all: readonly PlainWindow[]): void {
  const given: PlainWindow[] = [];
  for (const [at, windows] of run(kind, program).entries()) {
    given.push(...windows.map(plain));
    expect(given).toEqual(overAt(all, program.progress[at]!));
  }
}

/** Checks that, begun anew from what each window tells, an operator gives those that come after it. */
function expectResumed(kind: WindowKind, program: Program, isExact: boolean): void {
  const given = run(kind, program).flat();
  for (const [at, { resumeFrom, start, end }] of given.entries()) {
    const again = run(kind, program, resumeFrom).flat();
    const isAfter = (window: Window<string, number>) =>
      isExact || window.end > end || (window.end === end && window.start > start);
    const left = given.slice(at + 1);
    if (resumeFrom === undefined) expect(again.map(plain)).toEqual(given.map(plain));
    else expect(again.filter(isAfter).map(plain)).toEqual(left.map(plain));
    // Never back.
    for (const later of left)
      expect(later.resumeFrom ?? -Infinity).toBeGreaterThanOrEqual(resumeFrom ?? -Infinity);
  }
}

describe("WindowOperator", () => {
  it("gives tumbling windows as a list of all changes has them", () => {
    fc.assert(
      fc.property(programs, tumblings, (program, options) => {
        const { size, offset: at } = options;
        expectEach(tumbling({ size, offset: at }), program, alignedReference(program.changes, options));
      }),
      RUNS,
    );
  });

  it("gives sliding windows, overlapping or apart, as a list of all changes has them", () => {
    fc.assert(
      fc.property(programs, slidings, (program, options) => {
        expectEach(sliding(options), program, alignedReference(program.changes, options));
      }),
      RUNS,
    );
  });

  it("gives sessions as a list of all changes has them", () => {
    fc.assert(
      fc.property(programs, length, (program, gap) => {
        expectEach(session({ gap }), program, sessionReference(program.changes, { gap }));
      }),
      RUNS,
    );
  });

  it("goes on from resumeFrom: windows of one size each once, sessions up to what was given", () => {
    fc.assert(
      fc.property(programs, slidings, length, (program, options, gap) => {
        expectResumed(sliding(options), program, true);
        expectResumed(session({ gap }), program, false);
      }),
      { ...RUNS, numRuns: 100 },
    );
  });

  it("gives none that may have begun before changes are told, and all others", () => {
    fc.assert(
      fc.property(programs, slidings, length, fc.nat(200), (program, options, gap, at) => {
        const from = (program.changes[0]?.time ?? 0) - 100 + at;
        if (!Number.isSafeInteger(from)) return;
        const told = program.changes.filter(({ time }) => time > from);
        const aligned = run(sliding(options), program, from).flat();
        expect(aligned.map(plain)).toEqual(alignedReference(program.changes, { ...options, from }));
        // Of sessions it may leave out more, for it cannot know; never one that stands clear of what is not told.
        const isClear = ({ start }: PlainWindow): boolean => start - from >= gap;
        const sessions = run(session({ gap }), program, from).flat();
        expect(sessions.map(plain)).toEqual(sessionReference(told, { gap }).filter(isClear));
        const whole = sessionsByKey(program.changes, gap);
        for (const window of sessions.map(plain))
          for (const key of new Set(window.rows.map(([name]) => name)))
            expect(whole.get(key)).toContain(`${window.start} ${window.end}`);
      }),
      RUNS,
    );
  });
});

/** The bounds of each key's sessions. */
function sessionsByKey(changes: readonly Change[], gap: number): ReadonlyMap<string, readonly string[]> {
  const keys = new Set(changes.map(({ key }) => key));
  const boundsOf = (key: string): string[] =>
    sessionReference(
      changes.filter((change) => change.key === key),
      { gap },
    ).map(({ start, end }) => `${start} ${end}`);
  return new Map([...keys].map((key) => [key, boundsOf(key)]));
}
