import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeKey, encodeKey, isZspineError, keyPrefixRange, orderedKeys } from "../../src/index.ts";
import { compareValues, KEY_CASES, SEED, type KeyCase } from "./key-cases.ts";

const MUTATIONS = 100_000;

const order = (a: Uint8Array, b: Uint8Array): number => Math.sign(Buffer.compare(a, b));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function checkOrder(values: readonly unknown[]): void {
  const keys = values.map(encodeKey);
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) {
      // Equal bytes exactly for equal values: nothing collides.
      if (order(keys[i]!, keys[j]!) !== Math.sign(compareValues(a, b)))
        expect.unreachable(`${fc.stringify(a)} and ${fc.stringify(b)}: ${hex(keys[i]!)} ${hex(keys[j]!)}`);
    }
  }
}

function checkRoundTrip(value: unknown): void {
  const key = encodeKey(value);
  const decoded = decodeKey(key);
  if (compareValues(decoded, value) !== 0 || Object.is(decoded, -0))
    expect.unreachable(`${fc.stringify(value)} came back as ${fc.stringify(decoded)}`);
  expect(hex(encodeKey(decoded))).toBe(hex(key));
  expect(orderedKeys().estimateSize(value)).toBe(key.length);
}

describe(`encodeKey() (seed ${SEED})`, () => {
  it.each(KEY_CASES)("H9 orders $name as the values are, and no two collide", ({ values }: KeyCase) => {
    const property = fc.property(fc.array(values, { maxLength: 16, size: "max" }), checkOrder);
    fc.assert(property, { seed: SEED, numRuns: 150 });
  });

  it.each(KEY_CASES)("H9 gives $name back exactly when they are decoded", ({ values }: KeyCase) => {
    fc.assert(fc.property(values, checkRoundTrip), { seed: SEED, numRuns: 500 });
  });

  it("H9 gives a tuple all but its last byte as the beginning of every tuple that goes on", () => {
    const items = KEY_CASES.find(({ name }) => name.startsWith("scalars"))!.values;
    const property = fc.property(fc.array(items, { maxLength: 4 }), fc.array(items), (first, rest) => {
      const short = encodeKey(first);
      const longer = encodeKey([...first, ...rest]);
      expect(hex(longer.subarray(0, short.length - 1))).toBe(hex(short.subarray(0, -1)));
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });

  it("H9 gives no encoding as the beginning of another", () => {
    const values = fc.oneof(...KEY_CASES.map((of) => of.values));
    const property = fc.property(values, values, (a, b) => {
      const [x, y] = [encodeKey(a), encodeKey(b)];
      if (x.length < y.length) expect(hex(y.subarray(0, x.length))).not.toBe(hex(x));
    });
    fc.assert(property, { seed: SEED, numRuns: 2000 });
  });
});

describe(`keyPrefixRange() (seed ${SEED})`, () => {
  const inRange = (key: Uint8Array, { gte, lt }: { gte: Uint8Array; lt: Uint8Array }): boolean =>
    order(key, gte) >= 0 && order(key, lt) < 0;

  it("H9 has the keys of exactly those tuples that begin with its items", () => {
    const { values } = KEY_CASES.find(({ name }) => name === "tuples of any length")!;
    const tuples = values as fc.Arbitrary<unknown[]>;
    const property = fc.property(tuples, fc.array(tuples, { maxLength: 20 }), (prefix, others) => {
      const range = keyPrefixRange(prefix);
      for (const other of [...others, prefix, [...prefix, null]]) {
        const begins =
          other.length >= prefix.length && compareValues(other.slice(0, prefix.length), prefix) === 0;
        expect(inRange(encodeKey(other), range)).toBe(begins);
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });

  it("H9 has the keys of exactly those texts and bytes that begin with it", () => {
    const byte = fc.array(fc.constantFrom(0, 1, 2, 255), { maxLength: 3 });
    const property = fc.property(byte, byte, (prefix, other) => {
      const begins = prefix.every((part, i) => other[i] === part);
      const asText = (codes: number[]): string => String.fromCharCode(...codes);
      expect(inRange(encodeKey(Uint8Array.from(other)), keyPrefixRange(Uint8Array.from(prefix)))).toBe(
        begins,
      );
      expect(inRange(encodeKey(asText(other)), keyPrefixRange(asText(prefix)))).toBe(begins);
    });
    fc.assert(property, { seed: SEED, numRuns: 1000 });
  });
});

describe(`decodeKey() (seed ${SEED})`, () => {
  it(`H9 decodes ${MUTATIONS} mutations to what they encode, or throws ZSPINE_DECODE`, () => {
    const keys = KEY_CASES.flatMap(({ values }) =>
      fc.sample(values, { seed: SEED, numRuns: 40 }).map(encodeKey),
    );
    const random = randomIntegers(SEED);
    let decodedCount = 0;
    for (let at = 0; at < MUTATIONS; at++) {
      const mutated = mutate(keys[at % keys.length]!, random);
      const given = hex(mutated);
      let value: unknown;
      try {
        value = decodeKey(mutated);
      } catch (error) {
        if (isZspineError(error, "ZSPINE_DECODE")) continue;
        throw new Error(`${given} threw something else`, { cause: error });
      }
      decodedCount++;
      // There is one key for a value: what is decoded gives the same bytes again.
      if (hex(encodeKey(value)) !== given) expect.unreachable(`${given} is a second key of a value`);
    }
    expect(decodedCount).toBeGreaterThan(MUTATIONS / 50);
  });
});

/** Gives integers from 0 to below `n`: mulberry32. */
function randomIntegers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const TELLING = [0x00, 0x10, 0x30, 0x38, 0x39, 0x48, 0x50, 0x58, 0x60, 0x68, 0x70, 0x78, 0x7f, 0x80, 0xff];

function mutate(key: Uint8Array, random: (n: number) => number): Uint8Array {
  const bytes = [...key];
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const byte = random(2) === 0 ? TELLING[random(TELLING.length)]! : random(256);
    switch (random(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = byte;
        break;
      case 2:
        bytes.splice(at, 1);
        break;
      case 3:
        bytes.splice(at, 0, byte);
        break;
      case 4:
        bytes.length = at;
        break;
      default:
        bytes.splice(at, random(8), ...Array.from({ length: random(8) }, () => byte));
    }
  }
  return Uint8Array.from(bytes);
}
