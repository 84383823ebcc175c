import { ReferenceZSet, assert, assertEqual, assertSame, canonicalText } from "@zspine/conformance";
import { COLUMN_SAMPLES, NOTHING_SAMPLE, orderOf, type ColumnSample } from "../sample/column-sample.ts";
import { readChunks, readRows, tripleOf } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type StoreFixture } from "../suite/store-fixture.ts";
import type { Store } from "@zspine/store";

type Model = ReferenceZSet<unknown, unknown>;

const durable = { needs: ["durable"] } as const;

/** Several sessions of one store, one after another: each goes on from what the last commit left. */
export const durableSessionCases: readonly StoreCase[] = [
  ...[...COLUMN_SAMPLES, NOTHING_SAMPLE].map((sample) =>
    test(
      `C1 A9 keys and values of ${sample.name} are the same after reopening, over several sessions`,
      async (fixture) => {
        await reopenSample(fixture, sample);
      },
      { ...durable, isSeeded: true },
    ),
  ),

  test(
    "C1 P1 random sessions of inserts, commits, discards, merges and drops: each opening finds what the last commit left",
    async (fixture) => {
      for (let round = 0; round < 6; round++) await randomSessions(fixture);
    },
    { ...durable, isSeeded: true, isSlow: true },
  ),

  test(
    "C8 C13 numbers of commits ascend over restarts, and metadata is that of the last commit that had some",
    async (fixture) => {
      const place = fixture.newPlace();
      const numbers: number[] = [];
      for (let session = 0; session < 4; session++) {
        const store = await fixture.open({}, place);
        if (session > 0)
          assertEqual(store.metadata, { offset: session - 1, path: [{ a: null }] }, "metadata");
        assertSame(store.stats().head >= (numbers.at(-1) ?? 0), true, "the head that was opened is no older");
        const trace = await store.trace("t", NUMBERS);
        trace.insert(session, "v");
        numbers.push(await store.commit({ metadata: { offset: session, path: [{ a: null }] } }));
        numbers.push(await store.commit());
        if (session % 2 === 0) await fixture.crash(place);
        else await store.close();
      }
      assert(
        numbers.every((number, at) => at === 0 || number > numbers[at - 1]!),
        `numbers ascend: ${numbers.join()}`,
      );
    },
    durable,
  ),

  test(
    "C13 T50 T52 a source that goes on from the offset in the metadata is taken exactly once, whenever the process is killed",
    async (fixture) => {
      const place = fixture.newPlace();
      const last = 60;
      for (let session = 0; session < 200; session++) {
        const store = await fixture.open({ stagingRows: 4 }, place);
        const trace = await store.trace("t", NUMBERS);
        const from = Number(store.metadata["offset"] ?? 0);
        assertSame(trace.totalWeight, from, "rows at the opening");
        if (from === last) {
          await store.close();
          break;
        }
        for (let offset = from + 1; offset <= Math.min(last, from + 12); offset++) {
          trace.insert(offset, "v");
          if (fixture.random.chance(0.4)) await store.commit({ metadata: { offset } });
          else if (fixture.random.chance(0.2))
            void store.commit({ metadata: { offset } }).catch(() => undefined);
          if (fixture.random.chance(0.1)) break;
        }
        await fixture.microtasks(fixture.random.int(0, 9));
        await fixture.crash(place);
      }
      const { store, trace } = await fixture.openTrace({}, place);
      assertEqual(store.metadata, { offset: last }, "metadata at the end");
      const rows = (await readRows(trace)).map(({ key, weight }) => [key, weight]);
      assertEqual(
        rows,
        Array.from({ length: last }, (_, at) => [at + 1, 1]),
        "each offset once",
      );
    },
    { ...durable, isSeeded: true },
  ),
];

