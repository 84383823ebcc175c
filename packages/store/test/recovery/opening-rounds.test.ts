import { memory } from "@zspine/backend-memory";
import { forward, recording, retained, type RetainedMedium } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeHead } from "../../src/head/decode-head.ts";
import { openStore, type MergeStrategy, type Store } from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.string() };
/** Merges the two oldest of five batches, and nothing else. */
const OF_FIVE: MergeStrategy = {
  name: "of five",
  choose: (batches) => {
    const isDue = batches.length === 5 && !batches.some(({ isMerging }) => isMerging);
    return isDue ? { first: 0, count: 2 } : undefined;
  },
};
const EMPTY = 40;
const COMMITS = 5;

/**
 * Answers reads only when nobody asks for more: all that are out are answered together, and count as one round, as
 * over a medium that is far away.
 */
function inRounds(backend: Backend): { readonly backend: Backend; rounds(): number } {
  let rounds = 0;
  let waiting: (() => void)[] = [];
  let isDue = false;
  const turn = (): Promise<void> => {
    if (!isDue) {
      isDue = true;
      setImmediate(() => {
        rounds++;
        isDue = false;
        const answered = waiting;
        waiting = [];
        for (const answer of answered) answer();
      });
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const { getSync: _, ...rest } = forward(backend);
  return {
    rounds: () => rounds,
    backend: {
      ...rest,
      capabilities: { ...backend.capabilities, syncReads: false },
      async get(name, range, options) {
        await turn();
        return backend.get(name, range, options);
      },
      async readHead(number, options) {
        await turn();
        return backend.readHead(number, options);
      },
      async *list(prefix, options) {
        await turn();
        yield* backend.list(prefix, options);
      },
    },
  };
}

/**
 * 20 batches in 5 traces, and so many traces more that tables name them. The head before the newest names ten batches
 * that the newest does not, and another table, so that nothing is spared.
 */
async function write(medium: RetainedMedium): Promise<void> {
  const backend = await medium.open("place");
  await using store = await openStore({ backend, strategy: OF_FIVE });
  const others = [];
  for (let n = 0; n < EMPTY; n++) others.push(await store.trace(`other ${n}`, ROWS));
  const traces = [];
  for (let n = 0; n < 5; n++) traces.push(await store.trace(`trace ${n}`, ROWS));
  for (let commit = 0; commit < COMMITS; commit++) {
    for (const trace of traces) trace.insert(commit, `${trace.name} ${commit}`);
    if (commit === COMMITS - 1) for (const other of others.slice(0, EMPTY / 2)) other.insert(1, "row");
    await store.commit();
  }
  await store.finishMerges();
  await store.flush();
  const newest = (await backend.readHead())!;
  const before = (await backend.readHead(newest.number - 1))!;
  const heads = [newest, before].map(({ bytes, number }) => decodeHead(bytes, number));
  const tables = heads.map((head) => head.tables.map(({ value }) => value).join());
  expect(tables[0]).not.toBe(tables[1]);
  expect(tables).not.toContain("");
}

async function contentOf(store: Store): Promise<string[]> {
  const rows: string[] = [];
  for (let n = 0; n < 5; n++)
    for await (const { key, value, weight } of (await store.trace(`trace ${n}`, ROWS)).rows())
      rows.push(`${key} ${value} ${weight}`);
  return rows;
}

const EXPECTED = Array.from({ length: 5 }, (_, n) =>
  Array.from({ length: COMMITS }, (__, commit) => `${commit} trace ${n} ${commit} 1`),
).flat();

describe("openStore() over a medium that is far away", () => {
  for (const shared of [false, true]) {
    it(`takes at most four rounds${shared ? ", of a shared one" : ""}: head, tables, indexes, and the head before`, async () => {
      const medium = retained(memory, { shared });
      await write(medium);
      const counted = inRounds(await medium.open("place"));
      await using store = await openStore({ backend: counted.backend, strategy: OF_FIVE });
      expect(counted.rounds()).toBe(shared ? 3 : 4);
      expect(store.recovery.batches).toBe(20 + EMPTY / 2);
      expect(store.traces).toHaveLength(EMPTY + 5);
      expect(await contentOf(store)).toEqual(EXPECTED);
    });
  }

  it("lists nothing before it is open where the medium is shared, and reads no index of the head before", async () => {
    const medium = retained(memory, { shared: true });
    await write(medium);
    const counted = recording(await medium.open("place"));
    await using store = await openStore({ backend: counted });
    const { list, get, readHead } = counted.counts();
    expect([list.calls, readHead.calls]).toEqual([0, 2]);
    const batches = Object.values(store.stats().traces).reduce((sum, trace) => sum + trace.batches, 0);
    expect(get.calls).toBeLessThanOrEqual(store.recovery.batches + 8);
    expect(batches).toBe(0);
  });
});

describe("C9 what others have left in a shared place", () => {
  const namesOf = async (medium: RetainedMedium): Promise<string[]> => {
    const names: string[] = [];
    await using backend = await medium.open("place");
    for await (const name of backend.list("")) names.push(name);
    return names;
  };

  it("is removed by a synced head that comes after one of this writer's, and neither before nor by anything else", async () => {
    const medium = retained(memory, { shared: true });
    await write(medium);
    await using left = await medium.open("place");
    await left.write([{ type: "put", name: "batch/0badc0de-1/0", bytes: Uint8Array.of(1) }]);
    await using store = await openStore({ backend: await medium.open("place") });
    const trace = await store.trace("trace 0", ROWS);
    const isThere = async (): Promise<boolean> => (await namesOf(medium)).includes("batch/0badc0de-1/0");
    trace.insert(100, "first");
    await store.commit();
    expect(await isThere()).toBe(true);
    // The listing comes after the commit; nothing tells when, so it is given turns.
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    await store.compact();
    expect(await contentOf(store)).toHaveLength(EXPECTED.length + 1);
    for (let n = 0; n < 2; n++) await store.commit({ durability: "relaxed" });
    await store.commit();
    expect(await isThere()).toBe(false);
    expect(await store.verify()).toMatchObject({ isSound: true, problems: [] });
  });

  it("is not removed by a store that closes without another head: its writer may be about to name it", async () => {
    const medium = retained(memory, { shared: true });
    await write(medium);
    await using left = await medium.open("place");
    await left.write([{ type: "put", name: "batch/0badc0de-1/0", bytes: Uint8Array.of(1) }]);
    const store = await openStore({ backend: await medium.open("place") });
    (await store.trace("trace 0", ROWS)).insert(100, "first");
    await store.commit();
    await store.close();
    expect(await namesOf(medium)).toContain("batch/0badc0de-1/0");
  });

  it("stays when its writer comes first, though it was taken for left over", async () => {
    const medium = retained(memory, { shared: true });
    await write(medium);
    const first = await openStore({ backend: await medium.open("place") });
    (await first.trace("trace 0", ROWS)).insert(100, "first");
    await first.commit();
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    await using second = await openStore({ backend: await medium.open("place") });
    (await second.trace("trace 1", ROWS)).insert(100, "second");
    await second.commit();
    (await first.trace("trace 0", ROWS)).insert(101, "late");
    await expect(first.commit()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await first.close();
    expect(await second.verify()).toMatchObject({ isSound: true, problems: [] });
    expect(await contentOf(second)).toHaveLength(EXPECTED.length + 2);
  });
});
