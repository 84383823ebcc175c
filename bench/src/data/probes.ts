import { makeKeys, pickNumbers, type Key, type KeyKind } from "./dataset.ts";
import { mix, type Naive } from "./naive.ts";

/** Keys, with a value each, to look up; all of them present or all absent. */
export interface Probes {
  readonly numbers: Int32Array;
  readonly keys: readonly Key[];
  readonly values: Int32Array;
}

/** Makes `count` probes in random order; those that are present are rows of `naive`. */
export function makeProbes(kind: KeyKind, naive: Naive, count: number, isPresent: boolean): Probes {
  const numbers = pickNumbers(naive.numbers, count, isPresent ? 0 : 1);
  const values = Int32Array.from(numbers, (number) => naive.values[firstRowOf(naive, number)] ?? 0);
  return { numbers, keys: makeKeys(kind, numbers), values };
}

/** What looking probes up must give. */
export interface Finds {
  /** Sum of values and weights of all rows of all keys. */
  readonly got: number;
  /** How many keys have rows. */
  readonly had: number;
  /** Sum of the weights of key and value. */
  readonly weight: number;
  /** Checksum of the values and weights of each key. */
  readonly checksum: number;
}

/** Finds probes in naive rows. */
export function findProbes(naive: Naive, { numbers, values }: Probes): Finds {
  let got = 0;
  let had = 0;
  let weight = 0;
  let checksum = 0;
  numbers.forEach((number, probe) => {
    const first = firstRowOf(naive, number);
    if (naive.numbers[first] === number) had++;
    for (let row = first; naive.numbers[row] === number; row++) {
      got += naive.values[row]! + naive.weights[row]!;
      if (naive.values[row] === values[probe]) weight += naive.weights[row]!;
      checksum = mix(mix(checksum, naive.values[row]!), naive.weights[row]!);
    }
    checksum = mix(checksum, -1);
  });
  return { got, had, weight, checksum: checksum >>> 0 };
}

/** Finds the first row whose number is not below `number`. */
function firstRowOf({ numbers }: Naive, number: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
