import {
  assert,
  assertEqual,
  assertRejects,
  assertSame,
  chaos,
  faultAt,
  forward,
  type Fault,
} from "@zspine/conformance";
import { isZspineError, type Backend, type WriteOp } from "@zspine/core";
import { assertContent } from "../sample/content.ts";
import { FaultyRun, type RunEnd } from "../course/faulty-run.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type StoreFixture } from "../suite/store-fixture.ts";

const durable = { needs: ["durable"] } as const;

const CRASHES: readonly Fault[] = [
  { type: "before" },
  { type: "after" },
  { type: "torn", applied: 0 },
  { type: "torn", applied: 1 },
];

// A row that is too large to go with the head of its commit.
const LARGE = "x".repeat(1_300_000);

/** What is there after a process was killed, or its medium failed. */
export const durableCrashCases: readonly StoreCase[] = [
  ...CRASHES.map((fault) =>
    test(
      `C3 C14 a process that is killed at any call of the backend, ${nameOf(fault)}: reopened, what was acknowledged is there, and nothing else but one commit in doubt`,
      async (fixture) => {
        await faultEverywhere(fixture, fault, "crash");
      },
      { ...durable, isSlow: true },
    ),
  ),

  ...CRASHES.map((fault) =>
    test(
      `C3 C14 a large commit whose process is killed at any call of the backend, ${nameOf(fault)}, is there whole or not at all`,
      async (fixture) => {
        for (let number = 1; number <= 30; number++)
          if (!(await crashLargeCommit(fixture, number, fault))) return;
        throw new Error("the commit makes more than 30 calls");
      },
      durable,
    ),
  ),

  test(
    "C4 C9 T51 what a killed writer left is removed by the next opening, and told",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      const place = fixture.placeOf(store);
      trace.insert(1, "kept");
      await store.commit();
      await store.close();
      // Head and tidying up fail, and so does all that follows: the values of the large row stay.
      const isHead = ({ method }: { readonly method: string }): Fault | undefined => {
        isBroken ||= method === "createHead";
        return isBroken ? { type: "before" } : undefined;
      };
      let isBroken = false;
      const wrap = (backend: Backend): Backend => chaos(backend, { plan: isHead });
      const killed = await fixture.openTrace({ wrap }, place);
      killed.trace.insert(2, LARGE);
      await assertRejects("ZSPINE_IO", () => killed.store.commit(), "commit()");
      await fixture.crash(place);
      const reopened = await fixture.open({}, place);
      const { orphans, orphansRemoved, problems, head } = reopened.recovery;
      assert(orphans > 0, "the large row has left values");
      assertEqual([orphansRemoved, problems, head], [orphans, [], 1], "what was done about them");
      await assertContent(await reopened.trace("t", NUMBERS), [[1, "kept", 1]], "after reopening");
      const again = await fixture.reopen(reopened);
      assertEqual(
        [again.recovery.orphans, again.recovery.orphansRemoved],
        [0, 0],
        "orphans of a second opening",
      );
    },
    { needs: ["durable", "exclusive"] },
  ),

  test(
    "C9 values that a commit could not name are removed by close(), or by the commits that follow",
    async (fixture) => {
      for (const closes of [false, true]) {
        const names = new Set<string>();
        let fails = false;
        const wrap = (backend: Backend): Backend => watched(backend, names, () => fails);
        const { store, trace } = await fixture.openTrace({ wrap });
        trace.insert(1, LARGE);
        fails = true;
        await assertRejects("ZSPINE_IO", () => store.commit(), "commit()");
        fails = false;
        assert(names.size > 0, "the large row has left values");
        store.discard();
        trace.insert(2, "kept");
        const before = [...names];
        if (!closes) await store.commit();
        else await store.close();
        assertEqual(
          before.filter((name) => names.has(name)),
          [],
          "what is left of them",
        );
        if (closes) continue;
        await assertContent(trace, [[2, "kept", 1]], "after the next commit");
      }
    },
    durable,
  ),

  test(
    "C10 D13 a place that is open is ZSPINE_LOCKED to a second store, and the first goes on",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      const place = fixture.placeOf(store);
      trace.insert(1, "a");
      await store.commit();
      await assertRejects("ZSPINE_LOCKED", () => fixture.open({}, place), "opening to write");
      // One that only reads is refused, or stands beside it.
      const reader = await fixture.open({ readOnly: true }, place).catch((error: unknown) => {
        assert(isZspineError(error, "ZSPINE_LOCKED"), `opening to read: ${String(error)}`);
        return undefined;
      });
      await assertRejects("ZSPINE_LOCKED", () => fixture.open({}, place), "opening to write again");
      assertSame(await store.trace("t", NUMBERS), trace, "the same handle each time");
      const there = await reader?.trace("t", NUMBERS);
      trace.insert(2, "b");
      await store.commit();
      const both: [number, string, number][] = [
        [1, "a", 1],
        [2, "b", 1],
      ];
      if (reader !== undefined && there !== undefined) {
        await assertContent(there, both.slice(0, 1), "beside the writer");
        await reader.refresh();
        await assertContent(there, both, "beside the writer, refreshed");
        await reader.close();
      }
      const reopened = await fixture.reopen(store);
      await assertContent(await reopened.trace("t", NUMBERS), both, "after reopening");
    },
    { needs: ["durable", "exclusive"] },
  ),

  test(
    "C10 an opening that fails lets go of the place",
    async (fixture) => {
      const { store } = await fixture.openTrace();
      const place = fixture.placeOf(store);
      await store.commit();
      await store.close();
      for (let number = 1; number <= 20; number++) {
        const wrap = (backend: Backend): Backend =>
          chaos(backend, { plan: faultAt(number, { type: "before" }) });
        const opening = fixture.open({ wrap }, place);
        const failed = await opening.then(
          () => false,
          () => true,
        );
        if (!failed) return;
      }
      throw new Error("opening makes more than 20 calls");
    },
    durable,
  ),
];

