import type { Medium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { JournalProgram } from "./journal-program.ts";

const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? Number(process.env["ZSPINE_SEEDS"] ?? 60) : first;

async function runSeed(seed: number, mutate?: (medium: Medium) => Medium): Promise<JournalProgram> {
  const program = new JournalProgram(seed, mutate);
  try {
    await program.run(60);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
  }
  return program;
}

/** Files that are written in place, with some of what they do replaced. */
const writing =
  (replace: (write: Awaited<ReturnType<Medium["openToWrite"]>>) => object) => (medium: Medium) => ({
    ...medium,
    openToWrite: async (path: string) => {
      const file = await medium.openToWrite(path);
      return { ...file, ...replace(file) };
    },
  });

const MUTANTS: readonly (readonly [string, (medium: Medium) => Medium])[] = [
  ["does not sync the journal", writing(() => ({ syncData: async () => undefined }))],
  [
    "takes a sync that failed for one",
    writing((file) => ({ syncData: () => file.syncData().catch(() => undefined) })),
  ],
  [
    "does not sync a file of the journal before it is moved to where it is read",
    (medium) => ({ ...medium, createFile: (path, bytes) => medium.createFile(path, bytes, false) }),
  ],
  [
    "does not sync the directory of the journal",
    (medium) => ({
      ...medium,
      syncDirectory: (path) => (path.endsWith("journal") ? Promise.resolve() : medium.syncDirectory(path)),
    }),
  ],
];

describe("the journal on a medium that loses what was not synced", () => {
  it(`C24 C26 C28 loses nothing that was acknowledged as synced, in programs of seeds ${first} to ${last}`, async () => {
    const counts = { lost: 0, segments: 0, failures: 0, refused: 0 };
    for (let seed = first; seed <= last; seed++) {
      const { lost, refused, segments, medium } = await runSeed(seed);
      counts.lost += lost;
      counts.refused += refused;
      counts.segments += segments;
      counts.failures += medium.failures;
    }
    if (only !== undefined) return;
    // So that it is seen that the programs come to what they are for.
    const seeds = last - first + 1;
    expect(counts.lost).toBeGreaterThan(seeds);
    expect(counts.refused).toBeGreaterThan(seeds * 0.5);
    expect(counts.failures).toBeGreaterThan(seeds * 0.5);
    expect(counts.segments).toBeGreaterThan(seeds * 10);
  });

  it.each(MUTANTS)("C24 is caught when it %s", async (_name, mutate) => {
    const find = async (): Promise<void> => {
      for (let seed = 1; seed <= 100; seed++) await runSeed(seed, mutate);
    };
    await expect(find()).rejects.toThrow(/is missing|is there, where|other bytes|damaged|all heads/);
  });
});
