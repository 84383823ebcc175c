import { describe, expect, it } from "vitest";
import type { WriteOp } from "@zspine/core";
import { z } from "zod";
import { openStore } from "../../../store/src/index.ts";
import { FakeS3 } from "../../src/fake.ts";
import { defineS3 } from "../../src/s3/s3.ts";

const s3 = defineS3({ block: 256, inlineBytes: 2 ** 16 });

const put = (name: string, length: number): WriteOp => ({ type: "put", name, bytes: new Uint8Array(length) });

async function counted(fake: FakeS3, work: () => Promise<unknown>) {
  fake.resetCounts();
  await work();
  const { put: puts, get, lists, delete: deletes } = fake.counts();
  return { puts: puts.requests - lists, lists, gets: get.requests, deletes: deletes.requests };
}

/** A handle that has looked for what others have left, as each writer does once, with its first head. */
async function openWriter(fake: FakeS3) {
  const backend = await s3(fake.options).open();
  await backend.createHead(1, new Uint8Array(9), []);
  await backend.createHead(2, new Uint8Array(9), []);
  return backend;
}

describe("statistics()", () => {
  it("counts each attempt by what it is, and is what the store tells as stats().backend", async () => {
    const fake = new FakeS3();
    const store = await openStore({ backend: s3(fake.options) });
    const before = store.stats().backend!;
    let left = 2;
    fake.misbehave = ({ method }) =>
      method === "PUT" && left-- > 0 ? { type: "status", status: 500, isDone: false } : undefined;
    const rows = await store.trace("rows", { key: z.int32(), value: z.int32() });
    rows.insert(1, 1);
    await store.commit();
    const { puts, heads, retries } = store.stats().backend!;
    expect(puts! - before["puts"]!).toBe(3);
    expect(retries! - before["retries"]!).toBe(2);
    expect(heads! - before["heads"]!).toBe(1);
    expect(store.stats().backend).toMatchObject({ lists: fake.counts().lists });
    await store.close();
  });
});

describe("OT7 the requests of", () => {
  it("a commit of small values are one PUT and one look at the boundary, and no LIST", async () => {
    const fake = new FakeS3();
    const backend = await openWriter(fake);
    const ops = Array.from({ length: 100 }, (_, at) => put(`small/${at}`, 600));
    const found = await counted(fake, () => backend.createHead(3, new Uint8Array(900), ops));
    expect(found).toEqual({ puts: 1, lists: 0, gets: 1, deletes: 0 });
  });

  it("a commit of 1,000 large values are two PUTs, whatever they are", async () => {
    const fake = new FakeS3();
    const backend = await openWriter(fake);
    const ops = Array.from({ length: 1000 }, (_, at) => put(`large/${at}`, 30_000));
    const found = await counted(fake, () => backend.createHead(3, new Uint8Array(900), ops));
    expect(found).toEqual({ puts: 2, lists: 0, gets: 1, deletes: 0 });
  });

  it("a reader that polls are one each, a GET, and of one in sixteen a LIST", async () => {
    const fake = new FakeS3();
    const writer = await openWriter(fake);
    const reader = await s3(fake.options).open({ readOnly: true });
    await reader.readHead();
    const found = await counted(fake, async () => {
      for (let poll = 0; poll < 160; poll++) await reader.readHead();
    });
    expect(found).toEqual({ puts: 0, lists: 10, gets: 150, deletes: 0 });
    await writer.createHead(3, new Uint8Array(5), []);
    expect(await reader.readHead()).toMatchObject({ number: 3 });
  });

  it("values that lie in the newest head are none, and of neighbours in a pack one", async () => {
    const fake = new FakeS3();
    const backend = await openWriter(fake);
    await backend.createHead(3, new Uint8Array(9), [put("a", 500)]);
    expect(await counted(fake, () => backend.get("a"))).toMatchObject({ gets: 0 });
    const ops = Array.from({ length: 50 }, (_, at) => put(`b/${at}`, 4000));
    await backend.createHead(4, new Uint8Array(9), ops);
    const reading = () => Promise.all(ops.map(({ name }) => backend.get(name)));
    expect(await counted(fake, reading)).toEqual({ puts: 0, lists: 0, gets: 1, deletes: 0 });
  });

  it("opening are a GET and a LIST, then heads, one after the other", async () => {
    const fake = new FakeS3();
    const writer = await openWriter(fake);
    await writer.close();
    const opened = await counted(fake, () => s3(fake.options).open());
    expect(opened).toEqual({ puts: 0, lists: 1, gets: 1, deletes: 0 });
    const backend = await s3(fake.options).open();
    expect(await counted(fake, () => backend.readHead())).toEqual({ puts: 0, lists: 0, gets: 2, deletes: 0 });
  });

  it("an idle handle are none, and it tells its own", async () => {
    const fake = new FakeS3();
    const backend = await openWriter(fake);
    await backend.close();
    const { put: sent, get, delete: removed, lists } = fake.counts();
    const { puts, gets, heads, deletes, bytesSent, ...others } = backend.statistics!();
    expect([puts! + lists, gets! + heads!]).toEqual([sent.requests, get.requests]);
    expect([deletes, others["lists"], bytesSent]).toEqual([removed.requests, lists, sent.bytes]);
  });
});
