import { expect, it } from "vitest";
import { deflate, isZspineError } from "@zspine/core";
import { buildFilter, type Part } from "@zspine/core/engine";
import { decodeBlock, encodeBlock } from "../../src/block/block.ts";
import { decodeFences, decodeIndex, encodeIndex } from "../../src/block/block-index.ts";
import { crc32 } from "../../src/block/crc32.ts";
import { decodeFilter, encodeFilter } from "../../src/block/filter-block.ts";
import { PackedBlock } from "../../src/block/packed-block.ts";
import { compareBytes } from "./column-arbitraries.ts";
import { sampleIndex } from "./index-sample.ts";
import { expectRows, stretchesOf } from "./packed-stretches.ts";
import { chance, IDENTITY, kindsOf, SAMPLES } from "./samples.ts";

/** Good bytes and how they are read. */
interface Target {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => readonly Part[];
}

export const blocks = SAMPLES.flatMap(({ name, part }): Target[] => {
  const decode = (bytes: Uint8Array): Part[] => [decodeBlock(bytes, kindsOf(part), IDENTITY, "a block")];
  const plain: Target = { name, bytes: encodeBlock(part, IDENTITY), decode };
  const compressed: Target = { name, bytes: encodeBlock(part, IDENTITY, deflate()), decode };
  return compressed.bytes.length < plain.bytes.length ? [plain, compressed] : [plain];
});

/** The same blocks, of which stretches are read: all that are must be what the whole block says. */
const packedBlocks = SAMPLES.map(({ name, part }): Target => ({
  name: `${name}, packed`,
  bytes: encodeBlock(part, IDENTITY),
  decode: (bytes) => {
    const packed = new PackedBlock(bytes, kindsOf(part), part.columns.length, IDENTITY, "a block");
    const stretches = stretchesOf(packed);
    const whole = packed.whole();
    for (const { from, read } of stretches) expectRows(read, whole, from);
    return [whole, ...stretches.map(({ read }) => read)];
  },
}));

export const indexes = [1, 5, 40].map((count): Target => ({
  name: `index of ${count}`,
  bytes: encodeIndex(sampleIndex(count), IDENTITY),
  decode: (bytes) => {
    const index = decodeIndex(bytes, IDENTITY, "an index");
    const { lowers, uppers } = decodeFences(index, ["binary", "numeric"], "an index");
    return [lowers, uppers];
  },
}));

export const filters = [0, 100].map((count): Target => ({
  name: `filter of ${count}`,
  bytes: encodeFilter(buildFilter(Uint32Array.from({ length: count }, (_, row) => chance(row))), IDENTITY),
  decode: (bytes) => {
    const { words } = decodeFilter(bytes, IDENTITY, "a filter");
    expect(words.length * 4).toBe(bytes.length - 40);
    return [];
  },
}));

export const TARGETS = [...blocks, ...packedBlocks, ...indexes, ...filters];

/** Tells whether the bytes were refused; whatever else is thrown is a failure. */
export function isRefused({ decode }: Target, bytes: Uint8Array): boolean {
  try {
    for (const part of decode(bytes)) expectValid(part, bytes.length);
    return false;
  } catch (error) {
    const isExpected = isZspineError(error, "ZSPINE_CORRUPT") || isZspineError(error, "ZSPINE_FORMAT");
    if (!isExpected || !/^an? (block|index|filter)/.test(error.message)) throw error;
    return true;
  }
}

/** What every part is that a decoder gives, whatever the bytes. Throws; a matcher each would cost minutes. */
function expectValid(part: Part, stored: number): void {
  const rows = part.weights.length;
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) throw new Error(`a decoded part is wrong: ${what}`);
  };
  check(part.bytes <= 2 ** 25 + 4096 * stored + rows * part.columns.length * 32, "it is too large");
  for (const weight of part.weights) check(Number.isSafeInteger(weight) && weight !== 0, "weight");
  for (const column of part.columns) {
    check(column.heads.length === rows, "rows");
    for (const head of column.heads) check(!Number.isNaN(head) && !Object.is(head, -0), "head");
    if (column.kind === "numeric") continue;
    check(column.starts.length === rows + 1 && column.starts[0] === 0, "starts");
    for (let row = 0; row < rows; row++) check(column.starts[row]! <= column.starts[row + 1]!, "order");
    check(column.starts[rows] === column.bytes.length, "bytes");
  }
}

/** Seeded chance: xorshift32 (Marsaglia, 2003). */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const TELLING = [0, 1, 2, 3, 4, 5, 6, 31, 32, 33, 53, 54, 63, 127, 128, 255];

/** Damages bytes in one to four ways that media, bugs and adversaries know. */
function mutate(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  let changed = bytes.slice();
  for (let times = 1 + next(4); times > 0; times--) {
    const at = next(changed.length);
    switch (next(7)) {
      case 0:
        changed[at]! ^= 1 << next(8);
        break;
      case 1:
        changed[at] = TELLING[next(TELLING.length)]!;
        break;
      case 2:
        changed[at] = next(256);
        break;
      case 3:
        changed.fill(next(2) * 255, at, at + 1 + next(8));
        break;
      case 4:
        changed.copyWithin(at, next(changed.length), next(changed.length));
        break;
      case 5:
        changed = changed.slice(0, Math.max(1, at));
        break;
      default:
        changed = Uint8Array.from([...changed, ...changed.subarray(0, next(20))]);
    }
  }
  return changed;
}

/** Makes all of a header right that tells whether the bytes are whole. */
function reseal(good: Uint8Array, changed: Uint8Array): Uint8Array {
  if (changed.length < 40) return changed;
  const view = new DataView(changed.buffer);
  changed.set(good.subarray(0, 20));
  view.setUint32(32, changed.length - 40, true);
  if (changed[5] === 0) view.setUint32(28, changed.length - 40, true);
  view.setUint32(36, crc32(changed, 40, changed.length, crc32(changed, 0, 36)), true);
  return changed;
}

const SEED = 20261122;

/** The laws of bytes that are damaged at random, `mutations` times for each decoder; for a group of tests. */
export function randomDamage(mutations: number): void {
  const decoders = [
    ["decodeBlock()", blocks],
    ["PackedBlock", packedBlocks],
    ["decodeIndex()", indexes],
    ["decodeFilter()", filters],
  ] as const;

  it.each(decoders)("%s refuses damage whatever it is", (_, targets) => {
    const next = chances(SEED);
    for (let run = 0; run < mutations; run++) {
      const target = targets[run % targets.length]!;
      const changed = mutate(target.bytes, next);
      if (!isRefused(target, changed) && compareBytes(changed, target.bytes) !== 0) {
        throw new Error(`mutation ${run} of seed ${SEED} was not noticed`);
      }
    }
  });

  it.each(decoders)("%s refuses or reads as rows whatever has a right checksum", (_, targets) => {
    const next = chances(SEED);
    let accepted = 0;
    for (let run = 0; run < mutations; run++) {
      const target = targets[run % targets.length]!;
      if (!isRefused(target, reseal(target.bytes, mutate(target.bytes, next)))) accepted++;
    }
    // Else the mutations do not reach what is behind the checksum.
    expect(accepted).toBeGreaterThan(0);
  });
}
