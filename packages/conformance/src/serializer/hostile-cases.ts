import { isZspineError, type Serializer } from "@zspine/core";
import { assert, AssertionFailure, assertThrows, describeError } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import type { SeededRandom } from "../random/seeded-random.ts";
import { nest, samplesUpTo } from "./sample-values.ts";
import type { SerializerCase } from "./serializer-case.ts";
import { weighValue } from "./weigh-value.ts";

const GARBAGE_INPUTS = 3000;
const FILLED_BYTES = 20_000;
const DEPTH_OF_BOMB = 100_000;
const MUTATIONS = 40;

/** Samples whose encodings are short enough to be damaged in many ways. */
const SHORT = samplesUpTo(400);

/**
 * Decodes what may be anything. Either the serializer refuses it by code, or it gives a value that is no
 * larger than the bytes can account for, that it encodes again, and that is then the same.
 */
export function decodeHostile(
  serializer: Serializer,
  bytes: Uint8Array,
  what: string,
): { value: unknown } | undefined {
  const kept = bytes.slice();
  let value: unknown;
  try {
    value = serializer.decode(bytes);
  } catch (error) {
    if (isZspineError(error, "ZSPINE_DECODE")) return undefined;
    throw new AssertionFailure(`${what}: expected ZSPINE_DECODE, found ${describeError(error)}`, {
      cause: error,
    });
  }
  const limit = kept.length * 64 + 1024;
  assert(weighValue(value, limit) <= limit, `${what}: ${kept.length} bytes became a value far larger`);
  const again = serializer.decode(serializer.encode(value));
  assert(canonicalText(again) === canonicalText(value), `${what}: the value is another when encoded again`);
  return { value };
}

/** Runs `attack`, and asserts that it left the prototypes alone. */
export function assertUnpolluted(attack: () => void): void {
  const prototypes = [Object.prototype, Array.prototype, Map.prototype, Set.prototype, Function.prototype];
  const before = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);
  attack();
  for (const [at, prototype] of prototypes.entries()) {
    assert(Reflect.ownKeys(prototype).length === before[at], "a prototype has got another property");
  }
}

function mutate(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const mutated = Array.from(bytes);
  for (let changes = random.int(1, 3); changes > 0; changes--) {
    const at = random.int(0, mutated.length);
    const byte = random.pick([
      0,
      0x7f,
      0x80,
      0xff,
      random.int(0, 255),
      (bytes[at] ?? 0) ^ (1 << random.int(0, 7)),
    ]);
    mutated.splice(at, random.pick([0, 1, 1, 1, 2]), ...(random.chance(0.8) ? [byte] : []));
  }
  return Uint8Array.from(mutated);
}

/**
 * Makes bytes that say they are nested `depth` deep, of what `wrap` adds before a value, where it adds the
 * same each time and nothing behind; `undefined` where it does not.
 */
function depthBomb(
  serializer: Serializer,
  wrap: (inner: unknown) => unknown,
  depth: number,
): Uint8Array | undefined {
  const [inner, outer] = [nest(2, wrap), nest(3, wrap)].map((value) => serializer.encode(value));
  if (inner === undefined || outer === undefined) return undefined;
  const added = outer.subarray(0, outer.length - inner.length);
  const isPlain = inner.every((byte, at) => outer[at + added.length] === byte);
  if (!isPlain || added.length === 0) return undefined;
  const bomb = new Uint8Array(added.length * depth + inner.length);
  for (let at = 0; at < depth; at++) bomb.set(added, at * added.length);
  bomb.set(inner, added.length * depth);
  return bomb;
}