function nameOf(fault: Fault): string {
  if (fault.type === "torn") return `after ${fault.applied} operations of it`;
  return fault.type === "after" ? "after it" : "before it";
}

async function faultEverywhere(fixture: StoreFixture, fault: Fault, end: RunEnd): Promise<void> {
  const sound = new FaultyRun(fixture, {}, end);
  await sound.run("the run without faults");
  for (let number = 1; number <= sound.calls; number++) {
    const at = faultAt(number, fault);
    const after = faultAt(number + 1, { type: "before" }, { isOnwards: true });
    const run = new FaultyRun(fixture, { plan: (call) => at(call) ?? after(call) }, end);
    await fixture.settles(run.run(`killed at call ${number}`), `the run that is killed at call ${number}`);
  }
}

/** Kills a process in a commit of a large row; tells whether the fault was met. */
async function crashLargeCommit(fixture: StoreFixture, number: number, fault: Fault): Promise<boolean> {
  const place = fixture.newPlace();
  const first = await fixture.openTrace({}, place);
  first.trace.insert(0, "before");
  await first.store.commit({ metadata: { n: 0 } });
  await first.store.close();
  const at = faultAt(number, fault);
  const after = faultAt(number + 1, { type: "before" }, { isOnwards: true });
  let isStruck = false;
  const plan = (call: Parameters<typeof at>[0]): Fault | undefined => {
    if (!isBegun) return undefined;
    const found = at(call) ?? after(call);
    isStruck ||= found !== undefined;
    return found;
  };
  let isBegun = false;
  const { store, trace } = await fixture.openTrace({ wrap: (backend) => chaos(backend, { plan }) }, place);
  isBegun = true;
  trace.insertAll([1, 2, 3].map((key) => ({ key, value: key === 2 ? LARGE : "small" })));
  const outcome = await store.commit({ metadata: { n: 1 } }).then(
    () => "acknowledged",
    () => "failed",
  );
  await fixture.crash(place);
  const again = await fixture.openTrace({}, place);
  const keys: number[] = [];
  for await (const { key, value } of again.trace.rows()) {
    keys.push(key);
    assertSame(value.length, key === 2 ? LARGE.length : key === 0 ? 6 : 5, `length of the value of ${key}`);
  }
  const isThere = keys.length > 1;
  assertEqual(keys, isThere ? [0, 1, 2, 3] : [0], "keys");
  assertEqual(again.store.metadata, { n: isThere ? 1 : 0 }, "metadata");
  assert(isThere || outcome === "failed", "a commit that was acknowledged is there");
  assertSame((await again.store.verify()).isSound, true, "verify()");
  await again.store.close();
  return isStruck;
}

/** Keeps the names of the values that are there, and lets heads fail when asked to. */
function watched(backend: Backend, names: Set<string>, fails: () => boolean): Backend {
  const note = (ops: readonly WriteOp[]): void => {
    for (const { type, name } of ops) {
      if (type === "put") names.add(name);
      else names.delete(name);
    }
  };
  const plan = ({ method }: { readonly method: string }): Fault | undefined =>
    fails() && method === "createHead" ? { type: "before" } : undefined;
  const faulty = chaos(backend, { plan });
  return {
    ...forward(faulty),
    async write(ops, options) {
      await faulty.write(ops, options);
      note(ops);
    },
    async createHead(number, bytes, ops, options) {
      await faulty.createHead(number, bytes, ops, options);
      note(ops);
    },
  };
}
