import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBytes, hashWords } from "../../src/hash/half-siphash.ts";

const SEED = 20261122;

/** HalfSipHash-1-3 with 32 bits of output, written down from the paper and its reference code. */
function reference(message: Uint8Array, k0: number, k1: number): number {
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1];
  const round = () => {
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
  };
  const absorb = (word: number) => {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  const padded = new DataView(new ArrayBuffer((message.length + 4) & ~3));
  message.forEach((byte, at) => {
    padded.setUint8(at, byte);
  });
  padded.setUint8(padded.byteLength - 1, message.length & 0xff);
  for (let at = 0; at < padded.byteLength; at += 4) absorb(padded.getUint32(at, true));
  v2 ^= 0xff;
  for (let i = 0; i < 3; i++) round();
  return (v1 ^ v3) >>> 0;
}

const word = fc.nat({ max: 0xffffffff });
const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

describe("HalfSipHash-1-3", () => {
  it(`hashWords() is the reference's hash of three words, seed ${SEED}`, () => {
    fc.assert(
      fc.property(word, word, word, word, word, (a, b, c, k0, k1) => {
        expect(hashWords(a, b, c, { k0, k1 })).toBe(reference(words(a, b, c), k0, k1));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it(`hashBytes() is the reference's hash of the chained word and any bytes, seed ${SEED}`, () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.nat(8), word, word, word, (given, offset, chained, k0, k1) => {
        const start = Math.min(offset, given.length);
        const message = Uint8Array.from([...words(chained), ...given.subarray(start)]);
        expect(hashBytes(given, start, given.length, chained, { k0, k1 })).toBe(reference(message, k0, k1));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
