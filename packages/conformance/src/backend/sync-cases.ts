import type { Backend, ByteRange } from "@zspine/core";
import { assert, assertSameBytes, assertThrows } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { put, remove, sampleBytes } from "./sample.ts";

function readSync(backend: Backend, name: string, range?: ByteRange): Uint8Array | undefined {
  assert(backend.getSync !== undefined, "getSync is there");
  return backend.getSync(name, range);
}

/** Reading at once: the same answers as reading later. */
export const syncCases: readonly BackendCase[] = [
  {
    name: "getSync() agrees with get(): absent, empty, whole, in part, removed",
    needs: ["syncReads"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", sampleBytes(10)), put("empty", new Uint8Array(0))]);
      await backend.createHead(1, sampleBytes(4), [put("with-head", sampleBytes(11))]);
      const ranges = [
        undefined,
        { offset: 0, length: 0 },
        { offset: 3, length: 4 },
        { offset: 10, length: 0 },
      ];
      for (const name of ["a", "empty", "none", "with-head"]) {
        for (const range of name === "empty" ? ranges.slice(0, 2) : ranges) {
          const what = `getSync("${name}"), ${range?.length ?? "all"} from ${range?.offset ?? 0}`;
          assertSameBytes(readSync(backend, name, range), await backend.get(name, range), what);
        }
      }
      await backend.write([remove("a")]);
      assertSameBytes(readSync(backend, "a"), undefined, "getSync() of a removed name");
    },
  },
  {
    name: "getSync() throws ZSPINE_CORRUPT for a range that goes beyond the value",
    needs: ["syncReads"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", sampleBytes(10))]);
      assertThrows(
        "ZSPINE_CORRUPT",
        () => readSync(backend, "a", { offset: 9, length: 2 }),
        "2 bytes from 9 of 10",
      );
    },
  },
  {
    name: "getSync() gives bytes that belong to the caller",
    needs: ["syncReads"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", sampleBytes(10))]);
      readSync(backend, "a")?.fill(0);
      readSync(backend, "a", { offset: 2, length: 5 })?.fill(0);
      assertSameBytes(readSync(backend, "a"), sampleBytes(10), "getSync()");
      assertSameBytes(await backend.get("a"), sampleBytes(10), "get()");
    },
  },
  {
    name: "getSync() throws ZSPINE_CLOSED after close()",
    needs: ["syncReads"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", sampleBytes(10))]);
      await backend.close();
      assertThrows("ZSPINE_CLOSED", () => readSync(backend, "a"), "getSync() of a value");
      assertThrows("ZSPINE_CLOSED", () => readSync(backend, "none"), "getSync() of none");
    },
  },
];
