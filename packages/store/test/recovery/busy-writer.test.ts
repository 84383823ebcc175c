import { memory } from "@zspine/backend-memory";
import { forward, SimulatedEnvironment } from "@zspine/conformance";
import { handleOf, ZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { tierOf } from "../../src/store/store-tier.ts";
import {
  openStore,
  restoreStore,
  tiered,
  type Store,
  type StoreOptions,
  type Trace,
} from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.string(), create: true };

/**
 * Has `before` done before each read of a backend, one read after another; or, where `atOnce`, once for all that are asked
 * for at once, as a medium answers them in one round.
 */
function between(backend: Backend, atOnce: boolean, before: () => Promise<void>): Backend {
  let last: Promise<unknown> = Promise.resolve();
  let round: Promise<void> | undefined;
  const afterwards = async <T>(read: () => Promise<T>): Promise<T> => {
    if (!atOnce) {
      const turn = last.then(before).then(read);
      last = turn.catch(() => undefined);
      return turn;
    }
    round ??= Promise.resolve()
      .then(before)
      .finally(() => {
        round = undefined;
      });
    await round;
    return read();
  };
  const { getSync: _sync, ...plain } = forward(backend);
  return {
    ...plain,
    capabilities: { ...plain.capabilities, syncReads: false },
    readHead: (...args) => afterwards(() => backend.readHead(...args)),
    get: (...args) => afterwards(() => backend.get(...args)),
    list: (prefix, options) => ({
      async *[Symbol.asyncIterator]() {
        await afterwards(() => Promise.resolve());
        yield* backend.list(prefix, options);
      },
    }),
  };
}

/** A writer of traces, and readers of it between any two of whose reads it commits. */
async function busy(
  environment: SimulatedEnvironment,
  traces: number,
  how: "sync" | "relaxed" | "mixed",
  atOnce: boolean,
) {
  const medium = memory();
  const handle = (readOnly?: true): Backend =>
    handleOf({
      ...forward(medium),
      capabilities: { ...medium.capabilities, durable: true, readOnly },
      close: () => Promise.resolve(),
    });
  const writer = await openStore({
    backend: handle(),
    environment,
    strategy: tiered({ fanout: 2 }),
  });
  const written: Trace<number, string>[] = [];
  for (let at = 0; at < traces; at++) written.push(await writer.trace(`t${at}`, ROWS));
  let n = 0;
  let commits = 0;
  const commit = async (): Promise<void> => {
    n++;
    for (const trace of written) trace.insert(n % 50, `v${n % 7}`);
    const durability = how === "mixed" ? (n % 3 === 0 ? "sync" : "relaxed") : how;
    await writer.commit({ metadata: { n }, durability });
    // So that nothing is kept for longer than it has to be.
    await writer.finishMerges();
    commits++;
  };
  for (let round = 0; round < 40; round++) await commit();
  let left = Infinity;
  let lost = "";
  const commitIfAny = async (): Promise<void> => {
    if (left-- > 0) await commit();
  };
  /** What only reads has; what is lost it does not find. */
  const read = (): Backend => {
    const found = handle(true);
    const get: Backend["get"] = async (name, ...rest) =>
      name === lost ? undefined : found.get(name, ...rest);
    return between({ ...forward(found), get }, atOnce, commitIfAny);
  };
  const open = (options: Pick<StoreOptions, "recover"> = {}): Promise<Store> =>
    openStore({ backend: read(), environment, readOnly: true, ...options });
  /** Has the writer make so many commits yet, between reads. */
  const limit = (count: number): void => {
    left = count;
  };
  /** Has readers miss a value from now on. */
  const lose = (name: string): void => {
    lost = name;
  };
  return { writer, read, open, commit, limit, lose, commitsOf: () => commits };
}

/** Writes rows of a trace that no merge touches any more, and names a value that they lie in. */
async function writeIdle(writer: Store): Promise<string> {
  const idle = await writer.trace("idle", ROWS);
  idle.insert(1, "v");
  await writer.commit();
  const [{ file: stored } = { file: undefined }] = tierOf(writer)
    .traces()
    .find(({ name }) => name === "idle")!.stages.committed.entries;
  return stored!.head.index.value;
}