/** Commits a sample in two sessions, some of it taken back in the second, and reads it in a third. */
async function reopenSample(fixture: StoreFixture, sample: ColumnSample): Promise<void> {
  const { random } = fixture;
  const compare = orderOf(sample);
  const model: Model = new ReferenceZSet({ compareKeys: compare, compareValues: compare });
  const options = { key: sample.schema, value: sample.schema };
  let store = await fixture.open({ stagingRows: 5 });
  for (let session = 0; session < 2; session++) {
    const trace = await store.trace("t", options);
    for (const key of random.shuffle(sample.values)) {
      for (const value of sample.values.filter(() => random.chance(0.6))) {
        const weight = random.pick([-3, 1, 1, 2 ** 40]) - (session === 1 ? model.weight(key, value) : 0);
        trace.insert(key, value, weight);
        model.insert(key, value, weight);
      }
      if (random.chance(0.2)) await store.commit();
    }
    await store.commit();
    if (random.chance(0.5)) await store.compact();
    store = await fixture.reopen(store, { stagingRows: 5, cacheBytes: random.pick([0, 1000, 2 ** 20]) });
  }
  const trace = await store.trace("t", options);
  assertEqual((await readChunks(trace)).map(tripleOf), model.rows().map(tripleOf), "rows()");
  const back = await readRows(trace, { reverse: true });
  assertEqual(back.map(tripleOf), model.rows({ reverse: true }).map(tripleOf), "rows() in reverse");
  for (const key of sample.values) {
    // Not model.get(): an undefined key is no bound of its ranges.
    const rows = model.rows().filter((row) => compare(row.key, key) === 0);
    const values = rows.map(({ value, weight }) => ({ value, weight }));
    assertEqual(await trace.get(key), values, `get(${canonicalText(key)})`);
    const value = random.pick(sample.values);
    assertSame(
      await trace.weight(key, value),
      model.weight(key, value),
      `weight(${canonicalText([key, value])})`,
    );
  }
  assertSame(trace.totalWeight, model.totalWeight(), "totalWeight");
  const { isSound, problems } = await store.verify();
  assert(isSound, `verify() finds ${canonicalText(problems)}`);
}

/** A course of random steps over several sessions, each of which begins with what the last commit left. */
async function randomSessions(fixture: StoreFixture): Promise<void> {
  const { random } = fixture;
  const place = fixture.newPlace();
  let committed = new Map<string, Model>();
  for (let session = 0; session < 5; session++) {
    const wish = {
      stagingRows: random.int(1, 9),
      batchesMax: random.int(2, 9),
      cacheBytes: random.pick([0, 2000, 2 ** 20]),
    };
    const store = await fixture.open(wish, place);
    // A trace that was made, and that no commit of the user's has followed, may be there, and is empty then.
    const names = new Set([...committed.keys(), ...store.traces]);
    assertEqual(store.traces, [...names].sort(), "names of the traces");
    for (const name of names) if (!committed.has(name)) committed.set(name, newModel());
    let content = copy(committed);
    for (let step = 0; step < 25; step++) {
      content = await randomStep(fixture, store, content, committed);
      if (!random.chance(0.3)) continue;
      await store.commit();
      committed = copy(content);
    }
    for (const [name, model] of content) {
      const trace = await store.trace(name, NUMBERS);
      assertEqual((await readChunks(trace)).map(tripleOf), model.rows().map(tripleOf), `rows of ${name}`);
    }
    if (random.chance(0.5)) await fixture.crash(place);
    else await store.close();
  }
}

async function randomStep(
  { random }: StoreFixture,
  store: Store,
  content: Map<string, Model>,
  committed: Map<string, Model>,
): Promise<Map<string, Model>> {
  const name = random.pick(["a", "b", "c"]);
  const step = random.int(0, 11);
  if (step === 0) {
    store.discard();
    return new Map(Array.from(content.keys(), (key) => [key, committed.get(key)?.snapshot() ?? newModel()]));
  }
  if (step === 1) await store.compact();
  if (step === 2 && content.has(name)) {
    await store.drop(name);
    content.delete(name);
    committed.delete(name);
    // A drop is a commit: it makes the other traces, empty ones too, last.
    for (const key of content.keys()) if (!committed.has(key)) committed.set(key, newModel());
  }
  if (step < 3) return content;
  const trace = await store.trace(name, { ...NUMBERS, create: true });
  const model = content.get(name) ?? newModel();
  content.set(name, model);
  for (let count = random.int(1, 20); count > 0; count--) {
    const [key, value, weight] = [random.int(0, 40), random.pick(["v", "w"]), random.int(-2, 3)];
    trace.insert(key, value, weight);
    model.insert(key, value, weight);
  }
  return content;
}

function newModel(): Model {
  return new ReferenceZSet<unknown, unknown>({
    compareKeys: (a, b) => Number(a) - Number(b),
    compareValues: (a, b) => Number(String(a) > String(b)) - Number(String(a) < String(b)),
  });
}

function copy(content: ReadonlyMap<string, Model>): Map<string, Model> {
  return new Map(Array.from(content, ([name, model]) => [name, model.snapshot()]));
}
