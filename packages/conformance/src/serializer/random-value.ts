import type { SeededRandom } from "../random/seeded-random.ts";

const WORDS = ["", "a", "b", "key", "é", "😀", "\ud800", "10", "9", "length", "x".repeat(40)];

/** Makes a random value of any kind that the contract names, at most `depth` levels deep. */
export function randomValue(random: SeededRandom, depth: number): unknown {
  if (depth === 0 || random.chance(0.3)) return randomLeaf(random);
  const length = random.pick([0, 1, 2, 5, 20]);
  const items = Array.from({ length }, () => randomValue(random, depth - 1));
  switch (random.int(0, 3)) {
    case 0:
      return items;
    case 1:
      return Object.fromEntries(items.map((item) => [randomText(random), item]));
    case 2:
      return new Map(items.map((item) => [randomKey(random), item]));
    default:
      return new Set(items.map(() => randomKey(random)));
  }
}

function randomLeaf(random: SeededRandom): unknown {
  switch (random.int(0, 9)) {
    case 0:
      return random.pick([undefined, null, true, false]);
    case 1:
      return random.int(-300, 300);
    case 2:
      return (random.float() - 0.5) * 2 ** random.int(-1000, 1000);
    case 3:
      return BigInt(random.uint32()) ** BigInt(random.int(0, 5)) * random.pick([1n, -1n]);
    case 4:
      return new Date(random.int(-(2 ** 31), 2 ** 31));
    case 5:
      return random.bytes(random.int(0, 40));
    case 6:
      return Float64Array.from({ length: random.int(0, 5) }, () => random.float());
    case 7:
      return random.pick([NaN, Infinity, -Infinity, 2 ** 53, 0]);
    default:
      return randomText(random);
  }
}

function randomText(random: SeededRandom): string {
  return random.pick(WORDS) + random.pick(["", "", String(random.int(0, 50))]);
}

function randomKey(random: SeededRandom): bigint | number | string | undefined {
  return random.pick([randomText(random), random.int(-50, 50), BigInt(random.int(-50, 50)), undefined, NaN]);
}

/** Makes an equal value whose properties, entries and members were inserted in another order. */
export function reorder(random: SeededRandom, value: unknown): unknown {
  const again = (item: unknown): unknown => reorder(random, item);
  if (Array.isArray(value)) return value.map(again);
  if (value instanceof Map) {
    return new Map(random.shuffle([...value]).map(([key, item]) => [again(key), again(item)]));
  }
  if (value instanceof Set) return new Set(random.shuffle([...value]).map(again));
  if (typeof value !== "object" || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return value;
  return Object.fromEntries(random.shuffle(Object.entries(value)).map(([key, item]) => [key, again(item)]));
}
