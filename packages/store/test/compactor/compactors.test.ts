import { memory } from "@zspine/backend-memory";
import { forward, recording, retained, SimulatedEnvironment, type RetainedMedium } from "@zspine/conformance";
import { deflate, turn, type Backend, type BackendOpener } from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { encodeResult, nameOfJob } from "../../src/compactor/compaction-job.ts";
import { compactors, openStore, runCompactor, type Store, type StoreOptions } from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.array(z.union([z.string(), z.number()])) };
const TERMS = { bytesLeast: 0, takenMs: 100, doneMs: 1000, pollMs: 5 };
const never = { name: "never", choose: () => undefined };

function openerOf(medium: RetainedMedium, wrap = (backend: Backend): Backend => backend): BackendOpener {
  return {
    type: "retained",
    open: async (how) => wrap(await medium.open("place", how)),
    drop: async () => undefined,
  };
}

/** Runs a test in a simulated environment, over a place in memory. */
async function simulate(
  test: (environment: SimulatedEnvironment, medium: RetainedMedium) => Promise<void>,
): Promise<void> {
  const environment = new SimulatedEnvironment(7, { latencyMsMax: 1 });
  await environment.run(
    test(
      environment,
      retained(() => memory({ preferredValueBytes: 4096 })),
    ),
  );
}

/** Four batches of 500 rows that overlap, which only `compact()` merges. */
async function fill(store: Store): Promise<string> {
  const trace = await store.trace("t", ROWS);
  for (let n = 0; n < 4; n++) {
    for (let key = n; key < n + 500; key++) trace.insert(key, ["row", n]);
    await store.commit();
  }
  return textOf(store);
}

async function textOf(store: Store): Promise<string> {
  const rows: string[] = [];
  for await (const { key, value, weight } of (await store.trace("t", ROWS)).rows())
    rows.push(`${key}:${value.join()}:${weight}`);
  return rows.join(" ");
}

/** What a store puts, by the folder of the value. */
function putsOf(backend: Backend, puts: string[]): Backend {
  const { write, ...others } = forward(backend);
  return {
    ...others,
    write: (ops, options) => {
      puts.push(...ops.flatMap(({ type, name }) => (type === "put" ? [name.split("/")[0]!] : [])));
      return write(ops, options);
    },
  };
}

const others: StoreOptions = { serializer: msgpack(), strategy: never };

