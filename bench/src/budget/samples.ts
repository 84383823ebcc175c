import { median } from "../contest/statistics.ts";

/** What a store does: it is filled, read until that has settled, and read after it was opened again. */
const PHASES = ["fill", "settle", "reopened"] as const;
export type Phase = (typeof PHASES)[number];

/** What was seen at a moment of a run. */
export interface Sample {
  readonly phase: Phase;
  /** Since the run began. */
  readonly seconds: number;
  /** What was accounted for in memory, over the budget. */
  readonly part: number;
  /** Seconds of a row that is inserted and committed, or of a look-up by the median, since the sample before. */
  readonly each: number;
}

const SETTLED = 4;

/** Samples as figures by name, as a result keeps them. */
export function figuresOf(samples: readonly Sample[]): Record<string, number> {
  return Object.fromEntries(
    samples.flatMap(({ phase, ...seen }, at) =>
      Object.entries(seen).map(([what, value]) => [`sample ${at}: ${phase} ${what}`, value] as const),
    ),
  );
}

/** The samples that {@link figuresOf} has told of among other figures, in order. */
export function samplesOf(figures: Readonly<Record<string, number>>): Sample[] {
  const samples: Sample[] = [];
  for (let at = 0; ; at++) {
    const seenIn = (phase: Phase): boolean => `sample ${at}: ${phase} seconds` in figures;
    const phase = PHASES.find(seenIn);
    if (phase === undefined) return samples;
    const seen = (what: string): number => figures[`sample ${at}: ${phase} ${what}`]!;
    samples.push({ phase, seconds: seen("seconds"), part: seen("part"), each: seen("each") });
  }
}

/** How fast look-ups are at the end of what follows an opening, beside those at the end of what was before: 1 is as fast. */
export function recoveredSpeed(samples: readonly Sample[]): number {
  const endOf = (phase: Phase): number =>
    median(
      samples
        .filter((sample) => sample.phase === phase)
        .slice(-SETTLED)
        .map(({ each }) => each),
    );
  return endOf("settle") / endOf("reopened");
}
