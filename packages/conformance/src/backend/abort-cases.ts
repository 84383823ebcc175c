import {
  AssertionFailure,
  assert,
  assertCode,
  assertRejects,
  assertSameList,
} from "../assertion/assertion.ts";
import { outcomeOf } from "../assertion/outcome.ts";
import type { BackendCase } from "./backend-case.ts";
import { prepare, SAMPLE_CALLS, type SampleCall } from "./sample-call.ts";

/** How many steps of the medium a call is given at most before its signal fires. */
const TURNS = 16;

const firedBefore = (tried: SampleCall): BackendCase => ({
  name: `${tried.method} fails with ZSPINE_ABORTED and does nothing when its signal has fired before`,
  async run(fixture) {
    const backend = await prepare(await fixture.open());
    const signal = AbortSignal.abort(new Error("given up"));
    await assertRejects("ZSPINE_ABORTED", () => tried.run(backend, { signal }), tried.method);
    await tried.check(backend, false);
    await tried.run(backend, { signal: new AbortController().signal });
    await tried.check(backend, true);
  },
});

const firedMeanwhile = (tried: SampleCall): BackendCase => ({
  name: `${tried.method} happens wholly, or fails with ZSPINE_ABORTED and does nothing, wherever its signal fires`,
  async run(fixture) {
    for (let k = 0; k <= TURNS; k++) {
      const backend = await prepare(await fixture.open());
      const controller = new AbortController();
      const running = outcomeOf(tried.run(backend, { signal: controller.signal }));
      await fixture.turns(k);
      controller.abort();
      const outcome = await running;
      const what = `aborted after ${k} turns`;
      if (!outcome.ok) {
        // An assertion of the call's own result is more to the point than its lack of a code.
        if (outcome.error instanceof AssertionFailure) throw outcome.error;
        assertCode(outcome.error, "ZSPINE_ABORTED", what);
      }
      await tried.check(backend, outcome.ok);
      await backend.close();
    }
  },
});

/** Signals: before a call, and at each of its steps. */
export const abortCases: readonly BackendCase[] = [
  ...SAMPLE_CALLS.map(firedBefore),
  ...SAMPLE_CALLS.map(firedMeanwhile),
  {
    name: "a signal that fires after a call has settled changes nothing",
    async run(fixture) {
      for (const tried of SAMPLE_CALLS) {
        const backend = await prepare(await fixture.open());
        const controller = new AbortController();
        await tried.run(backend, { signal: controller.signal });
        controller.abort();
        await fixture.turns(2);
        await tried.check(backend, true);
      }
    },
  },
  {
    name: "list() whose signal fires between two names yields all others, or fails with ZSPINE_ABORTED",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      const controller = new AbortController();
      const names: string[] = [];
      const walk = async (): Promise<void> => {
        for await (const name of backend.list("", { signal: controller.signal })) {
          names.push(name);
          controller.abort();
        }
      };
      const outcome = await outcomeOf(walk());
      if (!outcome.ok) assertCode(outcome.error, "ZSPINE_ABORTED", "the listing");
      else assertSameList(names, ["kept/1", "kept/2", "kept/3"], "a listing that ends");
      assert(names[0] === "kept/1", "the first name came before the signal fired");
    },
  },
];
