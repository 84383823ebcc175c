import type { Serializer } from "@zspine/core";
import { assert, assertSame, assertSameBytes } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import { randomValue } from "./random-value.ts";
import { nest, SAMPLE_VALUES, samplesUpTo } from "./sample-values.ts";
import type { SerializerCase } from "./serializer-case.ts";

const RANDOM_VALUES = 300;
const DEPTH_HELD = 50;
/** Samples short enough to be tried over and over. */
const BRIEF = samplesUpTo(4000);

function assertSameValue(actual: unknown, expected: unknown, what: string): void {
  const found = canonicalText(actual);
  const wanted = canonicalText(expected);
  assert(found === wanted, `${what}: expected ${wanted.slice(0, 200)}, found ${found.slice(0, 200)}`);
}

function assertRoundTrip(serializer: Serializer, value: unknown, what: string): void {
  const bytes = serializer.encode(value);
  assert(bytes instanceof Uint8Array, `${what}: encode() gives a Uint8Array`);
  assertSameValue(serializer.decode(bytes), value, what);
  assertSame(serializer.estimateSize(value), bytes.length, `${what}: estimateSize()`);
}

/** What is encoded is decoded, and belongs to whom it was given. */
export const roundTripCases: readonly SerializerCase[] = [
  {
    name: "id is a byte from 1 to 255, and name is not empty",
    run({ serializer: { id, name } }) {
      assert(Number.isInteger(id) && id >= 1 && id <= 255, `id is an integer from 1 to 255, found ${id}`);
      assert(typeof name === "string" && name.length > 0, "name is text that is not empty");
    },
  },
  ...SAMPLE_VALUES.map(({ name, make }): SerializerCase => ({
    name: `decode() gives back ${name}, and estimateSize() its size`,
    run: ({ serializer }) => assertRoundTrip(serializer, make(), name),
  })),
  {
    name: `decode() gives back ${RANDOM_VALUES} random values, and estimateSize() their sizes`,
    isSeeded: true,
    run({ serializer, random }) {
      for (let at = 0; at < RANDOM_VALUES; at++) {
        assertRoundTrip(serializer, randomValue(random, 4), `random value ${at}`);
      }
    },
  },
  {
    name: `decode() gives back values nested ${DEPTH_HELD} deep`,
    run: ({ serializer }) => assertRoundTrip(serializer, nest(DEPTH_HELD), "the nested value"),
  },
  {
    name: "decode() gives plain objects, with the prototype of objects or none",
    run({ serializer }) {
      const value = serializer.decode(serializer.encode({ a: 1 })) as object;
      const prototype: unknown = Object.getPrototypeOf(value);
      assert(prototype === Object.prototype || prototype === null, "the prototype");
    },
  },
  {
    name: "decode() keeps nothing of the bytes: changing them changes no value",
    run({ serializer }) {
      for (const { name, make } of BRIEF) {
        const bytes = serializer.encode(make());
        const value = serializer.decode(bytes);
        bytes.fill(0xa5);
        assertSameValue(value, make(), name);
      }
    },
  },
  {
    name: "decode() reads a view into a larger buffer, at any offset",
    run({ serializer }) {
      for (const { name, make } of BRIEF) {
        const bytes = serializer.encode(make());
        for (const offset of [1, 3, 8]) {
          const buffer = new Uint8Array(bytes.length + 20).fill(0xa5);
          buffer.set(bytes, offset);
          assertSameValue(serializer.decode(buffer.subarray(offset, offset + bytes.length)), make(), name);
        }
      }
    },
  },
  {
    name: "encode() gives bytes that belong to the caller: changing them changes no other encoding",
    run({ serializer }) {
      for (const { name, make } of BRIEF) {
        const first = serializer.encode(make());
        const kept = first.slice();
        const second = serializer.encode(make());
        first.fill(0xa5);
        assertSameBytes(second, kept, `${name}, encoded before the change`);
        assertSameBytes(serializer.encode(make()), kept, `${name}, encoded after the change`);
      }
    },
  },
  {
    name: "encode() leaves the value as it was",
    run({ serializer }) {
      for (const { name, make } of BRIEF) {
        const value = make();
        serializer.encode(value);
        serializer.estimateSize(value);
        assertSameValue(value, make(), name);
      }
    },
  },
];
