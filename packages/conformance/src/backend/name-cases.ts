import { isValueName } from "@zspine/core";
import { assert, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import type { BackendFixture } from "./backend-fixture.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789._-";

/** Names that a medium easily takes for one another, or for a folder and a file. */
const NEAR = [
  "a",
  "a-",
  "a-b",
  "a.",
  "a.b",
  "a..b",
  "a/b",
  "a/b/c",
  "a/b-c",
  "a/bc",
  "a0",
  "a_",
  "a_b",
  "aa",
  "ab",
];

/** Names that a backend may use itself, or that mean something to JavaScript or to a file system. */
const TAKEN = [
  ..."head heads head/1 heads/1 values values/a current manifest lock tmp tmp/1 log 1 0 00 - _".split(" "),
  ..."__proto__ constructor constructor/name con nul aux com1 index index/head".split(" "),
];

async function keepsApart(fixture: BackendFixture, names: readonly string[]): Promise<void> {
  for (const name of names) assert(isValueName(name), `the suite tries only valid names, not ${name}`);
  const backend = await fixture.open();
  await backend.write(names.map((name, at) => put(name, sampleBytes(20 + at, at))));
  await backend.createHead(1, sampleBytes(5), []);
  for (const [at, name] of names.entries()) {
    assertSameBytes(await backend.get(name), sampleBytes(20 + at, at), name);
  }
  assertSameList(await listNames(backend), [...names].sort(), "list()");
  assertSameBytes((await backend.readHead())?.bytes, sampleBytes(5), "readHead()");
  const [first = "", ...others] = names;
  await backend.write([remove(first)]);
  assertSameList(await listNames(backend), [...others].sort(), `list() without ${first}`);
}

/** Names: the whole alphabet, the longest, and those that are near to others. */
export const nameCases: readonly BackendCase[] = [
  {
    name: "a name may hold every character of the alphabet",
    run: (fixture) =>
      keepsApart(
        fixture,
        [...ALPHABET].map((character) => `x${character}`),
      ),
  },
  {
    name: "a name may be one character",
    run: (fixture) =>
      keepsApart(
        fixture,
        [...ALPHABET].filter((character) => character !== "."),
      ),
  },
  {
    name: "names of 200 characters that differ in the last one are kept apart",
    run: (fixture) =>
      keepsApart(
        fixture,
        ["a", "b", "c"].map((last) => "x".repeat(199) + last),
      ),
  },
  {
    name: "names of 200 characters in many parts are kept apart",
    run: (fixture) =>
      keepsApart(
        fixture,
        ["a", "b"].map((last) => `${"p/".repeat(99)}x${last}`),
      ),
  },
  {
    name: "names that are near to each other are kept apart, also a name and one below it",
    run: (fixture) => keepsApart(fixture, NEAR),
  },
  {
    name: "names that a backend, JavaScript or a file system may use itself are names like others",
    run: (fixture) => keepsApart(fixture, TAKEN),
  },
];
