import type { Capabilities } from "@zspine/core";
import { assert, assertSame } from "../assertion/assertion.ts";
import type { BackendCase } from "./backend-case.ts";

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
