import { refused } from "@zspine/core";
import { isPlain, type HashSeed } from "@zspine/core/engine";
import { type KeyEquality, KeyHashing } from "../equality/key-equality.ts";
import { structuralEquality } from "../equality/structural-equality.ts";

/** How a new map hashes and compares its keys. Maps that derive from one map share its way. */
export interface PersistentMapOptions<K> {
  /** What makes two keys one key; by value when left out. */
  readonly equality?: KeyEquality<K> | undefined;
  /** The seed of the hash; drawn from `random` when left out. */
  readonly seed?: HashSeed | undefined;
  /** A source of random unsigned 32-bit integers; `crypto.getRandomValues` when left out. */
  readonly random?: (() => number) | undefined;
}

const OPTIONS: readonly PropertyKey[] = ["equality", "random", "seed"];

/**
 * Reads options, each once. Not by `checkOptions`, whose advice is a tenth of what a program with maps alone would send.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function hashingOf<K>(options: PersistentMapOptions<K>): KeyHashing<K> {
  if (!isPlain(options)) throw refusedAt([], "an object of options", options);
  const odd = Reflect.ownKeys(options).find((name) => !OPTIONS.includes(name));
  if (odd !== undefined) throw refusedAt([odd], `no option but ${OPTIONS.join(", ")}`, odd);
  const { equality = structuralEquality, seed, random = randomWord } = options;
  if (typeof equality?.hash !== "function" || typeof equality.equals !== "function")
    throw refusedAt(["equality"], "a KeyEquality, such as structuralEquality", equality);
  if (typeof random !== "function") throw refusedAt(["random"], "a function", random);
  if (seed === null) throw refusedAt(["seed"], "a seed { k0, k1 }", seed);
  const { k0, k1 } = seed ?? { k0: random(), k1: random() };
  for (const [name, word] of Object.entries({ k0, k1 })) {
    if ((word | 0) === word || word >>> 0 === word) continue;
    throw refusedAt(seed === undefined ? ["random"] : ["seed", name], "an integer of 32 bits", word);
  }
  return new KeyHashing(equality, { k0, k1 });
}

function refusedAt(path: readonly PropertyKey[], expected: string, found: unknown): Error {
  return refused(["PersistentMap", ...path], expected, found);
}

function randomWord(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}
