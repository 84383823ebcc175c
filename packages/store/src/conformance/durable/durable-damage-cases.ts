import {
  assert,
  assertEqual,
  assertRejects,
  assertSame,
  damaged,
  flipped,
  type Damage,
} from "@zspine/conformance";
import { readChunks } from "../sample/content.ts";
import { flipFromEnd, openDamaged, valuesAt } from "../sample/damaged-store.ts";
import { NEVER } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type StoreFixture, type StoreWish } from "../suite/store-fixture.ts";

const durable = { needs: ["durable"] } as const;

const VALUES = { a: "value-of-a", b: "value-of-b" } as const;

/** Bytes that are not what was written: noticed, named, and never an answer. */
export const durableDamageCases: readonly StoreCase[] = [
  test(
    "C5 C7 a damaged block is ZSPINE_CORRUPT, naming trace, batch and block, to every way of reading; other traces are read on",
    async (fixture) => {
      const { place, names } = await writeTraces(fixture);
      const { store, a, b } = await openTraces(fixture, place, { value: flipAt(names.a, 60) });
      const reads = {
        get: () => a.get(5),
        getMany: () => a.getMany([5, 6]),
        weight: () => a.weight(5, VALUES.a),
        rows: () => readChunks(a),
        reverse: () => readChunks(a, { reverse: true, limit: 1 }),
        range: () => readChunks(a, { gte: 3, lt: 5 }),
      };
      for (const [what, read] of Object.entries(reads)) {
        const error = await assertRejects("ZSPINE_CORRUPT", read, what);
        for (const part of ['trace "a"', "batch ", "block 0"])
          assert(
            error.message.includes(part),
            `${what}: expected ${part} in the message, found ${error.message}`,
          );
      }
      assertSame((await readChunks(b)).length, 40, "rows of the other trace");
      assertSame(a.totalWeight, 40, "totalWeight, which reads nothing");
      b.insert(1000, "v");
      await store.commit();
    },
    durable,
  ),

  test(
    "C5 C7 verify() finds every damaged block, names it, and goes on after it",
    async (fixture) => {
      const { place, names } = await writeTraces(fixture);
      const flips = (name: string, bytes: Uint8Array): Uint8Array =>
        name === names.a || name === names.b ? flipped(bytes, 60) : bytes;
      const { store } = await openTraces(fixture, place, { value: flips });
      const { isSound, problems } = await store.verify();
      assertSame(isSound, false, "isSound");
      const found = problems
        .map(({ code, trace, batch, block }) => [code, trace, batch !== undefined, block])
        .sort();
      assertEqual(
        found,
        [
          ["ZSPINE_CORRUPT", "a", true, 0],
          ["ZSPINE_CORRUPT", "b", true, 0],
        ],
        "problems",
      );
    },
    durable,
  ),

  test(
    "C7 verify() of a sound store counts what it has checked, opened or not, and reads all of it",
    async (fixture) => {
      const { place } = await writeTraces(fixture);
      const store = await fixture.open({}, place);
      const report = await store.verify();
      assertEqual(
        [report.isSound, report.problems, report.rows, report.heads],
        [true, [], 80, 2],
        "what it tells",
      );
      assert(report.bytes >= store.stats().storedBytes * 0.9, "it reads all bytes");
      assert(report.blocks >= 2 && report.batches >= 2, "it checks every batch and block");
      await assertRejects("ZSPINE_ABORTED", () => store.verify({ signal: AbortSignal.abort() }), "verify()");
    },
    durable,
  ),

  test(
    "C5 C7 a damaged filter is ZSPINE_CORRUPT, or is not asked, and never hides a key",
    async (fixture) => {
      const { place, names } = await writeTraces(fixture);
      let hidden = 0;
      for (let at = 0; at < 400; at += 7) {
        const wish: StoreWish = {
          wrap: (backend) => damaged(backend, { value: flipFromEnd(names.a, at) }),
          readOnly: true,
        };
        const store = await fixture.open(wish, place).catch(() => undefined);
        if (store === undefined) continue;
        const trace = await store.trace("a", NUMBERS).catch(() => undefined);
        for (const key of [0, 7, 39]) {
          const found = await trace?.get(key).catch(() => undefined);
          if (found?.length === 0) hidden++;
        }
        await store.close();
      }
      assertSame(hidden, 0, "keys that were not found though no read failed");
    },
    { ...durable, isSlow: true },
  ),

  test(
    "C5 C7 a lost value is ZSPINE_CORRUPT at the opening, which names it",
    async (fixture) => {
      const { place, names } = await writeTraces(fixture);
      const value = (name: string, bytes: Uint8Array): Uint8Array | undefined =>
        name === names.a ? undefined : bytes;
      const error = await assertRejects(
        "ZSPINE_CORRUPT",
        () => openDamaged(fixture, place, { value }),
        "opening",
      );
      assert(error.message.includes(names.a), `expected ${names.a} in the message, found ${error.message}`);
    },
    durable,
  ),
];

/** Writes two traces of 40 rows, a batch each, and finds out which values they are in. */
async function writeTraces(
  fixture: StoreFixture,
): Promise<{ readonly place: string; readonly names: { readonly a: string; readonly b: string } }> {
  const place = fixture.newPlace();
  const names = { a: "", b: "" };
  const known = new Set<string>();
  for (const name of ["a", "b"] as const) {
    const store = await fixture.open({ strategy: NEVER }, place);
    const trace = await store.trace(name, { ...NUMBERS, create: true });
    for (let key = 0; key < 40; key++) trace.insert(key, VALUES[name]);
    await store.commit();
    await store.close();
    for (const value of await valuesAt(fixture, place)) {
      if (!known.has(value)) names[name] = value;
      known.add(value);
    }
  }
  return { place, names };
}

async function openTraces(fixture: StoreFixture, place: string, damage: Damage) {
  const store = await openDamaged(fixture, place, damage, { cacheBytes: 0 });
  return { store, a: await store.trace("a", NUMBERS), b: await store.trace("b", NUMBERS) };
}

function flipAt(name: string, at: number): NonNullable<Damage["value"]> {
  return (found, bytes) => (found === name ? flipped(bytes, at % bytes.length) : bytes);
}
