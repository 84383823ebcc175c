import type { Key } from "../data/dataset.ts";
import type { OpenTrace } from "../data/fixture.ts";
import type { Case, Trial } from "../measure/trial.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import { tallyTrace, type Medium } from "./durable-store.ts";
import type { EntryStore } from "./entry-store.ts";
import { bytesIn } from "./folder.ts";
import { makeDurableProbes } from "./probes.ts";

/** Opens a store that is there and looks one key up. */
export const durableReopenCases: readonly Case<DurableFixture>[] = (["file", "level"] as const).map(
  (medium) => ({
    name: `durable reopen, ${medium}`,
    open: (fixture) => reopenTrial(fixture, medium),
  }),
);

async function reopenTrial(fixture: DurableFixture, medium: Medium): Promise<Trial> {
  const { keys, got } = makeDurableProbes(fixture, 1, true);
  let open: OpenTrace | undefined;
  let entries: EntryStore | undefined;
  const closeStore = async (): Promise<void> => {
    await open?.store.close();
    open = undefined;
  };
  const closeEntries = async (): Promise<void> => {
    await entries?.close();
    entries = undefined;
  };
  const run = async (): Promise<number> => {
    open = await fixture.openStore(medium);
    return sumOf(open, keys[0]!);
  };
  const runEntries = async (): Promise<number> => {
    entries = await fixture.openEntries();
    return entries.get(keys[0]!);
  };
  await runEntries();
  await run();
  await closeEntries();
  await closeStore();
  return {
    rows: 1,
    checksum: fixture.tallies[medium].checksum,
    async verify() {
      await run();
      return (await tallyTrace(fixture.kind, open!.trace)).checksum;
    },
    answer: got,
    zspine: { before: closeStore, run },
    classicLevel: { before: closeEntries, run: runEntries },
    counted: () => ({
      bytesOnDisk: bytesIn(fixture.locationOf(medium)),
      classicBytesOnDisk: bytesIn(fixture.locationOf("classic")),
    }),
    async close() {
      await closeStore();
      await closeEntries();
    },
  };
}

async function sumOf({ trace }: OpenTrace, key: Key): Promise<number> {
  let sum = 0;
  for (const { value, weight } of await trace.get(key)) sum += value + weight;
  return sum;
}
