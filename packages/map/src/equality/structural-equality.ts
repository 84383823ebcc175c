import { quote } from "@zspine/core";
import type { HashSeed } from "@zspine/core/engine";
import type { KeyEquality } from "./key-equality.ts";
import { absorbText, hashText, WordHasher } from "@zspine/core/engine";

/**
 * Equality by value, and a seeded hash to go with it.
 *
 * Text is hashed as its UTF-16 code units and every nested value as a prefix-free sequence of words, with
 * HalfSipHash-1-3: without the seed nobody can craft keys that collide. A 32-bit integer on its own is only
 * permuted, which is faster and safe too: a permutation has no collisions at all.
 *
 * Fields of an object have no order, so that their hashes are summed; each is keyed, so the sum is as hard to
 * aim at as one of them.
 */

const NESTED_DOMAIN = 0xee;
const FIELD_DOMAIN = 0xdd;
const DEPTH_MAX = 500;

// The first word of each kind of value. Lengths and numbers follow in words of their own.
const TAG = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  int32: 5,
  float64: 6,
  bigint: 7,
  string: 8,
  date: 9,
  bytes: 10,
  array: 11,
  object: 12,
} as const;

/**
 * The default {@link KeyEquality}: keys are equal when they have the same content.
 *
 * Numbers (`NaN` equals itself, −0 equals 0), bigints, strings, booleans, `null`, `undefined`, `Date`,
 * `Uint8Array`, arrays and plain objects, nested to a depth of 500. The order of an object's fields does not
 * matter; a field that is `undefined` is not a field that is absent; symbols for field names are not seen.
 *
 * `hash` throws a `TypeError` for anything else (functions, symbols, class instances, `Map`, `Set`) and a
 * `RangeError` for what is nested deeper or in a cycle. `equals` holds anything else equal only to itself.
 * A key must not be changed while a map holds it.
 */
export const structuralEquality: KeyEquality<unknown> = Object.freeze({
  hash: hashValue,
  equals: equalValues,
});

function hashValue(key: unknown, seed: HashSeed): number {
  if (typeof key === "number" && (key | 0) === key) return permute(key, seed);
  if (typeof key === "string") return hashText(key, seed.k0, seed.k1);
  const hasher = new WordHasher(seed.k0, seed.k1);
  absorbValue(hasher, key, seed, 0);
  return hasher.finish(NESTED_DOMAIN);
}

/** Permutes the 32-bit integers; the mixing is lowbias32 (Wellons, "Prospecting for hash functions", 2018). */
function permute(integer: number, seed: HashSeed): number {
  let word = integer ^ seed.k0;
  word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
  return word ^ (word >>> 16) ^ seed.k1;
}

function absorbValue(hasher: WordHasher, value: unknown, seed: HashSeed, depth: number): void {
  switch (typeof value) {
    case "number":
      if ((value | 0) !== value) return absorbFloat64(hasher, value);
      hasher.absorb(TAG.int32);
      return hasher.absorb(value);
    case "string":
      hasher.absorb(TAG.string);
      return absorbText(hasher, value);
    case "boolean":
      return hasher.absorb(value ? TAG.true : TAG.false);
    case "undefined":
      return hasher.absorb(TAG.undefined);
    case "bigint":
      return absorbBigint(hasher, value);
    case "object":
      return value === null ? hasher.absorb(TAG.null) : absorbObject(hasher, value, seed, depth);
    default:
      throw unhashable(value);
  }
}

function absorbObject(hasher: WordHasher, value: object, seed: HashSeed, depth: number): void {
  if (depth > DEPTH_MAX) {
    throw new RangeError(
      `cannot hash a key: found nesting deeper than ${DEPTH_MAX}, or a cycle; use a flatter key or a KeyEquality of your own`,
    );
  }
  if (Array.isArray(value)) {
    hasher.absorb(TAG.array);
    hasher.absorb(value.length);
    for (let i = 0; i < value.length; i++) absorbValue(hasher, value[i], seed, depth + 1);
  } else if (isPlainObject(value)) {
    absorbFields(hasher, value, seed, depth);
  } else if (value instanceof Date) {
    hasher.absorb(TAG.date);
    absorbFloat64(hasher, value.getTime());
  } else if (value instanceof Uint8Array) {
    hasher.absorb(TAG.bytes);
    absorbBytes(hasher, value);
  } else {
    throw unhashable(value);
  }
}

function absorbFields(hasher: WordHasher, value: Fields, seed: HashSeed, depth: number): void {
  const names = Object.keys(value);
  let sum = 0;
  for (const name of names) {
    const field = new WordHasher(seed.k0, seed.k1);
    absorbText(field, name);
    absorbValue(field, value[name], seed, depth + 1);
    sum = (sum + field.finish(FIELD_DOMAIN)) | 0;
  }
  hasher.absorb(TAG.object);
  hasher.absorb(names.length);
  hasher.absorb(sum);
}

function absorbBytes(hasher: WordHasher, bytes: Uint8Array): void {
  hasher.absorb(bytes.length);
  // Past the end reads undefined, which `|` takes for 0; the length tells it from a zero byte.
  for (let i = 0; i < bytes.length; i += 4) {
    hasher.absorb(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
}

function absorbBigint(hasher: WordHasher, value: bigint): void {
  hasher.absorb(TAG.bigint);
  if (BigInt.asIntN(64, value) !== value) return absorbText(hasher, value.toString(16));
  // No text is empty here, so that a length of 0 marks the short form.
  hasher.absorb(0);
  hasher.absorb(Number(BigInt.asIntN(32, value)));
  hasher.absorb(Number(BigInt.asIntN(32, value >> 32n)));
}

/**
 * Takes in a number exactly: sign and exponent, then 32 bits before the point and 64 behind it. By
 * arithmetic, because a typed array to look at the bits through would be state shared by all maps.
 */
function absorbFloat64(hasher: WordHasher, value: number): void {
  hasher.absorb(TAG.float64);
  if (!Number.isFinite(value) || value === 0) {
    return hasher.absorb(value === 0 ? 1 : value > 0 ? 2 : value < 0 ? 3 : 4);
  }
  let rest = Math.abs(value);
  let exponent = 0;
  for (; rest >= 0x1_0000_0000; exponent++) rest /= 0x1_0000_0000;
  for (; rest < 1; exponent--) rest *= 0x1_0000_0000;
  hasher.absorb((exponent << 8) | (value < 0 ? 0x80 : 0));
  for (let word = 0; word < 3; word++) {
    const whole = Math.floor(rest);
    hasher.absorb(whole | 0);
    rest = (rest - whole) * 0x1_0000_0000;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isPlainObject(value: object): value is Fields {
  const prototype: object | null = Object.getPrototypeOf(value);
  // The second test is for plain objects of another realm (a frame, a vm context).
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function unhashable(value: unknown): TypeError {
  return new TypeError(
    `cannot hash ${quote(value)} by value: expected numbers, bigints, strings, booleans, null, undefined, Dates, ` +
      "Uint8Arrays, and arrays and plain objects of these; use a KeyEquality of your own for other keys",
  );
}

function equalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b);
  }
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b);
  if (isPlainObject(a)) return isPlainObject(b) && equalFields(a, b);
  if (a instanceof Date) return b instanceof Date && equalValues(a.getTime(), b.getTime());
  return a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b);
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equalValues(a[i], b[i])) return false;
  return true;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function equalFields(a: Fields, b: Fields): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  for (const name of names) if (!Object.hasOwn(b, name) || !equalValues(a[name], b[name])) return false;
  return true;
}
