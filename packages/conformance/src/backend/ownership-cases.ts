import type { WriteOp } from "@zspine/core";
import { assert, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { listNames, put, sampleBytes } from "./sample.ts";

const BYTES = sampleBytes(50);

/** Buffers: a backend copies what it takes, and what it gives belongs to the caller. */
export const ownershipCases: readonly BackendCase[] = [
  {
    name: "write() has taken what it needs when it has settled: changing the bytes changes no value",
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = BYTES.slice();
      const ops: WriteOp[] = [put("a", bytes)];
      await backend.write(ops);
      bytes.fill(0);
      ops[0] = put("b", bytes);
      ops.push(put("c", bytes));
      assertSameBytes(await backend.get("a"), BYTES, "get()");
      assertSameList(await listNames(backend), ["a"], "list()");
    },
  },
  {
    name: "write() puts the bytes of a view, not those of the buffer that it looks into",
    async run(fixture) {
      const backend = await fixture.open();
      const buffer = sampleBytes(10_000);
      await backend.write([put("a", buffer.subarray(100, 150)), put("b", buffer.subarray(10_000))]);
      assertSameBytes(await backend.get("a"), sampleBytes(50, 100), "get()");
      assertSameBytes(await backend.get("a", { offset: 10, length: 5 }), sampleBytes(5, 110), "a range");
      assertSameBytes(await backend.get("b"), new Uint8Array(0), "get() of an empty view");
    },
  },
  {
    name: "get() gives bytes that belong to the caller: changing them changes no value",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("a", BYTES.slice())]);
      const whole = await backend.get("a");
      const again = await backend.get("a");
      const part = await backend.get("a", { offset: 10, length: 20 });
      assert(whole !== undefined && again !== undefined && part !== undefined, "the value is there");
      whole.fill(1);
      part.fill(2);
      assertSameBytes(again, BYTES, "what was read before the change");
      assertSameBytes(await backend.get("a"), BYTES, "get()");
      assertSameBytes(await backend.get("a", { offset: 10, length: 20 }), BYTES.subarray(10, 30), "a range");
    },
  },
  {
    name: "createHead() has taken what it needs when it has settled: changing the bytes changes nothing",
    async run(fixture) {
      const backend = await fixture.open();
      const buffer = sampleBytes(200);
      const head = buffer.subarray(20, 70);
      const value = buffer.subarray(100, 150);
      await backend.createHead(1, head, [put("a", value)]);
      buffer.fill(0);
      assertSameBytes((await backend.readHead())?.bytes, sampleBytes(50, 20), "readHead()");
      assertSameBytes(await backend.get("a"), sampleBytes(50, 100), "get()");
    },
  },
  {
    name: "readHead() gives bytes that belong to the caller: changing them changes no head",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.createHead(1, BYTES.slice(), []);
      for (const number of [undefined, 1]) {
        const head = await backend.readHead(number);
        assert(head !== undefined, "the head is there");
        head.bytes.fill(1);
        assertSameBytes((await backend.readHead(number))?.bytes, BYTES, `readHead(${number ?? ""})`);
      }
    },
  },
];