describe("a store that only reads, beside a writer that commits between any two of its reads", () => {
  it.each([
    [1, "sync", true],
    [1, "relaxed", true],
    [1, "mixed", true],
    [12, "sync", true],
    [12, "mixed", true],
    [1, "sync", false],
    [1, "mixed", false],
  ] as const)(
    "opens, and goes on, with %i traces and %s commits, its reads at once: %s",
    async (traces, how, atOnce) => {
      const environment = new SimulatedEnvironment(traces);
      await environment.run(
        (async () => {
          const { writer, open, commitsOf } = await busy(environment, traces, how, atOnce);
          // Nothing is passed over that is there.
          const reader = await open({ recover: "previous" });
          expect(reader.recovery).toMatchObject({ passedOver: undefined, problems: [] });
          for (let round = 0; round < 5; round++) {
            const newest = commitsOf();
            await reader.refresh();
            const n = reader.metadata["n"] as number;
            expect(n).toBeGreaterThanOrEqual(newest);
            for (const name of reader.traces) expect((await reader.trace(name, ROWS)).totalWeight).toBe(n);
          }
          await Promise.all([reader.close(), writer.close()]);
        })(),
      );
    },
  );

  it.each([true, false])(
    "says ZSPINE_CORRUPT of what is missing though heads go on to name it, its reads at once: %s",
    async (atOnce) => {
      const environment = new SimulatedEnvironment(7);
      await environment.run(
        (async () => {
          const { writer, open, lose } = await busy(environment, 1, "sync", atOnce);
          lose(await writeIdle(writer));
          await expect(open()).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
          await expect(open({ recover: "previous" })).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
          await writer.close();
        })(),
      );
    },
  );
});

/** How many commits come between the reads of a reader: none, few, or a hundred; and without end. */
const COMMITS = [...Array.from({ length: 12 }, (_, count) => count), 20, 30, 39, 100];
const ENDLESS = [...COMMITS, Infinity];

type Busy = Awaited<ReturnType<typeof busy>>;

/** Tells what so many commits each have `work` come to: what it resolves to, or the code that it fails with. */
async function outcomes<T>(
  counts: readonly number[],
  atOnce: boolean,
  work: (reader: Store, beside: Busy) => Promise<T>,
  prepare: (writer: Store) => Promise<string> = async () => "",
): Promise<(T | string)[]> {
  const found: (T | string)[] = [];
  for (const count of counts) {
    const environment = new SimulatedEnvironment(count === Infinity ? 999 : count);
    const outcome = environment.run(
      (async () => {
        const beside = await busy(environment, 3, "mixed", atOnce);
        const lost = await prepare(beside.writer);
        beside.limit(0);
        // Opened before anything is lost, as what is damaged later is found by who has it open.
        const reader = await beside.open();
        beside.lose(lost);
        for (let round = 0; round < 5; round++) await beside.commit();
        beside.limit(count);
        try {
          return await work(reader, beside);
        } catch (error) {
          if (!(error instanceof ZspineError)) throw error;
          return error.code;
        } finally {
          beside.limit(0);
          await Promise.all([reader.close(), beside.writer.close()]);
        }
      })(),
    );
    found.push(await outcome);
  }
  return found;
}

/** A place for a copy, which is there still when it is closed. */
function emptyTarget(): BackendOpener {
  const target = memory();
  return openerOf(() =>
    handleOf({
      ...forward(target),
      capabilities: { ...target.capabilities, durable: true },
      close: () => Promise.resolve(),
    }),
  );
}

function openerOf(open: () => Backend): BackendOpener {
  return { type: "test", open: () => Promise.resolve(open()), drop: () => Promise.resolve() };
}

/** Tells whether a copy is all that one commit had, and nothing besides. */
async function tellCopy(backend: BackendOpener) {
  const copy = await openStore({ backend });
  const traces = await Promise.all(copy.traces.map((name) => copy.trace(name, ROWS)));
  const isWhole = traces.length > 0 && traces.every(({ totalWeight }) => totalWeight === copy.metadata["n"]);
  const told = { isWhole, isSound: (await copy.verify()).isSound, orphans: copy.recovery.orphans };
  await copy.close();
  return told;
}

