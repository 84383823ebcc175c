import { SeededRandom } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/block/crc32.ts";
import { decodeHead } from "../../src/head/decode-head.ts";
import { checksumOfHead, encodeHead, type Head, type HeadTrace } from "../../src/head/head.ts";
import { BATCH, EMPTY, TIMED } from "./sample-traces.ts";

const HEAD: Head = {
  number: 42,
  epoch: 3,
  commit: 41,
  writer: "0123456789abcdef0123456789abcdef",
  previous: 0xdeadbeef,
  seed: { k0: 1, k1: 4294967295 },
  serializer: { name: "msgpack", id: 1 },
  tables: [
    { value: "table/0a1b2c3d-7", offset: 0, length: 4567, checksum: 4294967295, entries: 12 },
    { value: "table/00000001-zz", offset: 40, length: 89, checksum: 0, entries: 1 },
  ],
  traces: [
    {
      name: "__proto__",
      created: 2,
      fingerprint: "int32 -> {customer:text,total:number}",
      kinds: "nbn",
      keyColumns: 1,
      totalWeight: -7,
      kind: null,
      batches: [BATCH],
      held: [
        { commit: 3, batches: 0, totalWeight: 0 },
        { commit: 17, batches: 1, totalWeight: -Number.MAX_SAFE_INTEGER },
      ],
    },
    EMPTY,
    TIMED,
  ],
  dropped: ["", "\u0000gone", "weg"],
  holds: [
    { name: "backup", commit: 17, metadata: {}, lease: null, maxBytes: null, isExpired: false },
    { name: "feed", commit: 3, metadata: { offset: 5 }, lease: 60_000, maxBytes: 2 ** 30, isExpired: true },
  ],
  clones: [],
  metadata: JSON.parse('{"offset":17,"__proto__":{"deep":[null,true,"\\ud83d\\ude00"]}}') as Head["metadata"],
};

// Bytes of version 5, never written again.
const GOLDEN = new URL("../golden/head-v5.bin", import.meta.url);
if (process.env["ZSPINE_WRITE_GOLDEN"] === "1") writeFileSync(GOLDEN, encodeHead(HEAD), { flag: "wx" });
const golden = Uint8Array.from(readFileSync(GOLDEN));

/** Gives bytes the checksum that they should have. */
function reseal(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 16) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(8, bytes.length - 16, true);
  view.setUint32(12, crc32(bytes, 16, bytes.length, crc32(bytes, 0, 12)), true);
  return bytes;
}

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    decodeHead(bytes, 42);
    return undefined;
  } catch (error) {
    return isZspineError(error) ? error.code : String(error);
  }
}

/** Whether what a head says of a trace is of the types that it is to have. */
function isOfRightTypes({ batches, kinds, kind }: HeadTrace): boolean {
  const isKind =
    kind === null || (typeof kind.name === "string" && kind.state !== undefined && kind.state !== null);
  const isBatch = ({ index, rows }: HeadTrace["batches"][number]): boolean =>
    Number.isSafeInteger(index.offset + index.length) && rows > 0;
  return /^[nb]+t?$/.test(kinds) && isKind && batches.every(isBatch);
}

describe("decodeHead()", () => {
  it("C8 C11 reads what version 5 has written, and version 5 is written today", () => {
    expect(decodeHead(golden, 42)).toEqual(HEAD);
    expect(encodeHead(HEAD)).toEqual(golden);
    expect(Object.keys(decodeHead(golden, 42).metadata)).toEqual(["offset", "__proto__"]);
  });

  it.each([1, 2, 3, 4])(
    "C11 refuses what version %i has written, ZSPINE_FORMAT, and says what to do",
    (version) => {
      const old = Uint8Array.from(readFileSync(new URL(`../golden/head-v${version}.bin`, import.meta.url)));
      expect(codeOf(old)).toBe("ZSPINE_FORMAT");
      expect(() => decodeHead(old, 42)).toThrow(
        new RegExp(`format ${version}.*version that wrote it, and copy`, "s"),
      );
    },
  );

  it("C7 refuses every changed byte, every shortened head and every other number", () => {
    for (let at = 0; at < golden.length; at++) {
      const changed = golden.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(codeOf(changed)).toBe("ZSPINE_CORRUPT");
      expect(codeOf(golden.slice(0, at))).toBe("ZSPINE_CORRUPT");
    }
    expect(() => decodeHead(golden, 41)).toThrow("says that it is head 42");
    expect(() => decodeHead(encodeHead({ ...HEAD, commit: 43 }), 42)).toThrow("commit 43 came before it");
  });

  it("H5 gives an error or a head of the right types for 100,000 mutations, with the checksum made right", () => {
    const seed = 7;
    const random = new SeededRandom(seed);
    const before = Object.keys(Object.prototype).length;
    let accepted = 0;
    for (let round = 0; round < 100_000; round++) {
      const at = random.int(16, golden.length - 1);
      let mutated = golden.slice();
      if (random.chance(0.1)) mutated = mutated.slice(0, at);
      else if (random.chance(0.2)) mutated.copyWithin(at, random.int(16, golden.length - 1));
      else
        for (let n = random.int(1, 3); n > 0; n--)
          mutated[random.int(16, golden.length - 1)] = random.int(32, 126);
      const bytes = reseal(mutated);
      const code = codeOf(bytes);
      // One look at each, for an expect() takes longer than all of the rest.
      const where = `seed ${seed}, round ${round}`;
      if (code === "ZSPINE_CORRUPT") continue;
      if (code !== undefined) expect(code, where).toBe("ZSPINE_CORRUPT");
      accepted++;
      if (!decodeHead(bytes, 42).traces.every(isOfRightTypes)) expect.fail(`${where}: of other types`);
    }
    // Letters within names, digits within numbers: what is right by its types is not told from the original.
    expect(accepted).toBeGreaterThan(1000);
    expect(Object.keys(Object.prototype)).toHaveLength(before);
  });

  it("C6 has the checksum that the head after it knows it by", () => {
    expect(checksumOfHead(golden)).toBe(crc32(golden, 0, golden.length));
  });
});
