import { memory } from "@zspine/backend-memory";
import { forward, SimulatedEnvironment } from "@zspine/conformance";
import { handleOf, type Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { tierOf } from "../../src/store/store-tier.ts";
import { openStore, tiered, type Store, type StoreOptions, type Trace } from "../../src/index.ts";

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
  /** Opens a reader; what it is not to find is missing. */
  const open = (options: Pick<StoreOptions, "recover"> = {}, lost = ""): Promise<Store> => {
    const found = handle(true);
    const get: Backend["get"] = async (name, ...rest) =>
      name === lost ? undefined : found.get(name, ...rest);
    const backend = between({ ...forward(found), get }, atOnce, commit);
    return openStore({ backend, environment, readOnly: true, ...options });
  };
  return { writer, open, commitsOf: () => commits };
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
          const { writer, open } = await busy(environment, 1, "sync", atOnce);
          const idle = await writer.trace("idle", ROWS);
          idle.insert(1, "v");
          await writer.commit();
          const [{ file: stored } = { file: undefined }] = tierOf(writer)
            .traces()
            .find(({ name }) => name === "idle")!.stages.committed.entries;
          const lost = stored!.head.index.value;
          await expect(open({}, lost)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
          await expect(open({ recover: "previous" }, lost)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
          await writer.close();
        })(),
      );
    },
  );
});
