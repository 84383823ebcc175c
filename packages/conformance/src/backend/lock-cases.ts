import { assertCode, assertRejects, assertSame, assertSameBytes } from "../assertion/assertion.ts";
import { outcomeOf } from "../assertion/outcome.ts";
import type { BackendCase } from "./backend-case.ts";
import { put, sampleBytes } from "./sample.ts";

/** Ownership of a place: one handle holds it, and a refused one takes nothing away. */
export const lockCases: readonly BackendCase[] = [
  {
    name: "open fails with ZSPINE_LOCKED while another handle holds the place, which goes on unharmed",
    needs: ["exclusive"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.createHead(1, sampleBytes(3), [put("a", sampleBytes(4))]);
      // The second refusal tells whether the first one undid the lock.
      for (const what of ["the first attempt", "the second attempt", "the third attempt"]) {
        await assertRejects("ZSPINE_LOCKED", () => fixture.reopen(backend), what);
        assertSameBytes(await backend.get("a"), sampleBytes(4), `get() after ${what}`);
      }
      await backend.createHead(2, sampleBytes(5), [put("b", sampleBytes(6))]);
      await backend.close();
      const reopened = await fixture.reopen(backend);
      assertSameBytes((await reopened.readHead())?.bytes, sampleBytes(5), "readHead() when reopened");
      assertSameBytes(await reopened.get("b"), sampleBytes(6), "get() when reopened");
    },
  },
  {
    name: "open succeeds once close() has settled, as often as one likes",
    needs: ["exclusive"],
    async run(fixture) {
      let backend = await fixture.open();
      for (let round = 0; round < 5; round++) {
        await backend.close();
        backend = await fixture.reopen(backend);
        await backend.write([put(`round/${round}`, sampleBytes(round))]);
      }
      assertSameBytes(await backend.get("round/3"), sampleBytes(3), "get()");
    },
  },
  {
    name: "open of one place by two at once succeeds for one of them",
    needs: ["exclusive"],
    async run(fixture) {
      const backend = await fixture.open();
      await backend.close();
      const outcomes = await Promise.all([1, 2].map(() => outcomeOf(fixture.reopen(backend))));
      assertSame(outcomes.filter((outcome) => outcome.ok).length, 1, "how many succeed");
      for (const outcome of outcomes)
        if (!outcome.ok) assertCode(outcome.error, "ZSPINE_LOCKED", "the other");
    },
  },
  {
    name: "close() of a handle that was closed before does not take the place from the next one",
    needs: ["exclusive"],
    async run(fixture) {
      const first = await fixture.open();
      await first.close();
      const second = await fixture.reopen(first);
      await first.close();
      await assertRejects("ZSPINE_LOCKED", () => fixture.reopen(first), "a third while the second is open");
      await second.close();
    },
  },
];
