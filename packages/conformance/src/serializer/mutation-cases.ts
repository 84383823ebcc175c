import { assert } from "../assertion/assertion.ts";
import type { SeededRandom } from "../random/seeded-random.ts";
import type { FormatCase } from "./format-case.ts";
import { assertUnpolluted, decodeHostile } from "./hostile-cases.ts";
import { randomValue } from "./random-value.ts";
import { samplesUpTo } from "./sample-values.ts";

const MUTATIONS = 100_000;
const ENCODINGS = 500;
const BYTES_MAX = 300;

/** Damages bytes in one of the ways in which media and people do. */
function mutateBytes(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const at = random.int(0, Math.max(bytes.length - 1, 0));
  const copy = bytes.slice();
  switch (random.int(0, 5)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.int(0, 7));
      return copy;
    case 1:
      copy[at] = random.int(0, 255);
      return copy;
    case 2:
      return copy.slice(0, at);
    case 3:
      return Uint8Array.from([...copy.slice(0, at), random.int(0, 255), ...copy.slice(at)]);
    case 4:
      for (let i = at; i < Math.min(at + 8, copy.length); i++) copy[i] = random.int(0, 255);
      return copy;
    default:
      for (let i = at; i < Math.min(at + 8, copy.length); i++) copy[i] = 0xff;
      return copy;
  }
}

/** Valid encodings that were damaged. */
export const mutationCases: readonly FormatCase[] = [
  {
    name: `H3 H5 decode() refuses or reads ${MUTATIONS} mutations of valid encodings`,
    isSeeded: true,
    run({ create, random }) {
      const serializer = create();
      const compressing = create({ compression: "deflate", compressionMinBytes: 0 });
      const values = [
        ...samplesUpTo(BYTES_MAX).map(({ make }) => make()),
        ...Array.from({ length: ENCODINGS }, () => randomValue(random, 4)),
      ];
      const encodings = values
        .flatMap((value) => [serializer.encode(value), compressing.encode(value)])
        .filter(({ length }) => length <= BYTES_MAX);
      assert(encodings.length > ENCODINGS, "there are enough encodings");
      assertUnpolluted(() => {
        for (let at = 0; at < MUTATIONS; at++) {
          decodeHostile(serializer, mutateBytes(random, random.pick(encodings)), `mutation ${at}`);
        }
      });
    },
  },
];
