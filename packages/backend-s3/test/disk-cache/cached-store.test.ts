import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../../store/src/index.ts";
import { diskCache } from "../../src/disk-cache.ts";
import { FakeS3, type FakeRequest } from "../../src/fake.ts";
import { s3 } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { casesOverFake, contractOverFake } from "../store/store-suite.ts";
import { filesIn } from "./pages.ts";

let places = 0;
const newCache = () => {
  const directory = join(scratchFolder, `store-cache-${++places}`);
  return { directory, open: () => diskCache({ directory, maxBytes: 2 ** 26 }) };
};
const schema = { key: z.int32(), value: z.string() };
const ROWS = 30_000;

/** Fills a store with commits, and merges: small batches lie in the heads, and only what is merged is a blob for certain. */
async function fill(fake: FakeS3, options: object = {}, text = "value") {
  const store = await openStore({ backend: s3({ ...fake.options, ...options }) });
  const rows = await store.trace("rows", schema);
  for (let commit = 0; commit < 6; commit++) {
    for (let at = 0; at < ROWS / 6; at++) rows.insert(at * 6 + commit, `${text} ${(at * 7919) % 10_007}`);
    await store.commit();
  }
  await store.compact();
  await store.close();
}

/** Opens a store to be read with what a cache has, and reads all of it; which objects that are there were asked for. */
async function readAll(fake: FakeS3, options: object) {
  const asked: string[] = [];
  fake.misbehave = ({ method, key, isList }: FakeRequest) => {
    if (method === "GET" && !isList && fake.objects.bytes(key) !== undefined) asked.push(key);
    return undefined;
  };
  const store = await openStore({ backend: s3({ ...fake.options, ...options }), readOnly: true });
  const rows = await store.trace("rows", schema);
  const all: string[] = [];
  for await (const { key, value } of rows.rows()) all.push(`${key} ${value}`);
  await store.close();
  fake.misbehave = () => undefined;
  return { all, blobs: asked.filter((key) => /(^|\/)(value|pack)\//.test(key)), asked };
}

describe("a store over s3() with a cache", () => {
  it("reads no blob from the service when it is opened a second time, in another process too", async () => {
    const fake = new FakeS3();
    const { open } = newCache();
    await fill(fake);
    const first = await readAll(fake, { cache: open() });
    expect(first.all).toHaveLength(ROWS);
    expect(first.blobs.length).toBeGreaterThan(0);
    const second = await readAll(fake, { cache: open() });
    expect(second.all).toEqual(first.all);
    expect(second.blobs).toEqual([]);
    // The marker, the newest head, and what was let go of since, which no cache may have.
    expect(second.asked.length).toBeLessThanOrEqual(4);
  });

  it("has what its writer wrote last", async () => {
    const fake = new FakeS3();
    const { open } = newCache();
    await fill(fake, { cache: open() });
    expect((await readAll(fake, { cache: open() })).blobs).toEqual([]);
  });

  it("asks the service again for what is damaged or gone, and fails for none of it", async () => {
    const fake = new FakeS3();
    const { open, directory } = newCache();
    await fill(fake);
    const { all } = await readAll(fake, { cache: open() });
    for (const [at, { path }] of filesIn(directory).entries()) {
      const bytes = readFileSync(path);
      bytes[(at * 7919) % bytes.length]! ^= 4;
      writeFileSync(path, at % 3 === 0 ? new Uint8Array(0) : bytes);
    }
    const again = await readAll(fake, { cache: open() });
    expect(again.all).toEqual(all);
    expect(again.blobs.length).toBeGreaterThan(0);
    expect((await readAll(fake, { cache: open() })).blobs).toEqual([]);
  });

  it("never mixes buckets, prefixes, or a store with the one that was there before", async () => {
    const fake = new FakeS3();
    const cache = newCache().open();
    const expected = new Map<object, string[]>();
    for (const [at, options] of [{ prefix: "one" }, { prefix: "two" }, { prefix: "one" }].entries()) {
      await s3({ ...fake.options, ...options }).drop();
      await fill(fake, { cache, ...options }, `text ${at}`);
      const { all } = await readAll(fake, options);
      expect((await readAll(fake, { cache, ...options })).all).toEqual(all);
      expected.set(options, all);
    }
    expect(new Set([...expected.values()].map((all) => all[0])).size).toBe(3);
  });

  it("refuses what is no cache, and says what to write", () => {
    const { options } = new FakeS3();
    expect(() => s3({ ...options, cache: "cache" as never })).toThrowError(
      /diskCache\(\{ directory, maxBytes \}\)/,
    );
  });
});

// Others than those that run without a cache; the long tests have all of the contract, and more cases of a store.
describe("s3() with a cache proves every third case of the backend contract", () => {
  const cases = contractOverFake(newCache().open());
  for (const { name, run } of cases.filter((found, n) => n % 3 === 0 || found.name.includes("a cache")))
    it(name, run);
});

describe("L16 a store over s3() with a cache, every ninth of the quick cases", () => {
  const quick = casesOverFake("quick", newCache().open());
  for (const { name, run } of quick.filter((_, n) => n % 9 === 1)) it(name, run);
});
