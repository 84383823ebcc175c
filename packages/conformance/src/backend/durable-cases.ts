import type { Backend, WriteOptions } from "@zspine/core";
import { assertRejects, assertSame, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import type { BackendFixture } from "./backend-fixture.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const WAYS: readonly WriteOptions[] = [{}, { durability: "sync" }, { durability: "relaxed" }];

async function closeAndReopen(fixture: BackendFixture, backend: Backend): Promise<Backend> {
  await backend.close();
  return fixture.reopen(backend);
}

/** What survives: everything that was acknowledged, and nothing that was not asked for. */
export const durableCases: readonly BackendCase[] = [
  {
    name: "reopen finds every acknowledged value, of either durability, whole and in part",
    needs: ["durable"],
    async run(fixture) {
      const backend = await fixture.open();
      for (const [at, options] of WAYS.entries()) {
        await backend.write(
          [put(`value/${at}`, sampleBytes(5000, at)), put(`empty/${at}`, sampleBytes(0))],
          options,
        );
      }
      const reopened = await closeAndReopen(fixture, backend);
      for (const at of WAYS.keys()) {
        assertSameBytes(await reopened.get(`value/${at}`), sampleBytes(5000, at), `value/${at}`);
        assertSameBytes(await reopened.get(`empty/${at}`), sampleBytes(0), `empty/${at}`);
        const part = await reopened.get(`value/${at}`, { offset: 4000, length: 1000 });
        assertSameBytes(part, sampleBytes(5000, at).subarray(4000), `the end of value/${at}`);
      }
      const names = ["empty/0", "empty/1", "empty/2", "value/0", "value/1", "value/2"];
      assertSameList(await listNames(reopened), names, "list()");
    },
  },
  {
    name: "reopen does not find what was removed",
    needs: ["durable"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write(["a", "b", "c", "d"].map((name) => put(name, sampleBytes(9))));
      await backend.write([remove("a")]);
      await backend.write([remove("b"), put("b", sampleBytes(4))], { durability: "relaxed" });
      await backend.createHead(1, sampleBytes(2), [remove("c")]);
      const reopened = await closeAndReopen(fixture, backend);
      assertSameList(await listNames(reopened), ["b", "d"], "list()");
      assertSameBytes(await reopened.get("a"), undefined, "get() of a removed name");
      assertSameBytes(await reopened.get("b"), sampleBytes(4), "get() of a name that was put again");
    },
  },
  {
    name: "reopen finds the two newest heads, with what landed with them",
    needs: ["durable"],
    async run(fixture) {
      const backend = await fixture.open();
      for (let number = 1; number <= 5; number++) {
        const durability = number === 5 ? "relaxed" : "sync";
        const ops = [put(`with/${number}`, sampleBytes(30, number))];
        await backend.createHead(number, sampleBytes(10, number), ops, { durability });
      }
      const reopened = await closeAndReopen(fixture, backend);
      for (const number of [4, 5]) {
        assertSameBytes((await reopened.readHead(number))?.bytes, sampleBytes(10, number), `head ${number}`);
        assertSameBytes(await reopened.get(`with/${number}`), sampleBytes(30, number), `with/${number}`);
      }
      assertSame((await reopened.readHead())?.number, 5, "the number of the newest head");
    },
  },
  {
    name: "reopen goes on with the numbers of heads: none is used again",
    needs: ["durable"],
    async run(fixture) {
      let backend = await fixture.open();
      for (let number = 1; number <= 6; number++) {
        await backend.createHead(number, sampleBytes(10, number), []);
        backend = await closeAndReopen(fixture, backend);
        for (const wrong of [0, 1, number, number + 2]) {
          if (wrong === number + 1) continue;
          const create = () => backend.createHead(wrong, sampleBytes(3), []);
          await assertRejects("ZSPINE_CONFLICT", create, `head ${wrong} after ${number}`);
        }
        assertSameBytes((await backend.readHead())?.bytes, sampleBytes(10, number), `head ${number}`);
      }
    },
  },
  {
    name: "reopen of a backend in which nothing was written finds nothing",
    needs: ["durable"],
    async run(fixture) {
      const reopened = await closeAndReopen(fixture, await closeAndReopen(fixture, await fixture.open()));
      assertSameList(await listNames(reopened), [], "list()");
      assertSame(await reopened.readHead(), undefined, "readHead()");
      await reopened.createHead(1, sampleBytes(3), []);
    },
  },
  {
    name: "reopen finds nothing of a backend at another place",
    needs: ["durable"],
    async run(fixture) {
      const first = await fixture.open();
      const second = await fixture.open();
      await first.createHead(1, sampleBytes(3), [put("a", sampleBytes(4))]);
      assertSameList(await listNames(second), [], "list() of the other");
      const reopened = await closeAndReopen(fixture, second);
      assertSame(await reopened.readHead(), undefined, "readHead() of the other, reopened");
      assertSameBytes(await first.get("a"), sampleBytes(4), "get() of the first");
    },
  },
];
