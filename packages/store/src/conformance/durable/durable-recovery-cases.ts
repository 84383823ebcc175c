import { assert, assertEqual, assertRejects, assertSame, flipped, type Damage } from "@zspine/conformance";
import { assertContent } from "../sample/content.ts";
import { flipFromEnd, openDamaged, valuesAt } from "../sample/damaged-store.ts";
import { NEVER } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type StoreFixture } from "../suite/store-fixture.ts";

const durable = { needs: ["durable"] } as const;

/** Newest commits that are damaged or lost: refused, and left behind when it is asked for. */
export const durableRecoveryCases: readonly StoreCase[] = [
  test(
    'C5 C7 a damaged newest head is ZSPINE_CORRUPT, and recover: "previous" goes back exactly one commit and says so',
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const head = (number: number, bytes: Uint8Array): Uint8Array =>
        number === 3 ? flipped(bytes, 20) : bytes;
      await goBackOne(fixture, place, { head });
    },
    durable,
  ),
  test(
    'C5 a lost newest head is noticed, and recover: "previous" goes back exactly one commit and says so',
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const head = (number: number, bytes: Uint8Array): Uint8Array | undefined =>
        number === 3 ? undefined : bytes;
      await goBackOne(fixture, place, { head });
    },
    durable,
  ),

  test(
    'C5 C7 a damaged index of the newest commit is ZSPINE_CORRUPT, and recover: "previous" goes back exactly one commit and says so',
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const name = await newestValue(fixture, place);
      await goBackOne(fixture, place, { value: flipFromEnd(name, 5) });
    },
    durable,
  ),

  test(
    'C5 a lost value of the newest commit is ZSPINE_CORRUPT, and recover: "previous" goes back exactly one commit and says so',
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const lost = await newestValue(fixture, place);
      const value = (name: string, bytes: Uint8Array): Uint8Array | undefined =>
        name === lost ? undefined : bytes;
      await goBackOne(fixture, place, { value });
    },
    durable,
  ),

  test(
    'C5 recover: "previous" changes nothing about a store that is sound',
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const store = await fixture.open({ recover: "previous" }, place);
      assertEqual(
        [store.recovery.passedOver, store.recovery.head, store.metadata],
        [undefined, 3, { n: 3 }],
        "recovery",
      );
      await assertContent(
        await store.trace("t", NUMBERS),
        [
          [1, "v", 1],
          [2, "v", 1],
          [3, "v", 1],
        ],
        "after opening",
      );
    },
    durable,
  ),

  test(
    "C5 a damaged only head is ZSPINE_CORRUPT whatever recover says, and nothing is changed",
    async (fixture) => {
      const place = await writeCommits(fixture, 1);
      const damage: Damage = { head: (_number, bytes) => flipped(bytes, 30) };
      for (const recover of ["never", "previous"] as const)
        await assertRejects(
          "ZSPINE_CORRUPT",
          () => openDamaged(fixture, place, damage, { recover }),
          recover,
        );
      const { trace } = await fixture.openTrace({}, place);
      await assertContent(trace, [[1, "v", 1]], "once it is read right again");
    },
    durable,
  ),

  test(
    "C5 a damaged head before the newest is told in recovery and by verify(), and nothing is lost by it",
    async (fixture) => {
      const place = await writeCommits(fixture, 3);
      const damage: Damage = { head: (number, bytes) => (number === 2 ? flipped(bytes, 40) : bytes) };
      const store = await openDamaged(fixture, place, damage);
      assertSame(store.recovery.problems.length, 1, "problems");
      assertSame((await store.verify()).isSound, false, "isSound");
      const trace = await store.trace("t", NUMBERS);
      await assertContent(
        trace,
        [
          [1, "v", 1],
          [2, "v", 1],
          [3, "v", 1],
        ],
        "after opening",
      );
      trace.insert(4, "v");
      await store.commit();
      assertSame((await store.verify()).isSound, true, "isSound after the next commit");
    },
    durable,
  ),
];

/** Opens a store whose newest commit is damaged, with and without going back, and goes on from there. */
async function goBackOne(fixture: StoreFixture, place: string, damage: Damage): Promise<void> {
  const error = await assertRejects("ZSPINE_CORRUPT", () => openDamaged(fixture, place, damage), "opening");
  assert(error.message.includes("recover"), `expected the message to say what to do, found ${error.message}`);
  const store = await openDamaged(fixture, place, damage, { recover: "previous" });
  const { head, passedOver } = store.recovery;
  assertEqual([head, passedOver, store.metadata], [2, 3, { n: 2 }], "recovery, and metadata");
  const trace = await store.trace("t", NUMBERS);
  await assertContent(
    trace,
    [
      [1, "v", 1],
      [2, "v", 1],
    ],
    "one commit back",
  );
  trace.insert(9, "after");
  assertSame(await store.commit({ metadata: { n: 9 } }), 4, "the number of the next commit");
  await store.close();
  // The damage stays where it is, and is of the past.
  const again = await openDamaged(fixture, place, damage);
  assertEqual(
    [again.recovery.head, again.recovery.passedOver, again.metadata],
    [4, undefined, { n: 9 }],
    "what follows",
  );
  const read = await again.trace("t", NUMBERS);
  await assertContent(
    read,
    [
      [1, "v", 1],
      [2, "v", 1],
      [9, "after", 1],
    ],
    "after another opening",
  );
  for (let round = 0; round < 2; round++) await again.commit();
  assertSame((await again.verify()).isSound, true, "isSound two commits later");
}

/** Makes commits of one row each, 1, 2, …, that are not merged. */
async function writeCommits(fixture: StoreFixture, count: number): Promise<string> {
  const { store, trace } = await fixture.openTrace({ strategy: NEVER });
  const place = fixture.placeOf(store);
  for (let n = 1; n <= count; n++) {
    trace.insert(n, "v");
    await store.commit({ metadata: { n } });
  }
  await store.close();
  return place;
}

/** The value that the last of the commits of {@link writeCommits} wrote. */
async function newestValue(fixture: StoreFixture, place: string): Promise<string> {
  const names = await valuesAt(fixture, place);
  assertSame(names.length, 3, "values, one for each commit");
  return names.sort().at(-1)!;
}
