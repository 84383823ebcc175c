import { forward } from "@zspine/conformance";
import type { Backend, StoredHead } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { crc32 } from "../src/block/crc32.ts";
import { openStore, type StoreOptions } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

const NUMBERS = { key: z.int32(), value: z.string() };

/** Reads heads as if `version` of the format had written them. */
function ofVersion(backend: Backend, version: number, number?: number): Backend {
  const change = (head: StoredHead | undefined): StoredHead | undefined => {
    if (head === undefined || (number !== undefined && head.number !== number)) return head;
    const bytes = Uint8Array.from(head.bytes);
    const view = new DataView(bytes.buffer);
    view.setUint16(4, version, true);
    view.setUint32(12, crc32(bytes, 16, bytes.length, crc32(bytes, 0, 12)), true);
    return { ...head, bytes };
  };
  return {
    ...forward(backend),
    readHead: async (wanted, options) => change(await backend.readHead(wanted, options)),
  };
}

async function twoCommits() {
  const places = retainedPlaces();
  const store = await openStore({ backend: places.opener("place") });
  const trace = await store.trace("t", NUMBERS);
  for (let n = 1; n <= 2; n++) {
    trace.insert(n, "v");
    await store.commit({ metadata: { n } });
  }
  await store.close();
  const open = (wrap: (backend: Backend) => Backend, options: StoreOptions = {}) => {
    const opener = places.opener("place");
    return openStore({
      ...options,
      backend: { ...opener, open: async (how) => wrap(await opener.open(how)) },
    });
  };
  return { places, open };
}

describe("openStore() finds heads of another format", () => {
  it("C11 refuses a newer version, ZSPINE_FORMAT, whatever recover says, and says what to do", async () => {
    const { open } = await twoCommits();
    for (const recover of ["never", "previous"] as const) {
      const opening = open((backend) => ofVersion(backend, 7), { recover });
      await expect(opening).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
      await expect(opening).rejects.toThrow(/format 7.*reads formats 5 and 6.*open it with/s);
    }
    await using store = await open((backend) => backend);
    expect(store.metadata).toEqual({ n: 2 });
  });

  it("C11 C5 takes a version whose checksum is wrong for damage, from which it goes back", async () => {
    const { open } = await twoCommits();
    const flip = (backend: Backend): Backend => ({
      ...forward(backend),
      async readHead(number, options) {
        const head = await backend.readHead(number, options);
        if (head?.number === 2) head.bytes[4]! ^= 1;
        return head;
      },
    });
    await expect(open(flip)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    await using store = await open(flip, { recover: "previous" });
    expect([store.metadata, store.recovery.passedOver]).toEqual([{ n: 1 }, 2]);
  });

  it("C11 refuses bytes that are no head, ZSPINE_CORRUPT", async () => {
    const { open } = await twoCommits();
    const other = (backend: Backend): Backend => ({
      ...forward(backend),
      readHead: async () => ({ number: 2, bytes: new TextEncoder().encode("another program's head") }),
    });
    await expect(open(other)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
  });
});
