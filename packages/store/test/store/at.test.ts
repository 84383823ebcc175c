import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { add, IndexedZSet, type Backend, type BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, restoreStore, type Snapshot, type Store, type Trace } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };
const MEDIA: Readonly<Record<string, () => ReturnType<typeof memory> | BackendOpener>> = {
  "rows in memory": () => memory(),
  "stored rows": () => retainedPlaces().opener("place"),
};

const keysOf = (snapshot: Snapshot<number, string>): number[] =>
  Array.from(snapshot.rows(), ({ key }) => key);

async function open(medium: string): Promise<{ store: Store; trace: Trace<number, string> }> {
  const store = await openStore({ backend: MEDIA[medium]!(), stagingRows: 4 });
  return { store, trace: await store.trace("t", ROWS) };
}

describe.each(Object.keys(MEDIA))("Store.at() over %s", (medium) => {
  it("F16 tells what was changed between any two commits whose readers are open, whatever was merged meanwhile", async () => {
    const { store, trace } = await open(medium);
    const readers = [];
    for (let commit = 0; commit < 12; commit++) {
      for (let key = commit; key < commit + 5; key++) trace.insert(key, `c${commit}`);
      if (commit > 0) trace.insert(commit - 1, `c${commit - 1}`, -1);
      readers.push(store.at(await store.commit()));
      if (commit % 4 === 3) await store.compact();
    }
    for (const [from, earlier] of readers.entries())
      for (const [to, later] of readers.entries()) {
        const changed = later.of(trace).since(earlier.of(trace));
        const sum = add(IndexedZSet.from(ROWS.key, ROWS.value, earlier.of(trace).rows()), changed);
        expect([...sum], `${from} to ${to}`).toEqual([...later.of(trace).rows()]);
      }
    for (const reader of readers) reader.close();
    await store.close();
  });

  it("C23 gives rows and metadata of one commit in one call, while others insert, commit, merge and discard", async () => {
    const { store, trace } = await open(medium);
    const other = await store.trace("other", ROWS);
    for (let key = 0; key < 10; key++) trace.insert(key, "v");
    other.insert(1, "o");
    const committing = store.commit({ metadata: { offset: 1 } });
    trace.insert(99, "later");
    const token = await committing;
    using at = store.at(token);
    trace.insert(3, "v", -1);
    expect([at.token, at.metadata]).toEqual([token, { offset: 1 }]);
    const check = (): void => {
      expect(keysOf(at.of(trace))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect([at.of(trace).totalWeight, at.of(trace).get(99), at.of(other).get(1).length]).toEqual([
        10,
        [],
        1,
      ]);
    };
    check();
    await store.commit({ metadata: { offset: 2 } });
    await store.compact();
    check();
    trace.insert(100, "dropped");
    store.discard();
    check();
    expect([...trace.now.rows()].map(({ key }) => key)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 99]);
    await store.close();
  });

  it("C23 tells what two commits have between them, at its own cost", async () => {
    const { store, trace } = await open(medium);
    for (let key = 0; key < 50; key++) trace.insert(key, "v");
    using before = store.at(await store.commit());
    trace.insert(7, "v", -1);
    trace.insert(77, "new");
    const committing = store.commit();
    trace.insert(78, "not committed");
    using after = store.at(await committing);
    const changes = [...after.of(trace).since(before.of(trace))];
    expect(changes.map(({ key, weight }) => [key, weight])).toEqual([
      [7, -1],
      [77, 1],
    ]);
    await store.close();
  });

  it("C23 can be read in a listener of the commit's event, which tells the token", async () => {
    const { store, trace } = await open(medium);
    const seen: unknown[] = [];
    store.on("commit", ({ number }) => {
      using at = store.at(number);
      seen.push([at.metadata["n"], keysOf(at.of(trace))]);
    });
    const commits = [1, 2, 3].map(async (n) => {
      trace.insert(n, "v");
      await store.commit({ metadata: { n } });
    });
    trace.insert(4, "not committed");
    await Promise.all(commits);
    expect(seen.at(-1)).toEqual([3, [1, 2, 3]]);
    await store.close();
  });

  it("refuses a commit that others have followed, and what is no token", async () => {
    const { store, trace } = await open(medium);
    expect(() => store.at(1)).toThrowError(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
    trace.insert(1, "v");
    const first = await store.commit();
    await store.flush();
    store.at(first).close();
    expect(() => store.at(first + 1)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
    const second = await store.commit();
    expect(() => store.at(first)).toThrowError(
      expect.objectContaining({
        code: "ZSPINE_TIME_PASSED",
        message: expect.stringContaining(String(second)) as string,
      }),
    );
    for (const token of [second + 1, 0, -1, 1.5, "1", undefined])
      expect(() => store.at(token as number)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
      );
    const at = store.at(second);
    const late = await store.trace("late", ROWS);
    expect(() => at.of(late)).toThrowError(expect.objectContaining({ code: "ZSPINE_UNKNOWN_NAME" }));
    at.close();
    expect(() => at.of(trace).get(1)).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await store.close();
  });
});

describe("the newest commit of a user's is read after reopening, whatever maintenance has followed it", () => {
  /** Two commits, and a head after them that is no commit; gives the second's token, and what opens the place. */
  async function maintained() {
    const places = retainedPlaces();
    const store = await openStore({ backend: places.opener("place"), stagingRows: 4 });
    const trace = await store.trace("t", ROWS);
    for (const key of [1, 2]) {
      trace.insert(key, "v");
      await store.commit({ metadata: { key } });
    }
    await store.flush();
    const { head } = store.stats();
    await store.close();
    return { places, head, token: 2 };
  }

  async function expectReads(store: Store, token: number, key: number): Promise<void> {
    const trace = await store.trace("t", ROWS);
    using at = store.at(token);
    expect([at.token, at.metadata, keysOf(at.of(trace)).at(-1)]).toEqual([token, { key }, key]);
  }

  function expectNoToken(store: Store, token: number): void {
    expect(() => store.at(token)).toThrowError(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
  }

  it.each([{}, { readOnly: true }])("C23 reopened with %j, again and again", async (options) => {
    const { places, head, token } = await maintained();
    expect(head).toBeGreaterThan(token);
    for (let opening = 0; opening < 3; opening++) {
      await using store = await openStore({ backend: places.opener("place"), ...options });
      expect(store.recovery.head).toBeGreaterThan(token);
      await expectReads(store, token, 2);
      for (let number = token + 1; number <= store.recovery.head + 1; number++) expectNoToken(store, number);
      if (options.readOnly !== true) await store.flush();
    }
  });

  it("C23 C5 and after going back to the head before: the commit that it says, and none that was passed over", async () => {
    const { places, head, token } = await maintained();
    const opener = places.opener("place");
    const torn = (backend: Backend): Backend => ({
      ...forward(backend),
      async readHead(number, how) {
        const found = await backend.readHead(number, how);
        if (found?.number === head) found.bytes[20]! ^= 1;
        return found;
      },
    });
    const backend = { ...opener, open: async () => torn(await opener.open()) };
    const store = await openStore({ backend, recover: "previous" });
    expect(store.recovery.passedOver).toBe(head);
    await expectReads(store, token, 2);
    expectNoToken(store, head);
    await store.close();
  });

  it("C23 and from a copy, which numbers its commits itself", async () => {
    const { places } = await maintained();
    const store = await openStore({ backend: places.opener("place") });
    await store.backup(places.opener("backup"));
    await store.close();
    await restoreStore({ from: places.opener("backup"), to: places.opener("restored") });
    for (const place of ["backup", "restored"]) {
      await using copy = await openStore({ backend: places.opener(place) });
      await expectReads(copy, 1, 2);
      expectNoToken(copy, 2);
    }
  });

  it("C23 and a store whose heads are all of maintenance has no token", async () => {
    const places = retainedPlaces();
    for (let opening = 0; opening < 2; opening++) {
      await using store = await openStore({ backend: places.opener("place") });
      await store.trace("t", ROWS);
      await store.compact();
      for (let number = 0; number <= store.stats().head; number++) expectNoToken(store, number);
    }
  });
});

describe("Trace.now", () => {
  it("reads synchronously what has been inserted by each call, and seals nothing for a key", async () => {
    const { store, trace } = await open("rows in memory");
    for (let key = 0; key < 3; key++) {
      trace.insert(key, "v");
      expect(trace.now.get(key)).toEqual([{ value: "v", weight: 1 }]);
      expect([trace.now.has(key), trace.now.has(key + 1), trace.now.weight(key, "v")]).toEqual([
        true,
        false,
        1,
      ]);
    }
    expect([trace.stats().batches, trace.now.size, trace.now.totalWeight]).toEqual([0, 3, 3]);
    expect(Array.from(trace.now.rows({ gte: 1 }), ({ key }) => key)).toEqual([1, 2]);
    await store.close();
    expect(() => trace.now.get(1)).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
  });
});
