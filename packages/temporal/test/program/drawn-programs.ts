const only = process.env["ZSPINE_SEED"];

/** Where the seeds of programs begin, and how many there are; as many as each has where that is missing. */
export const SEEDS: { readonly first: number; readonly count: number | undefined } =
  only === undefined ? { first: 1, count: undefined } : { first: Number(only), count: 1 };

/** The last of so many seeds; of one that is asked for by `ZSPINE_SEED`, that. */
export const upTo = (seeds: number): number => SEEDS.first + (SEEDS.count ?? seeds) - 1;

/** A program of so many steps over a medium, drawn from a seed, and how often it has met what. */
interface DrawnProgram {
  readonly met: Readonly<Record<string, number>>;
  run(steps: number): Promise<void>;
}

/** Runs programs of `steps` each over a medium, as {@link runDrawn}, from the first of {@link SEEDS} on. */
export function runPrograms(
  newProgram: (seed: number) => DrawnProgram,
  steps: number,
  last: number,
): Promise<Record<string, number>> {
  const run = async (seed: number): Promise<Readonly<Record<string, number>>> => {
    const program = newProgram(seed);
    await program.run(steps);
    return program.met;
  };
  return runDrawn(run, SEEDS.first, last);
}

/**
 * Runs programs that are drawn from seeds, one after the other, and adds up what they have met.
 *
 * @param run Draws the program of a seed and runs it to its end; resolves to how often it has met what.
 * @throws (rejects with) what a program fails with, and its seed.
 */
export async function runDrawn(
  run: (seed: number) => Promise<Readonly<Record<string, number>>>,
  first: number,
  last: number,
): Promise<Record<string, number>> {
  const met: Record<string, number> = {};
  for (let seed = first; seed <= last; seed++) {
    try {
      for (const [what, times] of Object.entries(await run(seed))) met[what] = (met[what] ?? 0) + times;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 3000) : String(cause);
      throw new Error(`seed ${seed} failed: ${why}`, { cause });
    }
  }
  return met;
}
