/** Where the times of the runs lie; in nanoseconds of one run. */
export interface Statistics {
  readonly iterations: number;
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p75Ns: number;
  readonly p99Ns: number;
}

/** Summarises times. */
export function summarize(timesNs: readonly number[]): Statistics {
  const sorted = [...timesNs].sort((a, b) => a - b);
  return {
    iterations: sorted.length,
    minNs: Math.round(sorted[0] ?? 0),
    p50Ns: Math.round(quantile(sorted, 0.5)),
    p75Ns: Math.round(quantile(sorted, 0.75)),
    p99Ns: Math.round(quantile(sorted, 0.99)),
  };
}

/** The middle of the ratios `b / a` of times that were taken one after the other. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  const ratios = b.map((time, run) => time / a[run]!).sort((x, y) => x - y);
  return Number(quantile(ratios, 0.5).toPrecision(3));
}

/** The smallest of `sorted` that is not exceeded by a share `q` of them: nearest rank. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}
