import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { memory } from "@zspine/backend-memory";
import { openStore, type StoreOptions } from "@zspine/store";
import { z } from "zod";
import { removeFolder } from "../contest/folder.ts";
import { median } from "../contest/statistics.ts";
import { sampleOverTime } from "./over-time.ts";
import { drawProbes, shuffledKeys, type Probes } from "./probes.ts";
import { figuresOf, recoveredSpeed } from "./samples.ts";
import { measureSpill } from "./spill.ts";

/** What a store is given to hold all rows in, and what it took. */
interface Figures {
  /** Times in milliseconds: of all inserts and commits, of look-ups of both kinds, and of merging all into one batch. */
  readonly ingest: number;
  readonly near: number;
  readonly scattered: number;
  readonly compact: number;
  /** The most that was accounted for in memory after a commit, in bytes. */
  readonly mostBytes: number;
  /** Of what was looked up and inserted: the same for all, or the times are void. */
  readonly checksum: number;
}

const ROUNDS = 3;
const COMMIT_ROWS = 10_000;
const LOOK_UPS = 100_000;
const BUDGET_LEAST = 2 * 2 ** 20;

/** A budget, as a part of what all rows take in memory. */
const BUDGETS = { unlimited: Infinity, quarter: 1 / 4, tenth: 1 / 10 };

/**
 * Measures state that is larger than its budget in this process, in turns with a store in memory. For each budget the
 * ratios of medians of ingest, of look-ups of both kinds and of merging all, above 1 faster than memory, and the most bytes
 * that were accounted for. Of a quarter, samples over time and how fast look-ups are soon after opening again; and how fast
 * rows leave memory.
 *
 * @throws `Error` when the two do not hold the same.
 */
export async function measureBudget(rows: number, folder: string): Promise<Record<string, number>> {
  const keys = shuffledKeys(rows);
  const probes = drawProbes(rows, LOOK_UPS);
  // How much all of it takes, and so that V8 has seen what it is to be fast at.
  const all = await run(keys, probes, folder, Infinity);
  const figures: Record<string, number> = {};
  for (const [name, part] of Object.entries(BUDGETS)) {
    const budgetBytes = Math.max(BUDGET_LEAST, all.mostBytes * part);
    const found: { readonly plain: Figures; readonly placed: Figures }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const plain = await run(keys, probes, folder, undefined);
      const placed = await run(keys, probes, folder, budgetBytes);
      if (plain.checksum !== placed.checksum)
        throw new Error(`in memory ${plain.checksum}, under a budget ${placed.checksum}`);
      found.push({ plain, placed });
    }
    const ratio = (of: "ingest" | "near" | "scattered" | "compact"): number =>
      median(found.map(({ plain, placed }) => plain[of] / placed[of]));
    figures[`${name}Ingest`] = ratio("ingest");
    figures[`${name}LookUpNear`] = ratio("near");
    figures[`${name}LookUpScattered`] = ratio("scattered");
    figures[`${name}Compact`] = ratio("compact");
    if (budgetBytes === Infinity) continue;
    figures[`${name}Bytes`] = Math.round(budgetBytes);
    figures[`${name}MostBytes`] = Math.max(...found.map(({ placed }) => placed.mostBytes));
  }
  const quarter = Math.max(BUDGET_LEAST, all.mostBytes / 4);
  const samples = sampleOverTime(rows, quarter, folder);
  figures["reopenedLookUp"] = recoveredSpeed(samples);
  figures["spill"] = await measureSpill(keys, folder);
  return { ...figures, ...figuresOf(samples) };
}

/** Fills a store, reads it and merges it; without a budget one in memory. */
async function run(
  keys: Int32Array,
  probes: Probes,
  folder: string,
  budgetBytes: number | undefined,
): Promise<Figures> {
  try {
    const cold = file({ location: join(folder, "state"), keeps: false, mayBeInMemory: true });
    const backend: StoreOptions["backend"] =
      budgetBytes === undefined ? memory() : hybrid({ cold, budgetBytes, policy: "fixed" });
    await using store = await openStore({ backend });
    const trace = await store.trace("rows", { key: z.int32(), value: z.int32() });
    let mostBytes = 0;
    let checksum = 0;
    const ingest = await timeOf(async () => {
      for (let at = 0; at < keys.length; at++) {
        trace.insert(keys[at]!, at);
        if ((at + 1) % COMMIT_ROWS !== 0) continue;
        await store.commit();
        mostBytes = Math.max(mostBytes, store.stats().memory.total);
      }
      await store.commit();
    });
    const lookUp = (some: Int32Array): Promise<number> =>
      timeOf(async () => {
        for (const key of some)
          for (const { value } of await trace.get(key)) checksum = (checksum + value) % 2 ** 32;
      });
    const near = await lookUp(probes.near);
    const scattered = await lookUp(probes.scattered);
    mostBytes = Math.max(mostBytes, store.stats().memory.total);
    const compact = await timeOf(() => store.compact());
    return { ingest, near, scattered, compact, mostBytes, checksum };
  } finally {
    removeFolder(folder);
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
