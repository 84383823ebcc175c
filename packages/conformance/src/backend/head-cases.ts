import type { Backend } from "@zspine/core";
import { assertRejects, assertSame, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import type { BackendFixture } from "./backend-fixture.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

async function assertHead(
  backend: Backend,
  number: number | undefined,
  expected: { number: number; bytes: Uint8Array } | undefined,
): Promise<void> {
  const what = `readHead(${number ?? ""})`;
  const head = await backend.readHead(number);
  assertSame(head?.number, expected?.number, `${what}, its number`);
  assertSameBytes(head?.bytes, expected?.bytes, `${what}, its bytes`);
}

const headOf = (number: number) => ({ number, bytes: sampleBytes(20 + number, number) });

async function openWithHeads(fixture: BackendFixture, count: number): Promise<Backend> {
  const backend = await fixture.open();
  for (let number = 1; number <= count; number++) await backend.createHead(number, headOf(number).bytes, []);
  return backend;
}

/** Heads: numbers, conflicts, and what lands with them. */
export const headCases: readonly BackendCase[] = [
  {
    name: "readHead() tells undefined when there is no head",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("head", sampleBytes(3)), put("1", sampleBytes(3))]);
      for (const number of [undefined, 0, 1]) await assertHead(backend, number, undefined);
    },
  },
  {
    name: "readHead() reads the newest head, and by number the two newest",
    async run(fixture) {
      const backend = await fixture.open();
      for (let number = 1; number <= 20; number++) {
        await backend.createHead(number, headOf(number).bytes, []);
        await assertHead(backend, undefined, headOf(number));
        await assertHead(backend, number, headOf(number));
        if (number > 1) await assertHead(backend, number - 1, headOf(number - 1));
        await assertHead(backend, number + 1, undefined);
      }
    },
  },
  {
    name: "readHead() of a number older than the two newest tells undefined, or the head that it was",
    async run(fixture) {
      const backend = await openWithHeads(fixture, 5);
      for (let number = 1; number <= 3; number++) {
        const head = await backend.readHead(number);
        if (head !== undefined) await assertHead(backend, number, headOf(number));
      }
    },
  },
  {
    name: "createHead() keeps empty bytes, and many",
    async run(fixture) {
      const backend = await fixture.open();
      const many = sampleBytes(Math.min(backend.capabilities.maxValueBytes, 2 ** 18));
      await backend.createHead(1, new Uint8Array(0), []);
      await assertHead(backend, undefined, { number: 1, bytes: new Uint8Array(0) });
      await backend.createHead(2, many, []);
      await assertHead(backend, undefined, { number: 2, bytes: many });
      await assertHead(backend, 1, { number: 1, bytes: new Uint8Array(0) });
    },
  },
  {
    name: "createHead() fails with ZSPINE_CONFLICT for any first number but 1",
    async run(fixture) {
      const backend = await fixture.open();
      for (const number of [0, 2, 3]) {
        await assertRejects(
          "ZSPINE_CONFLICT",
          () => backend.createHead(number, sampleBytes(3), []),
          `${number}`,
        );
      }
      await assertHead(backend, undefined, undefined);
      await backend.createHead(1, headOf(1).bytes, []);
      await assertHead(backend, undefined, headOf(1));
    },
  },
  {
    name: "createHead() fails with ZSPINE_CONFLICT for any number but the next, and the heads stay",
    async run(fixture) {
      const backend = await openWithHeads(fixture, 5);
      for (const number of [0, 1, 2, 3, 4, 5, 7, 8, 100]) {
        const create = () => backend.createHead(number, sampleBytes(3), []);
        await assertRejects("ZSPINE_CONFLICT", create, `head ${number} after 5`);
        await assertHead(backend, undefined, headOf(5));
        await assertHead(backend, 4, headOf(4));
        if (number > 5) await assertHead(backend, number, undefined);
      }
      await backend.createHead(6, headOf(6).bytes, []);
      await assertHead(backend, undefined, headOf(6));
    },
  },
  {
    name: "createHead() puts and removes values with the head",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write([put("old", sampleBytes(4)), put("kept", sampleBytes(5))]);
      const ops = [
        put("new/1", sampleBytes(6)),
        remove("old"),
        put("new/2", sampleBytes(7)),
        remove("never"),
      ];
      await backend.createHead(1, headOf(1).bytes, ops);
      await assertHead(backend, undefined, headOf(1));
      assertSameList(await listNames(backend), ["kept", "new/1", "new/2"], "list()");
      assertSameBytes(await backend.get("new/1"), sampleBytes(6), "get() of the first");
      assertSameBytes(await backend.get("new/2"), sampleBytes(7), "get() of the second");
    },
  },
  {
    name: "createHead() that conflicts removes nothing, changes nothing, and leaves orphans at most",
    async run(fixture) {
      const backend = await openWithHeads(fixture, 2);
      await backend.write([put("kept", sampleBytes(5))]);
      for (const number of [1, 2, 4]) {
        const ops = [remove("kept"), put(`orphan/${number}`, sampleBytes(6))];
        await assertRejects(
          "ZSPINE_CONFLICT",
          () => backend.createHead(number, sampleBytes(3), ops),
          `${number}`,
        );
        assertSameBytes(
          await backend.get("kept"),
          sampleBytes(5),
          `get() after the conflict of head ${number}`,
        );
        const orphan = await backend.get(`orphan/${number}`);
        if (orphan !== undefined) assertSameBytes(orphan, sampleBytes(6), "an orphan");
      }
      await assertHead(backend, undefined, headOf(2));
    },
  },
  {
    name: "createHead() that conflicted leaves the next number free for whoever is next",
    async run(fixture) {
      const backend = await openWithHeads(fixture, 1);
      const late = backend.createHead(1, sampleBytes(3), [put("late", sampleBytes(3))]);
      await assertRejects("ZSPINE_CONFLICT", () => late, "the late one");
      await backend.createHead(2, headOf(2).bytes, [put("next", sampleBytes(8))]);
      await assertHead(backend, undefined, headOf(2));
      await assertHead(backend, 1, headOf(1));
      assertSameBytes(await backend.get("next"), sampleBytes(8), "what came with it");
    },
  },
];
