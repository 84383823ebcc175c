import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { copyHead, type CopyProgress } from "../../src/recovery/copy-head.ts";
import { DormantTrace } from "../../src/recovery/dormant-trace.ts";
import { listValues } from "../../src/recovery/first-round.ts";
import type { FoundBatch } from "../../src/recovery/found-batch.ts";
import { HeadReader } from "../../src/recovery/head-reader.ts";
import { retainedPlaces } from "../retained-places.ts";
import { craftStore, rawPart, type CraftedStore } from "./crafted-store.ts";

const ROWS = { key: z.int32(), value: z.string() };

describe("backup()", () => {
  it("tells how many values and bytes it has copied, up to all of them", async () => {
    const places = retainedPlaces();
    await using store = await openStore({ backend: places.opener("store") });
    const trace = await store.trace("t", ROWS);
    for (let commit = 0; commit < 3; commit++) {
      trace.insert(commit, "x".repeat(2_000_000));
      await store.commit();
    }
    const told: CopyProgress[] = [];
    await store.backup(places.opener("copy"), { onProgress: (progress) => told.push(progress) });
    const { storedBytes } = store.stats();
    expect(told.map(({ values }) => values)).toEqual(told.map((_, at) => at + 1));
    expect(told.at(-1)).toEqual({ values: told.length, valuesTotal: told.length, bytes: storedBytes });
    expect(told.length).toBeGreaterThan(1);
  });
});

describe("backup() to what is opened first", () => {
  it("C15 copies what was committed at the call, and not what was since", async () => {
    const places = retainedPlaces();
    await using store = await openStore({ backend: places.opener("store") });
    const trace = await store.trace("t", ROWS);
    trace.insert(1, "before");
    await store.commit({ metadata: { n: 1 } });
    const opener = places.opener("copy");
    const open = async () => {
      trace.insert(2, "since");
      await store.commit({ metadata: { n: 2 } });
      return opener.open();
    };
    await store.backup({ ...opener, open });

    await using copy = await openStore({ backend: opener });
    expect([copy.metadata, (await copy.trace("t", ROWS)).totalWeight]).toEqual([{ n: 1 }, 1]);
  });
});

describe("copyHead()", () => {
  const copy = async ({ backend, head }: CraftedStore, to = memory()): Promise<Backend> => {
    const traces = await new HeadReader(backend).dormant(head.traces);
    await copyHead(backend, to, head, traces, {});
    return to;
  };

  it("C7 refuses a value of which a byte of a block or of a filter is not what it was, and creates no head", async () => {
    const part = rawPart([
      [1, 1, 1],
      [2, 1, 1],
    ]);
    const { head, value, name } = await craftStore(part);
    const end = head.traces[0]!.batches[0]!.index.offset;
    for (let at = 0; at < end; at++) {
      const store = await craftStore(part);
      const bytes = Uint8Array.from(value);
      bytes[at]! ^= 1;
      await store.backend.write([
        { type: "remove", name },
        { type: "put", name, bytes },
      ]);
      const to = memory();
      await expect(copy(store, to)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
      expect(await to.readHead()).toBeUndefined();
    }
  });

  it("copies blocks with filters or without, byte by byte", async () => {
    for (const hasFilter of [true, false]) {
      const store = await craftStore(
        rawPart([
          [1, 1, 1],
          [2, 1, 1],
        ]),
        { hasFilter },
      );
      const to = await copy(store);
      expect(await to.get(store.name)).toEqual(store.value);
      expect((await to.readHead())?.number).toBe(1);
    }
  });

  it("reads nothing again that an earlier copy has left in the target, and removes of that what is not named", async () => {
    const store = await craftStore(rawPart([[1, 1, 1]]));
    const traces = await new HeadReader(store.backend).dormant(store.head.traces);
    const unread = { ...forward(store.backend), get: () => Promise.reject(new Error("read again")) };
    const to = memory();
    await to.write([
      { type: "put", name: store.name, bytes: store.value },
      { type: "put", name: "other", bytes: store.value },
    ]);
    const copied = new Set([store.name, "other"]);
    await copyHead(unread, to, store.head, traces, {}, copied);

    expect([...copied]).toEqual([store.name]);
    expect(await listValues(to)).toEqual([store.name]);
    expect((await to.readHead())?.number).toBe(1);
  });

  it("leaves in the target, and tells, what it has copied before it misses a value, and creates no head", async () => {
    const first = await craftStore(rawPart([[1, 1, 1]]));
    const traces = await new HeadReader(first.backend).dormant(first.head.traces);
    const { file, index } = traces[0]!.batches[0]!;
    const more = { file: { ...file, values: ["gone"] }, index } as unknown as FoundBatch;
    const to = memory();
    const copied = new Set<string>();
    const twice = [...traces, new DormantTrace(first.head.traces[0]!, [more])];

    await expect(copyHead(first.backend, to, first.head, twice, {}, copied)).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
      message: expect.stringContaining("the value gone") as string,
    });
    expect([...copied]).toEqual([first.name]);
    expect(await listValues(to)).toEqual([first.name]);
    expect(await to.readHead()).toBeUndefined();
  });
});
