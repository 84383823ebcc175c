import { assertRejects, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const SIZES = [1, 2, 3, 7, 8, 9, 255, 256, 257, 4095, 4096, 4097, 65_535, 65_536, 65_537];
const LARGE_BYTES = 2 ** 20;

/** Offsets and lengths that lie within a value of 10 bytes, its borders included. */
const WITHIN: readonly (readonly [offset: number, length: number])[] = [
  [0, 0],
  [0, 1],
  [0, 10],
  [3, 4],
  [9, 1],
  [5, 5],
  [5, 0],
  [10, 0],
];

/** Offsets and lengths that do not. */
const OUTSIDE: readonly (readonly [offset: number, length: number])[] = [
  [0, 11],
  [9, 2],
  [10, 1],
  [11, 0],
  [1000, 1],
];

/** Values: whole, empty, large, in part, and many. */
export const valueCases: readonly BackendCase[] = [
  {
    name: "get() gives back the bytes that were put, of every value a byte can have",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await backend.write([put("a", bytes)]);
      assertSameBytes(await backend.get("a"), bytes, "get()");
    },
  },
  {
    name: "get() tells undefined for a name that was never put, and leaves nothing behind",
    async run(fixture) {
      const backend = await fixture.open();
      assertSameBytes(await backend.get("a"), undefined, "get()");
      assertSameBytes(await backend.get("a", { offset: 0, length: 1 }), undefined, "get() of a range");
      assertSameList(await listNames(backend), [], "list() after it");
    },
  },
  {
    name: "get() tells an empty value from none",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("empty", new Uint8Array(0))]);
      assertSameBytes(await backend.get("empty"), new Uint8Array(0), "get()");
      assertSameBytes(
        await backend.get("empty", { offset: 0, length: 0 }),
        new Uint8Array(0),
        "get() of its empty range",
      );
      assertSameList(await listNames(backend), ["empty"], "list()");
    },
  },
  {
    name: "get() gives back values of sizes around the powers of two",
    async run(fixture) {
      const backend = await fixture.open();
      const sizes = SIZES.filter((size) => size <= backend.capabilities.maxValueBytes);
      await backend.write(sizes.map((size) => put(`size/${size}`, sampleBytes(size, size))));
      for (const size of sizes) {
        assertSameBytes(await backend.get(`size/${size}`), sampleBytes(size, size), `${size} bytes`);
      }
    },
  },
  {
    name: "get() gives back a value of 1 MiB, or of maxValueBytes where that is less, whole and in part",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = sampleBytes(Math.min(backend.capabilities.maxValueBytes, LARGE_BYTES));
      await backend.write([put("large", bytes)]);
      assertSameBytes(await backend.get("large"), bytes, "get()");
      const offset = bytes.length - Math.min(100, bytes.length);
      const end = await backend.get("large", { offset, length: bytes.length - offset });
      assertSameBytes(end, bytes.subarray(offset), "get() of its end");
    },
  },
  {
    name: "get() reads a range that lies within the value, borders included",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = sampleBytes(10);
      await backend.write([put("a", bytes)]);
      for (const [offset, length] of WITHIN) {
        const part = bytes.subarray(offset, offset + length);
        assertSameBytes(await backend.get("a", { offset, length }), part, `${length} from ${offset}`);
      }
    },
  },
  {
    name: "get() fails with ZSPINE_CORRUPT for a range that goes beyond the value",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", sampleBytes(10))]);
      for (const [offset, length] of OUTSIDE) {
        const what = `${length} bytes from ${offset} of 10`;
        await assertRejects("ZSPINE_CORRUPT", () => backend.get("a", { offset, length }), what);
      }
      assertSameBytes(await backend.get("a"), sampleBytes(10), "get() of the whole after it");
    },
  },
  {
    name: "get() that a cache may answer gives the same bytes, and one that it may not knows what was removed",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = sampleBytes(3000, 1);
      await backend.write([put("a", bytes), put("b", bytes)]);
      for (let round = 0; round < 2; round++) {
        const part = await backend.get("a", { offset: 1000, length: 50 }, { cacheable: true });
        assertSameBytes(part, bytes.subarray(1000, 1050), `part in round ${round}`);
        assertSameBytes(await backend.get("b", undefined, { cacheable: true }), bytes, `round ${round}`);
      }
      await backend.write([remove("a"), remove("b")]);
      assertSameBytes(await backend.get("a", { offset: 1000, length: 50 }), undefined, "part, removed");
      assertSameBytes(await backend.get("b"), undefined, "removed");
      await backend.write([put("a", bytes.subarray(1))]);
      const part = await backend.get("a", { offset: 1000, length: 50 });
      assertSameBytes(part, bytes.subarray(1001, 1051), "part of what was put again");
    },
  },
  {
    name: "get() finds each of 300 values of one write",
    async run(fixture) {
      const backend = await fixture.open();
      const names = Array.from({ length: 300 }, (_, at) => `value/${at}`);
      await backend.write(names.map((name, at) => put(name, sampleBytes(at, at))));
      for (const [at, name] of names.entries()) {
        assertSameBytes(await backend.get(name), sampleBytes(at, at), name);
      }
    },
  },
  {
    name: "write() makes each of 64 writes under way at once readable when it has settled",
    async run(fixture) {
      const backend = await fixture.open();
      const writes = Array.from({ length: 64 }, async (_, at) => {
        await backend.write([put(`value/${at}`, sampleBytes(100, at))]);
        assertSameBytes(await backend.get(`value/${at}`), sampleBytes(100, at), `value/${at}`);
      });
      await Promise.all(writes);
    },
  },
  {
    name: "get() during a put sees the whole value or none",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = sampleBytes(Math.min(backend.capabilities.maxValueBytes, 300_000));
      const written = backend.write([put("a", bytes)]);
      written.catch(() => undefined);
      for (let k = 0; k < 16; k++) {
        const found = await backend.get("a");
        if (found !== undefined) assertSameBytes(found, bytes, `get() after ${k} turns`);
        await fixture.turns(1);
      }
      await written;
      assertSameBytes(await backend.get("a"), bytes, "get() in the end");
    },
  },
];