describe("compactors()", () => {
  it("OT8 has a compactor make merges, with the rows of a serializer and compressed, and writes none itself", () =>
    simulate(async (environment, medium) => {
      const puts: string[] = [];
      const backend = openerOf(medium, (opened) => putsOf(opened, puts));
      const options = { ...others, environment, compression: deflate(), compactors: compactors(TERMS) };
      const store = await openStore({ ...options, backend });
      const expected = await fill(store);
      const end = new AbortController();
      const told: number[] = [];
      const working = runCompactor({
        backend: openerOf(medium),
        signal: end.signal,
        environment,
        pollMs: 10,
        onMerge: ({ inputs }) => told.push(inputs),
      });
      puts.length = 0;
      await store.compact();
      expect(told).toEqual([4]);
      expect(puts).toEqual(["job"]);
      end.abort();
      await working;
      expect(await textOf(store)).toBe(expected);
      expect(await store.verify()).toMatchObject({ isSound: true, batches: 1 });
      await store.close();
      await using again = await openStore({ ...others, environment, backend: openerOf(medium) });
      expect(again.recovery).toMatchObject({ batches: 1, orphans: 0 });
      expect(await textOf(again)).toBe(expected);
    }));

  it("asks the backend for nothing while nothing is merged", () =>
    simulate(async (environment, medium) => {
      const counted = recording(await medium.open("place"));
      await using store = await openStore({
        ...others,
        environment,
        backend: counted,
        compactors: compactors(TERMS),
      });
      await fill(store);
      const before = counted.counts();
      await turn(environment, 100_000);
      expect(counted.counts()).toEqual(before);
    }));

  it("makes what nobody takes itself, and offers nothing then for a while", () =>
    simulate(async (environment, medium) => {
      const puts: string[] = [];
      const backend = openerOf(medium, (opened) => putsOf(opened, puts));
      await using store = await openStore({ ...others, environment, backend, compactors: compactors(TERMS) });
      const expected = await fill(store);
      puts.length = 0;
      await store.compact();
      expect(puts.filter((name) => name === "job")).toHaveLength(1);
      await fill(store);
      puts.length = 0;
      await store.compact();
      expect(puts).not.toContain("job");
      expect(await textOf(store)).not.toBe(expected);
      await turn(environment, 2000);
      await fill(store);
      puts.length = 0;
      await store.compact();
      expect(puts).toContain("job");
    }));

  it("OT9 makes what is not done in time itself, and what comes an hour later is never taken up, and removed", () =>
    simulate(async (environment, medium) => {
      const store = await openStore({
        ...others,
        environment,
        backend: openerOf(medium),
        compactors: compactors(TERMS),
      });
      const expected = await fill(store);
      const end = new AbortController();
      let calls = 0;
      const late = openerOf(medium, (opened) => {
        const { create, ...rest } = forward(opened);
        return {
          ...rest,
          create: async (name, bytes, options) => {
            if (++calls === 2) await turn(environment, 3_600_000);
            return create!(name, bytes, options);
          },
        };
      });
      const told: number[] = [];
      const onMerge = ({ inputs }: { readonly inputs: number }): number => told.push(inputs);
      const working = runCompactor({ backend: late, signal: end.signal, environment, pollMs: 10, onMerge });
      await store.compact();
      expect(told).toEqual([]);
      await store.commit({ metadata: { n: 1 } });
      await turn(environment, 4_000_000);
      end.abort();
      await working;
      expect(told).toEqual([4]);
      await store.commit({ metadata: { n: 2 } });
      expect(await textOf(store)).toBe(expected);
      await store.close();
      await using again = await openStore({ ...others, environment, backend: openerOf(medium) });
      expect(again.recovery.orphansRemoved).toBeGreaterThan(0);
      expect(await textOf(again)).toBe(expected);
      const names: string[] = [];
      for await (const name of (await medium.open("place", { readOnly: true })).list("job/"))
        names.push(name);
      expect(names).toEqual([]);
    }));

  it("OT8 one of two compactors has a job", () =>
    simulate(async (environment, medium) => {
      await using store = await openStore({
        ...others,
        environment,
        backend: openerOf(medium),
        compactors: compactors(TERMS),
      });
      const expected = await fill(store);
      const end = new AbortController();
      const told: number[] = [];
      const working = [0, 1].map((who) =>
        runCompactor({
          backend: openerOf(medium),
          signal: end.signal,
          environment,
          pollMs: 10,
          onMerge: () => told.push(who),
        }),
      );
      for (let n = 1; n <= 3; n++) {
        await store.compact();
        expect(told).toHaveLength(n);
        await fill(store);
      }
      end.abort();
      await Promise.all(working);
      expect(await textOf(store)).not.toBe(expected);
      expect(await store.verify()).toMatchObject({ isSound: true });
    }));

  const batch = {
    id: "00000001-1",
    index: { value: "batch/00000001-1/0", offset: 0, length: 10, checksum: 1 },
    rows: 1,
    totalWeight: 1,
    weightBound: 1,
    bytes: 10,
  };
  it.each([
    ["of another name", (id: string) => encodeResult(id, { batch, error: null })],
    [
      "whose values are not there",
      (id: string) => {
        const index = { ...batch.index, value: `batch/${id}/0` };
        return encodeResult(id, { batch: { ...batch, id, index }, error: null });
      },
    ],
    ["of bytes that are damaged", () => new Uint8Array(60)],
    ["that is another job's", () => encodeResult("00000001-1", { batch: null, error: null })],
    ["that tells of an error", (id: string) => encodeResult(id, { batch: null, error: "no memory" })],
  ])("OT8 takes no result %s, and makes the merge itself", (_what, resultOf) =>
    simulate(async (environment, medium) => {
      await using store = await openStore({
        ...others,
        environment,
        backend: openerOf(medium),
        compactors: compactors(TERMS),
      });
      const expected = await fill(store);
      const compacting = store.compact();
      const guest = await medium.open("place", { guest: true });
      let id: string | undefined;
      while (id === undefined) {
        await turn(environment, 1);
        for await (const name of guest.list("job/")) id = name.split("/")[1];
      }
      await guest.create!(nameOfJob(id, "done"), resultOf(id));
      await compacting;
      expect(await textOf(store)).toBe(expected);
      expect(await store.verify()).toMatchObject({ isSound: true, batches: 1 });
    }),
  );

  it("is refused over a backend without guests, ZSPINE_NOT_SUPPORTED, and terms that cannot be", async () => {
    await expect(openStore({ compactors: compactors() })).rejects.toMatchObject({
      code: "ZSPINE_NOT_SUPPORTED",
      path: ["openStore", "compactors"],
    });
    expect(() => compactors({ pollMs: 0 })).toThrow(/compactors.pollMs/);
    await expect(openStore({ compactors: true } as never)).rejects.toThrow(/such as compactors\(\)/);
    await expect(runCompactor({ backend: openerOf(retained(memory)) } as never)).rejects.toThrow(/signal/);
  });
});
