import { memory } from "@zspine/backend-memory";
import { damaged, flipped, SeededRandom, type Damage } from "@zspine/conformance";
import { deflate, isZspineError, type Backend } from "@zspine/core";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

export const SEED = 20261122;

const places = retainedPlaces(() => memory({ preferredValueBytes: 700 }));
const LONG = { key: z.int32(), value: z.string() };
const MIXED = {
  key: z.tuple([z.string(), z.int64()]),
  value: z.object({ n: z.number().nullable(), b: z.instanceof(Uint8Array), o: z.boolean().optional() }),
};

/** Rows of every trace, as a reader finds them. */
type Content = readonly (readonly [name: string, rows: readonly (readonly unknown[])[]])[];

let expected: Content;
const values = new Map<string, Uint8Array>();
const heads = new Map<number, Uint8Array>();

/** Writes several batches, one of them of several blocks, under two heads of which the older names others. */
async function write(): Promise<void> {
  const never = { name: "never", choose: () => undefined };
  const store = await openStore({ backend: places.opener("place"), compression: deflate(), strategy: never });
  const long = await store.trace("long", LONG);
  const mixed = await store.trace("mixed", MIXED);
  for (let key = 0; key < 4; key++) long.insert(key, `${key}`.repeat(90_000));
  await store.commit();
  for (let n = 0; n < 40; n++) {
    const b = Uint8Array.of(n, n * 7);
    mixed.insert([`key-${n % 4}`, BigInt(n) << 55n], { n: n % 3 === 0 ? null : n / 7, b, o: n % 2 === 0 });
  }
  await store.commit();
  for (let key = 3; key < 12; key++) long.insert(key, `${key % 10}`.repeat(key < 4 ? 90_000 : 10), -2);
  await store.commit();
  await store.compact();
  long.insert(100, "last");
  mixed.insert(["key-1", -1n], { n: NaN, b: new Uint8Array(0) });
  await store.commit({ metadata: { last: true } });
  await store.close();
}

async function readAll(store: Store): Promise<Content> {
  const content: [string, unknown[][]][] = [["metadata", [[JSON.stringify(store.metadata)]]]];
  const long = await store.trace("long", LONG);
  const rows: unknown[][] = [];
  for await (const { key, value, weight } of long.rows()) rows.push([key, value, weight]);
  content.push(["long", rows]);
  const mixed = await store.trace("mixed", MIXED);
  const texts: unknown[][] = [];
  for await (const { key, value, weight } of mixed.rows({ reverse: true }))
    texts.push([key.join(), value.n, value.b.join(), value.o, weight]);
  content.push(["mixed", texts]);
  const found: unknown[][] = [];
  for (const key of [0, 5, 7, 50, 100])
    found.push([key, ...(await long.get(key)).map(({ weight }) => weight)]);
  content.push(["look-ups", found]);
  return content;
}

/** Tells whether an attempt to read everything was refused, or found what was written. Anything else is a wrong answer. */
async function attempt(damage: Damage): Promise<{ readonly isRefused: boolean; readonly isSound: boolean }> {
  let store: Store;
  try {
    const place = places.opener("place");
    const backend = {
      ...place,
      open: async () => damaged((await place.open({ readOnly: true })) as Backend, damage),
    };
    store = await openStore({ backend, cacheBytes: 0, readOnly: true });
  } catch (error) {
    expectDamage(error);
    return { isRefused: true, isSound: false };
  }
  try {
    const { isSound } = await store.verify();
    try {
      const found = await readAll(store);
      const same = found.every(([name, rows], at) => {
        const [wanted, others] = expected[at]!;
        const isRow = (row: readonly unknown[], i: number): boolean =>
          row.every((cell, j) => Object.is(cell, others[i]![j]));
        return name === wanted && rows.length === others.length && rows.every(isRow);
      });
      if (!same) throw new Error("a wrong answer");
      return { isRefused: false, isSound };
    } catch (error) {
      expectDamage(error);
      return { isRefused: true, isSound };
    }
  } finally {
    await store.close();
  }
}

function expectDamage(error: unknown): void {
  if (isZspineError(error, "ZSPINE_CORRUPT") || isZspineError(error, "ZSPINE_FORMAT")) return;
  throw error;
}