/** Which commit a copy is of. */
async function newestOf(backend: BackendOpener): Promise<unknown> {
  const copy = await openStore({ backend, readOnly: true });
  const { n } = copy.metadata;
  await copy.close();
  return n;
}

describe.each([true, false])(
  "a reader beside a writer that goes on and removes, its reads at once: %s",
  (atOnce) => {
    it("verify() finds the store sound, or says that the writer was ahead, and never that it is damaged", async () => {
      const found = await outcomes(ENDLESS, atOnce, async (reader) => {
        const { problems, isSound, heads, rows } = await reader.verify();
        return { problems, isSound, hasHeads: heads > 0, hasRows: rows > 0 };
      });

      const sound = { problems: [], isSound: true, hasHeads: true, hasRows: true };
      // Each time it reads what is new by then, and no more.
      expect(found.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => sound));
      expect(found.at(-1)).toBe("ZSPINE_TIME_PASSED");
      for (const outcome of found) if (outcome !== "ZSPINE_TIME_PASSED") expect(outcome).toEqual(sound);
    });

    it("verify() reports what is lost all the same, and nothing besides", async () => {
      const found = await outcomes(
        ENDLESS,
        atOnce,
        async (reader) => (await reader.verify()).problems,
        writeIdle,
      );

      for (const problems of found)
        expect(problems).toEqual([
          expect.objectContaining({
            code: "ZSPINE_CORRUPT",
            trace: "idle",
            message: expect.stringContaining("is missing") as string,
          }),
        ]);
    });

    // One after the other, the reads of refresh() do not come to an end beside commits without end.
    const counts = atOnce ? ENDLESS : COMMITS;

    it("backup() copies what a commit had, or says that the writer was ahead, and never that it is damaged", async () => {
      const found = await outcomes(counts, atOnce, async (reader) => {
        const to = emptyTarget();
        await reader.backup(to);
        return { isOfReader: (await newestOf(to)) === reader.metadata["n"], ...(await tellCopy(to)) };
      });

      const whole = { isOfReader: true, isWhole: true, isSound: true, orphans: 0 };
      expect(found.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => whole));
      if (atOnce) expect(found.at(-1)).toBe("ZSPINE_TIME_PASSED");
      for (const outcome of found) if (outcome !== "ZSPINE_TIME_PASSED") expect(outcome).toEqual(whole);
    });

    it("backup() reports what is lost all the same, and makes no store of the rest", async () => {
      const found = await outcomes(
        counts,
        atOnce,
        async (reader) => {
          const to = emptyTarget();
          const failure: unknown = await reader.backup(to).catch((error: unknown) => error);
          expect(await (await to.open()).readHead()).toBeUndefined();
          return failure instanceof ZspineError ? failure.code : failure;
        },
        writeIdle,
      );

      expect(found).toEqual(counts.map(() => "ZSPINE_CORRUPT"));
    });

    it("restoreStore() copies what a commit had, or says that the writer was ahead, and never that it is damaged", async () => {
      const found = await outcomes(counts, atOnce, async (_, { read, commitsOf }) => {
        const to = emptyTarget();
        const before = commitsOf();
        await restoreStore({ from: openerOf(read), to });
        return { isNew: Number(await newestOf(to)) >= before, ...(await tellCopy(to)) };
      });

      const whole = { isNew: true, isWhole: true, isSound: true, orphans: 0 };
      expect(found.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => whole));
      if (atOnce) expect(found.at(-1)).toBe("ZSPINE_TIME_PASSED");
      for (const outcome of found) if (outcome !== "ZSPINE_TIME_PASSED") expect(outcome).toEqual(whole);
    });

    it("restoreStore() reports what is lost all the same, and makes no store of the rest", async () => {
      const found = await outcomes(
        counts,
        atOnce,
        async (_, { read }) => {
          const to = emptyTarget();
          const failure: unknown = await restoreStore({
            from: openerOf(read),
            to,
          }).catch((error: unknown) => error);
          expect(await (await to.open()).readHead()).toBeUndefined();
          return failure instanceof ZspineError ? failure.code : failure;
        },
        writeIdle,
      );

      expect(found).toEqual(counts.map(() => "ZSPINE_CORRUPT"));
    });
  },
);
