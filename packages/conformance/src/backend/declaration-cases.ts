import type { Capabilities } from "@zspine/core";
import { assert, assertSame, assertSameList } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";
import { put, sampleBytes } from "./sample.ts";

const NAMES: readonly (keyof Capabilities)[] = [
  "durable",
  "syncReads",
  "shared",
  "guests",
  "maxValueBytes",
  "preferredValueBytes",
];

/** What a backend says of itself. */
export const declarationCases: readonly BackendCase[] = [
  {
    name: "capabilities are those that the suite was given, before and after close()",
    async run(fixture) {
      const backend = await fixture.open();
      for (const when of ["open", "closed"]) {
        for (const name of NAMES) {
          assertSame(backend.capabilities[name], fixture.capabilities[name], `${name} when ${when}`);
        }
        await backend.close();
      }
    },
  },
  {
    name: "capabilities name sizes of values that can be",
    async run(fixture) {
      const { maxValueBytes, preferredValueBytes } = (await fixture.open()).capabilities;
      assert(maxValueBytes >= 1, "maxValueBytes is at least 1");
      assert(preferredValueBytes >= 1, "preferredValueBytes is at least 1");
      assert(preferredValueBytes <= maxValueBytes, "preferredValueBytes is at most maxValueBytes");
    },
  },
  {
    name: "type is a name that a configuration can hold",
    async run(fixture) {
      const { type } = await fixture.open();
      assert(typeof type === "string" && type.length > 0, "type is text that is not empty");
    },
  },
  {
    name: "getSync is there exactly when syncReads is declared",
    async run(fixture) {
      const backend = await fixture.open();
      assertSame(typeof backend.getSync === "function", backend.capabilities.syncReads, "getSync is there");
    },
  },
  {
    name: "statistics() tells the numbers that are declared, which never fall, and is there only where some are",
    async run(fixture) {
      const backend = await fixture.open();
      const names = backend.capabilities.statistics;
      assertSame(typeof backend.statistics === "function", names !== undefined, "statistics is there");
      if (names === undefined) return;
      assertSameList([...names].sort(), [...names], "declared names, in order");
      let before: Readonly<Record<string, number>> = {};
      for (const step of [
        async () => {},
        () => backend.write([put("a", sampleBytes(10, 1))]),
        () => backend.get("a"),
        () => backend.createHead(1, sampleBytes(3, 2), []),
        () => backend.close(),
      ]) {
        await step();
        const told = backend.statistics!();
        assertSameList(Object.keys(told).sort(), [...names], "names");
        for (const [name, count] of Object.entries(told)) {
          assert(Number.isSafeInteger(count) && count >= 0, `${name} is a whole number`);
          assert(count >= (before[name] ?? 0), `${name} never falls`);
        }
        before = told;
      }
    },
  },
  {
    name: "create is there exactly when guests are declared",
    async run(fixture) {
      const backend = await fixture.open();
      assertSame(
        typeof backend.create === "function",
        backend.capabilities.guests === true,
        "create is there",
      );
    },
  },
];
