import { describe, expect, it } from "vitest";
import { SeededRandom } from "@zspine/conformance";
import { CachedObjects } from "../../src/cache/cached-objects.ts";
import { PAGE_BYTES, type ObjectCache, type ObjectPage } from "../../src/cache/object-cache.ts";

/** A cache in memory, which forgets what it is told to. */
class MemoryCache implements ObjectCache {
  readonly pages = new Map<string, ObjectPage>();

  async read(object: string, page: number): Promise<ObjectPage | undefined> {
    await Promise.resolve();
    return this.pages.get(`${object}#${page}`);
  }

  fill(object: string, page: number, found: ObjectPage): void {
    this.pages.set(`${object}#${page}`, { ...found, bytes: found.bytes.slice() });
  }

  async settled(): Promise<void> {}

  counts() {
    return { bytesWritten: 0, evictions: 0, failures: 0 };
  }
}

const SIZE = 5 * PAGE_BYTES + 1234;

/** Objects as a service has them, which tells of each request. */
function service(seed: number) {
  const random = new SeededRandom(seed);
  const objects = new Map<string, Uint8Array>([["a", random.bytes(SIZE)]]);
  const asked: { key: string; offset: number; length: number }[] = [];
  let etag = "first";
  const read = async (key: string, { offset, length }: { offset: number; length: number }) => {
    asked.push({ key, offset, length });
    await Promise.resolve();
    const bytes = objects.get(key);
    return bytes && { bytes: bytes.slice(offset, offset + length), size: bytes.length, etag };
  };
  const replace = (key: string, bytes: Uint8Array) => {
    objects.set(key, bytes);
    etag = "second";
  };
  return { objects, asked, read, replace };
}

const isSame = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

describe("CachedObjects", () => {
  it.each([1, 2])("get() gives what the object has, whatever was read before (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    const { objects, read } = service(seed);
    const cache = new MemoryCache();
    const cached = new CachedObjects(read, cache, "place ");
    for (let round = 0; round < 30; round++) {
      const readings = Array.from({ length: 1 + random.int(0, 4 - 1) }, async () => {
        const offset = random.int(0, SIZE - 1);
        const length = 1 + random.int(0, 3 * PAGE_BYTES - 1);
        const found = await cached.get("a", { offset, length });
        expect(found?.size).toBe(SIZE);
        const expected = objects.get("a")!.subarray(offset, offset + length);
        expect(isSame(found!.bytes, expected)).toBe(true);
        found!.bytes.fill(0);
      });
      await Promise.all(readings);
      for (const key of cache.pages.keys()) if (random.int(0, 4 - 1) === 0) cache.pages.delete(key);
    }
  });

  it("get() asks once for pages that lie side by side, and for none that it has", async () => {
    const { asked, read } = service(1);
    const cached = new CachedObjects(read, new MemoryCache(), "place ");
    await cached.get("a", { offset: 2 * PAGE_BYTES + 5, length: 10 });
    expect(asked.splice(0)).toEqual([{ key: "a", offset: 2 * PAGE_BYTES, length: PAGE_BYTES }]);
    await cached.get("a", { offset: 0, length: SIZE });
    expect(asked.splice(0)).toEqual([
      { key: "a", offset: 0, length: 2 * PAGE_BYTES },
      { key: "a", offset: 3 * PAGE_BYTES, length: 3 * PAGE_BYTES },
    ]);
    await cached.get("a", { offset: 17, length: SIZE });
    expect(asked).toEqual([]);
    expect(cached.statistics()).toMatchObject({ cacheHits: 1 + 6, cacheMisses: 1 + 5 });
  });

  it("get() asks once for what several read at a time", async () => {
    const { asked, read } = service(1);
    const cached = new CachedObjects(read, new MemoryCache(), "place ");
    const readings = [0, 10, PAGE_BYTES - 1].map((offset) => cached.get("a", { offset, length: 3 }));
    await Promise.all(readings);
    expect(asked).toEqual([
      { key: "a", offset: 0, length: PAGE_BYTES },
      { key: "a", offset: PAGE_BYTES, length: PAGE_BYTES },
    ]);
  });

  it("get() fails for all who wait when the service does, and asks again after it", async () => {
    const { asked, read } = service(1);
    let isAway = true;
    const failing: typeof read = (key, range) =>
      isAway ? Promise.reject(new Error("away")) : read(key, range);
    const cached = new CachedObjects(failing, new MemoryCache(), "place ");
    const readings = [1, 2].map((length) => cached.get("a", { offset: 0, length }));
    expect((await Promise.allSettled(readings)).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
    ]);
    isAway = false;
    expect((await cached.get("a", { offset: 0, length: 4 }))?.bytes).toHaveLength(4);
    expect(asked).toHaveLength(1);
  });

  it("get() tells undefined of what is not there, and that is not remembered", async () => {
    const { objects, read } = service(1);
    const cached = new CachedObjects(read, new MemoryCache(), "place ");
    expect(await cached.get("b", { offset: 0, length: 4 })).toBeUndefined();
    objects.set("b", new Uint8Array(9));
    expect((await cached.get("b", { offset: 2, length: 40 }))?.bytes).toHaveLength(7);
  });

  it("get() never mixes an object with another of its key", async () => {
    const { read, replace } = service(1);
    const cached = new CachedObjects(read, new MemoryCache(), "place ");
    await cached.get("a", { offset: 0, length: 5 });
    replace("a", new Uint8Array(SIZE).fill(7));
    const found = await cached.get("a", { offset: 0, length: 2 * PAGE_BYTES });
    expect(found!.bytes.every((byte) => byte === 7)).toBe(true);
  });
});
