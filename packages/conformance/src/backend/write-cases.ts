import type { WriteOp, WriteOptions } from "@zspine/core";
import { assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const FIRST = sampleBytes(10, 1);
const SECOND = sampleBytes(12, 2);

/** Operations of one write on the name `a`, after which it holds `left`. */
interface Sequence {
  readonly what: string;
  readonly before?: Uint8Array;
  readonly ops: readonly WriteOp[];
  readonly left: Uint8Array | undefined;
}

const SEQUENCES: readonly Sequence[] = [
  { what: "put, remove", ops: [put("a", FIRST), remove("a")], left: undefined },
  { what: "remove, put", ops: [remove("a"), put("a", FIRST)], left: FIRST },
  { what: "put, remove, put", ops: [put("a", FIRST), remove("a"), put("a", SECOND)], left: SECOND },
  { what: "remove what is there, put", before: FIRST, ops: [remove("a"), put("a", SECOND)], left: SECOND },
  {
    what: "remove what is there, put, remove",
    before: FIRST,
    ops: [remove("a"), put("a", SECOND), remove("a")],
    left: undefined,
  },
];

/** Writing: order of operations, removal, and names that are put again. */
export const writeCases: readonly BackendCase[] = [
  {
    name: "write() of no operations does nothing",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([]);
      assertSameList(await listNames(backend), [], "list()");
    },
  },
  {
    name: "write() does the operations of one call in order",
    async run(fixture) {
      for (const { what, before, ops, left } of SEQUENCES) {
        const backend = await fixture.open();
        if (before !== undefined) await backend.write([put("a", before)]);
        await backend.write([put("b", FIRST), ...ops, put("c", SECOND)]);
        assertSameBytes(await backend.get("a"), left, what);
        assertSameBytes(await backend.get("b"), FIRST, `${what}: what was put before it`);
        assertSameBytes(await backend.get("c"), SECOND, `${what}: what was put after it`);
      }
    },
  },
  {
    name: "write() does nothing when it removes a name that is not there",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("b", FIRST)]);
      await backend.write([remove("a"), remove("b/c"), put("c", SECOND), remove("a")]);
      assertSameList(await listNames(backend), ["b", "c"], "list()");
      assertSameBytes(await backend.get("c"), SECOND, "what was put beside it");
    },
  },
  {
    name: "write() removes a value, and none but it",
    async run(fixture) {
      const backend = await fixture.open();
      const names = ["a", "a/b", "a/bc", "ab", "b"];
      await backend.write(names.map((name) => put(name, FIRST)));
      await backend.write([remove("a/b")]);
      assertSameBytes(await backend.get("a/b"), undefined, "get()");
      assertSameBytes(await backend.get("a/b", { offset: 0, length: 1 }), undefined, "get() of a range");
      assertSameList(await listNames(backend), ["a", "a/bc", "ab", "b"], "list()");
    },
  },
  {
    name: "write() puts a name again after it was removed, with other bytes",
    async run(fixture) {
      const backend = await fixture.open();
      for (let round = 0; round < 5; round++) {
        const bytes = sampleBytes(10 - round, round);
        await backend.write([put("a", bytes)]);
        assertSameBytes(await backend.get("a"), bytes, `round ${round}`);
        assertSameList(await listNames(backend), ["a"], `list() in round ${round}`);
        await backend.write([remove("a")]);
        assertSameBytes(await backend.get("a"), undefined, `round ${round}, removed`);
      }
    },
  },
  {
    name: "write() is seen by whoever reads after it, of either durability",
    async run(fixture) {
      const backend = await fixture.open();
      const ways: WriteOptions[] = [{}, { durability: "sync" }, { durability: "relaxed" }];
      for (const [at, options] of ways.entries()) {
        const name = `${options.durability ?? "default"}`;
        await backend.write([put(name, FIRST)], options);
        assertSameBytes(await backend.get(name), FIRST, `${name}: get()`);
        await backend.createHead(at + 1, SECOND, [put(`${name}/head`, SECOND), remove(name)], options);
        assertSameBytes((await backend.readHead())?.bytes, SECOND, `${name}: readHead()`);
        assertSameBytes(await backend.get(`${name}/head`), SECOND, `${name}: what came with the head`);
        assertSameBytes(await backend.get(name), undefined, `${name}: what went with the head`);
      }
    },
  },
];
