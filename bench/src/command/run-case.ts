import type { KeyKind } from "../data/dataset.ts";
import { measure, type Effort } from "../measure/measure.ts";
import type { Case } from "../measure/trial.ts";
import { benchmarkResult, type BenchmarkResult } from "../report/result.ts";

/** What a benchmark has rows from. */
interface AnyFixture {
  readonly kind: KeyKind;
  readonly n: number;
}

/** Kinds of keys that every benchmark is run with. */
export const KINDS: readonly KeyKind[] = ["int", "text"];

/**
 * Checks a benchmark against the naive computation, then measures it.
 *
 * @throws `Error` when it gives a wrong answer.
 */
export async function runCase<F extends AnyFixture>(
  { name, open }: Case<F>,
  fixture: F,
  effort: Effort,
): Promise<BenchmarkResult> {
  const { kind: keys, n } = fixture;
  try {
    const trial = await open(fixture);
    try {
      const checksum = await trial.verify();
      if (checksum !== trial.checksum)
        throw new Error(`checksum ${checksum}, of the naive computation ${trial.checksum}`);
      const times = await measure(trial, effort);
      return benchmarkResult({ name, n, keys }, trial, checksum, times, await trial.counted?.());
    } finally {
      await trial.close?.();
    }
  } catch (cause) {
    throw new Error(`${titleOf(name, keys, n)}: ${(cause as Error).message}`, { cause });
  }
}

/** What a benchmark is found by. */
export function titleOf(name: string, keys: KeyKind, n: number): string {
  return `${name}, ${keys} keys, ${n} rows`;
}
