import type { Backend } from "@zspine/core";
import {
  AssertionFailure,
  assert,
  assertCode,
  assertRejects,
  assertSameList,
} from "../assertion/assertion.ts";
import { outcomeOf } from "../assertion/outcome.ts";
import type { BackendCase } from "./backend-case.ts";
import type { BackendFixture } from "./backend-fixture.ts";
import { prepare, SAMPLE_CALLS, type SampleCall } from "./sample-call.ts";

/** How many steps of the medium a call is given at most before the backend is closed. */
const TURNS = 16;

const usedAfter = (tried: SampleCall): BackendCase => ({
  name: `${tried.method} fails with ZSPINE_CLOSED after close(), by rejecting`,
  async run(fixture) {
    const backend = await prepare(await fixture.open());
    await backend.close();
    await assertRejects("ZSPINE_CLOSED", () => tried.run(backend), tried.method);
  },
});

const closedMeanwhile = (tried: SampleCall): BackendCase => ({
  name: `close() waits for ${tried.method} that is under way, and it succeeds`,
  async run(fixture) {
    for (let k = 0; k <= TURNS; k++) {
      const backend = await prepare(await fixture.open());
      await closeDuring(fixture, backend, k, tried);
      if (!fixture.capabilities.durable) continue;
      const reopened = await fixture.reopen(backend);
      await tried.check(reopened, true);
      await reopened.close();
    }
  },
});

async function closeDuring(
  fixture: BackendFixture,
  backend: Backend,
  turns: number,
  tried: SampleCall,
): Promise<void> {
  let isSettled = false;
  const running = outcomeOf(tried.run(backend)).finally(() => {
    isSettled = true;
  });
  await fixture.turns(turns);
  await backend.close();
  // The news of it may take a few microtasks more to come here than to close().
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert(isSettled, `${tried.method} has settled when close() has, called ${turns} turns later`);
  const outcome = await running;
  if (!outcome.ok) throw outcome.error;
}

/** The end: what is under way is waited for, what comes after is refused. */
export const closeCases: readonly BackendCase[] = [
  ...SAMPLE_CALLS.map(usedAfter),
  {
    name: "close() does nothing when it is called again, at once or later",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      await Promise.all([backend.close(), backend.close()]);
      await backend.close();
      await assertRejects("ZSPINE_CLOSED", () => backend.get("kept/1"), "get() after it");
    },
  },
  {
    name: "close() refuses what is called after it, though it has not settled",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      const closing = backend.close();
      for (const { method, run } of SAMPLE_CALLS) {
        await assertRejects("ZSPINE_CLOSED", () => run(backend), `${method} while closing`);
      }
      await closing;
    },
  },
  {
    name: "no method throws before it has given a promise: a call that is refused rejects",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      const signal = AbortSignal.abort();
      for (const code of ["ZSPINE_ABORTED", "ZSPINE_CLOSED"] as const) {
        const options = code === "ZSPINE_ABORTED" ? { signal } : {};
        await assertRejects(code, () => backend.get("kept/1", undefined, options), "get()");
        await assertRejects(code, () => backend.write([], options), "write()");
        await assertRejects(code, () => backend.readHead(1, options), "readHead()");
        await assertRejects(
          code,
          () => backend.createHead(2, new Uint8Array(1), [], options),
          "createHead()",
        );
        await backend.close();
      }
    },
  },
  {
    name: "Symbol.asyncDispose closes",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      await backend[Symbol.asyncDispose]();
      await assertRejects("ZSPINE_CLOSED", () => backend.get("kept/1"), "get() after it");
      await backend[Symbol.asyncDispose]();
      await backend.close();
    },
  },
  // A listing is under way only while it looks for a name, else a loop that closes would wait for itself.
  ...SAMPLE_CALLS.filter(({ method }) => method !== "list()").map(closedMeanwhile),
  {
    name: "list() that stands between two names does not keep close() waiting, and does not end as if it were whole",
    async run(fixture) {
      const backend = await prepare(await fixture.open());
      const names: string[] = [];
      const walk = async (): Promise<void> => {
        for await (const name of backend.list("")) {
          names.push(name);
          await backend.close();
        }
      };
      const outcome = await outcomeOf(walk());
      if (outcome.ok) assertSameList(names, ["kept/1", "kept/2", "kept/3"], "a listing that ends");
      else if (outcome.error instanceof AssertionFailure) throw outcome.error;
      else assertCode(outcome.error, "ZSPINE_CLOSED", "the listing");
    },
  },
];
