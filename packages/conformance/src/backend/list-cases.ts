import { assert, assertSame, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const BYTES = sampleBytes(3);

/** In order of code units, which is neither that of a locale nor that of a walk through folders. */
const ORDERED = [
  "-",
  "0",
  "1",
  "10",
  "2",
  "_",
  "a",
  "a-b",
  "a.b",
  "a/b",
  "a/b/c",
  "a0",
  "a_b",
  "aa",
  "b",
  "z",
];

const PREFIXES: readonly (readonly [prefix: string, names: readonly string[]])[] = [
  ["", ORDERED],
  ["a", ["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a_b", "aa"]],
  ["a/", ["a/b", "a/b/c"]],
  ["a/b", ["a/b", "a/b/c"]],
  ["a/b/c", ["a/b/c"]],
  ["a/b/cd", []],
  ["1", ["1", "10"]],
  ["z", ["z"]],
  ["zz", []],
  ["y", []],
  ["-", ["-"]],
];

/** Listing: order, prefixes, and what goes on meanwhile. */
export const listCases: readonly BackendCase[] = [
  {
    name: "list() yields nothing when nothing was put",
    async run(fixture) {
      const backend = await fixture.open();
      assertSameList(await listNames(backend), [], "list()");
      assertSameList(await listNames(backend, "a"), [], "list() of a prefix");
    },
  },
  {
    name: "list() yields the names with the prefix, ascending by code unit",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write(fixture.random.shuffle(ORDERED).map((name) => put(name, BYTES)));
      for (const [prefix, names] of PREFIXES) {
        assertSameList(await listNames(backend, prefix), names, `list("${prefix}")`);
      }
    },
  },
  {
    name: "list() yields each of 1,000 names once, in order",
    async run(fixture) {
      const backend = await fixture.open();
      const names = Array.from({ length: 1000 }, (_, at) => `trace/${at % 7}/batch/${at}`);
      await backend.write(names.map((name) => put(name, BYTES)));
      assertSameList(await listNames(backend), names.sort(), "list()");
    },
  },
  {
    name: "list() does not yield heads",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.createHead(1, BYTES, [put("a", BYTES)]);
      await backend.createHead(2, BYTES, []);
      assertSameList(await listNames(backend), ["a"], "list()");
      assertSameList(await listNames(backend, "h"), [], "list() of a prefix");
    },
  },
  {
    name: "list() called twice yields each its own names",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write(["a", "b", "c"].map((name) => put(name, BYTES)));
      const first = backend.list("")[Symbol.asyncIterator]();
      const second = backend.list("")[Symbol.asyncIterator]();
      const found: string[] = [];
      for (let step = 0; step < 3; step++)
        found.push((await first.next()).value, (await second.next()).value);
      assertSameList(found, ["a", "a", "b", "b", "c", "c"], "the names of both in turn");
      assertSame((await first.next()).done, true, "the end of the first");
      assertSame((await second.next()).done, true, "the end of the second");
    },
  },
  {
    name: "list() that is left early leaves the backend as it was",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write(ORDERED.map((name) => put(name, BYTES)));
      for (let round = 0; round < 50; round++) {
        for await (const name of backend.list("a")) if (name === "a.b") break;
      }
      await backend.write([remove("a")]);
      assertSameList(await listNames(backend, "a/"), ["a/b", "a/b/c"], "list() after it");
      await backend.close();
    },
  },
  {
    name: "list() yields every name once to a loop that removes each as it comes",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.write(ORDERED.map((name) => put(name, BYTES)));
      const found: string[] = [];
      for await (const name of backend.list("")) {
        found.push(name);
        await backend.write([remove(name)]);
      }
      assertSameList(found, ORDERED, "the names that came");
      assertSameList(await listNames(backend), [], "list() after it");
    },
  },
  {
    name: "list() yields once and in order what stays, while other names are put and removed",
    async run(fixture) {
      const backend = await fixture.open();
      const staying = Array.from({ length: 20 }, (_, at) => `k${String.fromCharCode(97 + at)}`);
      const passing = staying.map((name) => `${name}/passing`);
      await backend.write([...staying, ...passing].map((name) => put(name, BYTES)));
      const found: string[] = [];
      for await (const name of backend.list("k")) {
        found.push(name);
        const next = passing.pop();
        if (next === undefined) continue;
        await backend.write([remove(next), put(`a/${next}`, BYTES), put(`${next}/new`, BYTES)]);
      }
      assertSameList([...new Set(found)].sort(), found, "what came, in order and each once");
      const stayed = found.filter((name) => staying.includes(name));
      assertSameList(stayed, staying, "what stayed");
      assert(
        found.every((name) => name.startsWith("k")),
        "every name has the prefix",
      );
      assertSameBytes(await backend.get("ka"), BYTES, "get() after it");
    },
  },
];
