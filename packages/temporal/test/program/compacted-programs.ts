import { forward, type SeededRandom } from "@zspine/conformance";
import { isZspineError, turn, type Backend } from "@zspine/core";
import { compactors, runCompactor } from "@zspine/store";
import { decodeJob } from "../../../store/src/compactor/compaction-job.ts";
import { drawFate, mortal } from "../../../store/test/compactor/mortal.ts";
import { temporalLenses } from "../../src/index.ts";
import { runDrawn } from "./drawn-programs.ts";
import { inRetained, type ProgramMedium } from "./program-medium.ts";
import { TemporalProgram } from "./temporal-program.ts";

/**
 * Runs the programs of seeds beside two compactors that die, are held up and give damaged results. What was met has the
 * merges that they made (`merged`), of traces with times (`lensed`), and those of which since had gone on when they were done
 * (`passed`), and results that were damaged (`damaged`).
 */
export async function runCompacted(first: number, last: number, steps = 50): Promise<Record<string, number>> {
  return runDrawn(
    async (seed) => {
      const met = { merged: 0, lensed: 0, passed: 0, damaged: 0 };
      let program: TemporalProgram | undefined = undefined;
      const since = (): number => sinceOf(program);
      const terms = { bytesLeast: 0, takenMs: 60, doneMs: 300, pollMs: 5 };
      program = new TemporalProgram(seed, (random) => withCompactors(random, met, since), {
        steps,
        isLong: seed % 6 === 5,
        newOptions: () => ({ compactors: compactors(terms) }),
      });
      await program.run();
      return { ...program.met, ...met };
    },
    first,
    last,
  );
}

/** Where since of the program's trace is; −∞ while its store is closed, which compactors outlive. */
function sinceOf(program: TemporalProgram | undefined): number {
  try {
    return program?.trace.since ?? -Infinity;
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CLOSED")) throw error;
    return -Infinity;
  }
}

interface Met {
  merged: number;
  lensed: number;
  passed: number;
  damaged: number;
}

function withCompactors(random: SeededRandom, met: Met, since: () => number): ProgramMedium {
  const medium = inRetained(random, false);
  const end = new AbortController();
  const work = async (): Promise<void> => {
    const { environment } = medium;
    while (!end.signal.aborted) {
      const opener = medium.opener!();
      const fate = drawFate(random);
      const backend = {
        ...opener,
        open: async (how: Parameters<typeof opener.open>[0]) =>
          mortal(watched(await opener.open(how), random, met, since), fate, environment),
      };
      const onMerge = (): void => void met.merged++;
      await runCompactor({
        backend,
        signal: end.signal,
        environment,
        pollMs: 10,
        lenses: [temporalLenses],
        onMerge,
      }).catch((error: unknown) => {
        if (!String(error).includes("killed")) throw error;
      });
      await turn(environment, 5);
    }
  };
  return {
    ...medium,
    run: (program) =>
      medium.run(
        (async () => {
          const workers = [work(), work()];
          try {
            await program;
          } finally {
            end.abort();
            await Promise.all(workers);
          }
        })(),
      ),
  };
}

/** Counts what is handed over, and damages some of it. */
function watched(backend: Backend, random: SeededRandom, met: Met, since: () => number): Backend {
  const { create, ...others } = forward(backend);
  return {
    ...others,
    create: async (name, bytes, options) => {
      const [, id, part] = name.split("/");
      if (part !== "done") return create!(name, bytes, options);
      const want = await others.get(`job/${id}/want`);
      const terms = want === undefined ? null : (decodeJob(want, id!).lens?.terms ?? null);
      if (terms !== null) {
        met.lensed++;
        if ((terms as { since: number }).since < since()) met.passed++;
      }
      if (!random.chance(0.15)) return create!(name, bytes, options);
      met.damaged++;
      const damaged = bytes.slice();
      damaged[random.int(0, damaged.length - 1)]! ^= 1 << random.int(0, 7);
      return create!(name, damaged, options);
    },
  };
}