/** Every value and head, to be damaged one at a time. */
function pieces(): {
  readonly name: string;
  readonly bytes: Uint8Array;
  damage(bytes: Uint8Array | undefined): Damage;
}[] {
  return [
    ...Array.from(values, ([name, bytes]) => ({
      name,
      bytes,
      damage: (changed: Uint8Array | undefined): Damage => ({
        value: (found, read) => (found === name ? changed : read),
      }),
    })),
    ...Array.from(heads, ([number, bytes]) => ({
      name: `head ${number}`,
      bytes,
      damage: (changed: Uint8Array | undefined): Damage => ({
        head: (found, read) => (found === number ? changed : read),
      }),
    })),
  ];
}

/** Damages each piece in all the ways, and collects what was neither refused nor found by verify(). */
async function missed(
  change: (bytes: Uint8Array) => Iterable<readonly [what: string, changed: Uint8Array]>,
): Promise<string[]> {
  const unseen: string[] = [];
  for (const { name, bytes, damage } of pieces()) {
    for (const [what, changed] of change(bytes)) {
      const outcome = await attempt(damage(changed)).catch((error: unknown) => {
        throw new Error(`${name}, ${what}: ${String(error)}`, { cause: error });
      });
      if (!outcome.isRefused && outcome.isSound) unseen.push(`${name}, ${what}: seen by nobody`);
      if (outcome.isRefused && outcome.isSound)
        unseen.push(`${name}, ${what}: verify() says that it is sound`);
    }
  }
  return unseen;
}

/**
 * The laws of damage, for a group of tests: of each value and head every `stride`-th byte is flipped, every `stride`-th
 * length cut, and `rounds` runs of bytes are overwritten.
 */
export function damageOfBytes({
  stride,
  rounds,
}: {
  readonly stride: number;
  readonly rounds: number;
}): void {
  beforeAll(async () => {
    await write();
    const store = await openStore({ backend: places.opener("place"), readOnly: true });
    expected = await readAll(store);
    await store.close();
    const backend = await places.opener("place").open();
    for await (const name of backend.list("")) values.set(name, (await backend.get(name))!);
    for (
      let head = await backend.readHead();
      head !== undefined;
      head = await backend.readHead(head.number - 1)
    )
      heads.set(head.number, head.bytes);
    await backend.close();
    expect([values.size > 4, heads.size]).toEqual([true, 2]);
  });

  it("is no damage where nothing is changed", async () => {
    expect(await attempt({})).toEqual({ isRefused: false, isSound: true });
  });

  it("is refused or found by verify() when one bit of a byte is flipped", async () => {
    const random = new SeededRandom(SEED);
    const flips = function* (bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
      for (let at = random.int(0, stride - 1); at < bytes.length; at += stride)
        yield [`flip at ${at}`, flipped(bytes, at, random.int(0, 7))];
    };
    expect(await missed(flips)).toEqual([]);
  });

  it("is refused or found by verify() when the end is cut off, at lengths near to each other", async () => {
    const cuts = function* (bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
      const step = stride * (bytes.length > 600 ? 3 : 1);
      for (let length = 0; length < bytes.length; length += step)
        yield [`cut to ${length}`, bytes.slice(0, length)];
    };
    expect(await missed(cuts)).toEqual([]);
  });

  it("is refused or found by verify() when a run of bytes is zeroed, or read from another place", async () => {
    const random = new SeededRandom(SEED + 1);
    const others = [...values.values(), ...heads.values()];
    const runs = function* (bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
      for (let round = 0; round < rounds; round++) {
        const at = random.int(0, bytes.length - 1);
        const end = Math.min(bytes.length, at + random.pick([2, 16, 512]));
        const changed = Uint8Array.from(bytes);
        const other = random.pick(others);
        for (let i = at; i < end; i++) changed[i] = round % 2 === 0 ? 0 : other[i % other.length]!;
        if (changed.some((byte, i) => byte !== bytes[i]))
          yield [`bytes ${at} to ${end}, round ${round}`, changed];
      }
      for (const other of others)
        if (other !== bytes && !areEqual(other, bytes)) yield ["another value's bytes", other];
    };
    expect(await missed(runs)).toEqual([]);
  });

  it("is refused or found by verify() when a value or a head is lost", async () => {
    for (const { name, damage } of pieces()) {
      const { isRefused, isSound } = await attempt(damage(undefined));
      // The older head may be dropped by the backend at any time.
      const isOlder = name === `head ${Math.min(...heads.keys())}`;
      expect([name, isRefused || !isSound]).toEqual([name, !isOlder]);
    }
  });
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
