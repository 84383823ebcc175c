import type { Case, Trial } from "../measure/trial.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import { checkTally, tallyTrace, type Medium } from "./durable-store.ts";
import { columnsOfPiece, RowSource, tallyPiece, type Piece } from "./rows.ts";

const DELTA_ROWS = 200;

/** A small change to a large durable store, synced. */
export const durableCommitCases: readonly Case<DurableFixture>[] = (["file", "level"] as const).map(
  (medium) => ({
    name: `durable commit of 200 rows, ${medium}`,
    open: (fixture) => commitTrial(fixture, medium),
  }),
);

async function commitTrial(fixture: DurableFixture, medium: Medium): Promise<Trial> {
  const { kind, n, tallies } = fixture;
  const entries = await fixture.openEntries();
  const { store, trace } = await fixture.openStore(medium);
  const seed = medium === "file" ? 1 : 2;
  const deltas = new RowSource(kind, -n - seed);
  const entryDeltas = new RowSource(kind, -n - seed - 2);
  let delta: Piece | undefined;
  const start = store.stats();
  let commits = 0;
  let bytesMax = 0;
  const run = async (): Promise<number> => {
    const before = store.stats().commitBytesWritten;
    trace.insertBatch(columnsOfPiece(delta!, 0, DELTA_ROWS));
    await store.commit();
    commits++;
    bytesMax = Math.max(bytesMax, store.stats().commitBytesWritten - before);
    return trace.totalWeight - tallies[medium].totalWeight;
  };
  const before = (): void => {
    delta = deltas.next(DELTA_ROWS);
    tallyPiece(tallies[medium], delta);
  };
  return {
    rows: DELTA_ROWS,
    // Of what is in it by now.
    get checksum() {
      return tallies[medium].checksum;
    },
    async verify() {
      before();
      await run();
      return (await tallyTrace(kind, trace)).checksum;
    },
    answer: 0,
    zspine: { before, run },
    classicLevel: {
      before() {
        delta = entryDeltas.next(DELTA_ROWS);
        tallyPiece(tallies.classic, delta);
      },
      async run() {
        await entries.write(delta!, 0, DELTA_ROWS, true);
        return 0;
      },
    },
    async counted() {
      await store.finishMerges();
      checkTally(medium, await tallyTrace(kind, trace), tallies[medium]);
      checkTally("classic-level", await entries.tally(), tallies.classic);
      const stats = store.stats();
      return {
        commits,
        bytesPerCommit: Math.round((stats.commitBytesWritten - start.commitBytesWritten) / commits),
        bytesPerCommitMost: bytesMax,
        mergeBytesPerCommit: Math.round((stats.mergeBytesWritten - start.mergeBytesWritten) / commits),
      };
    },
    async close() {
      await entries.close();
      await store.close();
    },
  };
}
