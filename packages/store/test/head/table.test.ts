import { SeededRandom } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/block/crc32.ts";
import { HEADER_BYTES } from "../../src/block/header.ts";
import type { HeadTable } from "../../src/head/head.ts";
import { decodeTable, encodeTable, type TableEntries } from "../../src/head/table.ts";
import { BATCH, EMPTY, TIMED } from "./sample-traces.ts";

const ENTRIES: TableEntries = {
  traces: [
    {
      name: "__proto__",
      created: 2,
      fingerprint: "int32 -> text",
      kinds: "nb",
      keyColumns: 1,
      totalWeight: -7,
      kind: null,
      batches: [BATCH],
      held: [{ commit: 3, batches: 1, totalWeight: 5 }],
    },
    EMPTY,
    TIMED,
  ],
  dropped: ["constructor", "weg"],
};
const { head: HEAD, bytes: BYTES } = encodeTable("0000002a-zz", ENTRIES);

// Bytes of version 5, never written again.
const GOLDEN = new URL("../golden/table-v5.bin", import.meta.url);
if (process.env["ZSPINE_WRITE_GOLDEN"] === "1") writeFileSync(GOLDEN, BYTES, { flag: "wx" });
const golden = Uint8Array.from(readFileSync(GOLDEN));

function codeOf(bytes: Uint8Array, head: HeadTable = HEAD): string | undefined {
  try {
    decodeTable(bytes, head);
    return undefined;
  } catch (error) {
    return isZspineError(error) ? error.code : String(error);
  }
}

/** Gives bytes the lengths and checksums that they should have, and a reference that vouches for them. */
function reseal(bytes: Uint8Array, entries = HEAD.entries): { bytes: Uint8Array; head: HeadTable } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const at of [28, 32]) view.setUint32(at, bytes.length - HEADER_BYTES, true);
  view.setUint32(36, crc32(bytes, HEADER_BYTES, bytes.length, crc32(bytes, 0, 36)), true);
  const checksum = crc32(bytes, 0, bytes.length);
  return { bytes, head: { ...HEAD, length: bytes.length, checksum, entries } };
}

function withBody(text: string, entries?: number): { bytes: Uint8Array; head: HeadTable } {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  bytes.set(golden.subarray(0, HEADER_BYTES));
  bytes.set(body, HEADER_BYTES);
  if (entries !== undefined) new DataView(bytes.buffer).setUint32(20, entries, true);
  return reseal(bytes, entries);
}

describe("decodeTable()", () => {
  it("C11 C27 reads what version 5 has written, and version 5 is written today", () => {
    expect(decodeTable(golden, HEAD)).toEqual(ENTRIES);
    expect(BYTES).toEqual(golden);
    expect(HEAD).toMatchObject({ value: "table/0000002a-zz", offset: 0, length: golden.length, entries: 5 });
  });

  it("C7 refuses every changed byte, every shortened table, and another's, though its checksum is as it should be", () => {
    for (let at = 0; at < golden.length; at++) {
      const changed = golden.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(codeOf(changed)).toBe("ZSPINE_CORRUPT");
      expect(codeOf(golden.slice(0, at))).toBe("ZSPINE_CORRUPT");
    }
    expect(codeOf(golden, { ...HEAD, value: "table/0000002a-zy" })).toBe("ZSPINE_CORRUPT");
    expect(codeOf(golden, { ...HEAD, entries: 3 })).toBe("ZSPINE_CORRUPT");
    expect(() => decodeTable(golden.slice(1), HEAD)).toThrow(HEAD.value);
  });

  it("C7 refuses what no table holds, whatever its checksum says", () => {
    const trace = JSON.stringify(ENTRIES.traces[1]);
    const bodies: Record<string, string> = {
      "no JSON": "{",
      "an array": "[]",
      null: "null",
      "a field too few": '{"traces":[]}',
      "a field too many": '{"traces":[],"dropped":[],"more":1}',
      "names out of order": '{"traces":[],"dropped":["b","a"]}',
      "a name twice": '{"traces":[],"dropped":["a","a"]}',
      "a trace that is gone": `{"traces":[${trace}],"dropped":["leer"]}`,
      "a trace twice": `{"traces":[${trace},${trace}],"dropped":[]}`,
      "no name": '{"traces":[],"dropped":[1,2]}',
      "a trace with a field too many": `{"traces":[${trace.replace("{", '{"x":1,')}],"dropped":[]}`,
      "no kinds": `{"traces":[${trace.replace('"b"', '"x"')}],"dropped":[]}`,
      "an array for a trace": '{"traces":[["leer"]],"dropped":[]}',
      "too deep": `{"traces":${"[".repeat(100_000)}${"]".repeat(100_000)},"dropped":[]}`,
    };
    for (const [what, body] of Object.entries(bodies)) {
      for (const entries of [1, 2]) {
        const { bytes, head } = withBody(body, entries);
        expect(codeOf(bytes, head), what).toBe("ZSPINE_CORRUPT");
      }
    }
    const { bytes, head } = withBody(`{"traces":[${trace}],"dropped":[]}`, 1);
    expect(codeOf(bytes, head)).toBeUndefined();
  });

  it("H5 gives an error or a table of the right types for 20,000 mutations, with the checksums made right", () => {
    const seed = 7;
    const random = new SeededRandom(seed);
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const mutated = golden.slice();
      for (let n = random.int(1, 3); n > 0; n--)
        mutated[random.int(HEADER_BYTES, golden.length - 1)] = random.int(32, 126);
      const { bytes, head } = reseal(mutated);
      const code = codeOf(bytes, head);
      if (code !== undefined) {
        expect(code, `seed ${seed}, round ${round}`).toBe("ZSPINE_CORRUPT");
        continue;
      }
      accepted++;
      const { traces, dropped } = decodeTable(bytes, head);
      expect(traces.length + dropped.length).toBe(5);
      for (const { kinds, keyColumns } of traces)
        expect([/^[nb]+t?$/.test(kinds), keyColumns > 0]).toEqual([true, true]);
    }
    expect(accepted).toBeGreaterThan(1000);
  });
});