/** Bytes that nobody encoded: refused or read, and never a crash, a hang or a changed prototype. */
export const hostileCases: readonly SerializerCase[] = [
  {
    name: "decode() throws ZSPINE_DECODE for no bytes",
    run({ serializer }) {
      assertThrows("ZSPINE_DECODE", () => serializer.decode(new Uint8Array(0)), "decode()");
    },
  },
  {
    name: "decode() does not take a part of an encoding for the whole, wherever it is cut",
    run({ serializer }) {
      for (const { name, make } of SHORT) {
        const bytes = serializer.encode(make());
        for (let length = 0; length < bytes.length; length++) {
          const what = `${name}, ${length} of ${bytes.length} bytes`;
          const found = decodeHostile(serializer, bytes.slice(0, length), what);
          if (found)
            assert(canonicalText(found.value) !== canonicalText(make()), `${what}: taken for the whole`);
        }
      }
    },
  },
  {
    name: "decode() does not pass over bytes behind a value",
    run({ serializer }) {
      for (const { name, make } of SHORT) {
        const bytes = serializer.encode(make());
        for (const tail of [[0], [0xff], [0xc0], [...bytes]]) {
          const found = decodeHostile(serializer, Uint8Array.from([...bytes, ...tail]), `${name} and more`);
          if (found)
            assert(canonicalText(found.value) !== canonicalText(make()), `${name}: bytes are passed over`);
        }
      }
    },
  },
  {
    name: `decode() refuses or reads ${MUTATIONS} mutations of each encoding`,
    isSeeded: true,
    run({ serializer, random }) {
      assertUnpolluted(() => {
        for (const { name, make } of SHORT) {
          const bytes = serializer.encode(make());
          for (let at = 0; at < MUTATIONS; at++) {
            const mutated = mutate(random, bytes);
            decodeHostile(serializer, mutated, `${name}, mutated to ${mutated.slice(0, 60).join(" ")}`);
          }
        }
      });
    },
  },
  {
    name: `decode() refuses or reads ${GARBAGE_INPUTS} inputs of random bytes`,
    isSeeded: true,
    run({ serializer, random }) {
      assertUnpolluted(() => {
        for (let at = 0; at < GARBAGE_INPUTS; at++) {
          const bytes = random.bytes(random.int(1, random.pick([4, 16, 64])));
          decodeHostile(serializer, bytes, `the bytes ${bytes.join(" ")}`);
        }
      });
    },
  },
  {
    name: "decode() refuses or reads each byte, again and again",
    run({ serializer }) {
      for (let byte = 0; byte <= 255; byte++) {
        for (const length of [1, 2, 5, 9, FILLED_BYTES]) {
          decodeHostile(serializer, new Uint8Array(length).fill(byte), `${length} times ${byte}`);
        }
      }
    },
  },
  {
    name: "decode() throws ZSPINE_DECODE for bytes that nest without end, and does not run out of stack",
    run({ serializer }) {
      const wraps = [(x: unknown) => [x], (x: unknown) => ({ a: x }), (x: unknown) => new Map([[1, x]])];
      for (const wrap of [...wraps, (x: unknown) => new Set([x])]) {
        const bomb = depthBomb(serializer, wrap, DEPTH_OF_BOMB);
        if (bomb !== undefined)
          assertThrows("ZSPINE_DECODE", () => serializer.decode(bomb), "the nested bytes");
      }
    },
  },
  {
    name: "decode() makes keys like __proto__ properties as others, or refuses them",
    run({ serializer }) {
      const hostile = ["__proto__", "constructor", "prototype"].flatMap((key) => [
        `{"${key}":{"polluted":1,"prototype":{"polluted":1}}}`,
        `{"a":{"${key}":{"${key}":{"polluted":1}}}}`,
        `{"${key}":[1]}`,
      ]);
      assertUnpolluted(() => {
        for (const text of hostile) {
          const value: unknown = JSON.parse(text);
          let found: unknown;
          try {
            found = serializer.decode(serializer.encode(value));
          } catch (error) {
            if (isZspineError(error, "ZSPINE_ENCODE") || isZspineError(error, "ZSPINE_DECODE")) continue;
            throw error;
          }
          assert(canonicalText(found) === canonicalText(value), `${text} is another value when decoded`);
          const prototype: unknown = Object.getPrototypeOf(found);
          assert(prototype === Object.prototype || prototype === null, `${text} has got another prototype`);
        }
      });
    },
  },
];
