import { flipped, damaged, type Damage } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeHead } from "../../src/head/decode-head.ts";
import type { HeadTable } from "../../src/head/head.ts";
import { encodeTable } from "../../src/head/table.ts";
import { openStore, type Store, type StoreOptions } from "../../src/index.ts";
import { retainedPlaces, type RetainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };
const COUNT = 60;

/** A store whose two newest heads have tables, of which the newest one is the newest head's alone. */
async function write(): Promise<{ places: RetainedPlaces; newest: string; other: Uint8Array }> {
  const places = retainedPlaces();
  const backend = await places.opener("place").open();
  const store = await openStore({ backend });
  const traces = [];
  for (let n = 0; n < COUNT; n++) traces.push(await store.trace(`trace ${n}`, ROWS));
  await store.commit();
  const known = new Set<string>();
  let newest: string | undefined;
  for (let n = 0; newest === undefined || known.size < 3; n++) {
    traces[n]!.insert(n, "row");
    await store.commit({ metadata: { n } });
    newest = undefined;
    for await (const name of backend.list("table/")) {
      if (!known.has(name)) newest = name;
      known.add(name);
    }
  }
  const stored = (await backend.readHead())!;
  const [table] = decodeHead(stored.bytes, stored.number).tables;
  expect(table!.value).toBe(newest);
  await store.close();
  return { places, newest, other: otherTable(table!) };
}

/** A sound table of the same name, length and number of entries, that says something else. */
function otherTable({ value, length, entries }: HeadTable): Uint8Array {
  const names = Array.from({ length: entries }, (_, n) => `${100 + n}`);
  const encode = (last: string): Uint8Array =>
    encodeTable(value.slice("table/".length), { traces: [], dropped: [...names.slice(1), last] }).bytes;
  const other = encode("z".repeat(1 + length - encode("z").length));
  expect(other.length).toBe(length);
  return other;
}

function openDamaged(places: RetainedPlaces, damage: Damage, options: StoreOptions = {}): Promise<Store> {
  const opener = places.opener("place");
  const backend = { ...opener, open: async () => damaged(await opener.open(), damage) };
  return openStore({ ...options, backend });
}

describe("C5 C7 a table of traces that is not what was written", () => {
  it("is refused at the opening, ZSPINE_CORRUPT, which names it; and the head before is gone back to", async () => {
    const { places, newest, other } = await write();
    const damages: Record<string, Damage> = {
      lost: { value: (name, bytes) => (name === newest ? undefined : bytes) },
      "cut off": { value: (name, bytes) => (name === newest ? bytes.slice(0, -1) : bytes) },
      flipped: { value: (name, bytes) => (name === newest ? flipped(bytes, bytes.length - 7) : bytes) },
      "another of its name, as long": { value: (name, bytes) => (name === newest ? other : bytes) },
    };
    for (const [what, damage] of Object.entries(damages)) {
      const opening = openDamaged(places, damage);
      await expect(opening, what).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
      await expect(opening, what).rejects.toThrow(newest);
      await using store = await openDamaged(places, damage, { recover: "previous", readOnly: true });
      expect(store.traces, what).toHaveLength(COUNT);
      expect(store.recovery.passedOver, what).toBe(store.recovery.head + 1);
    }
  });

  it("is found by verify(), which names it, and takes nothing that older tables say for what is so", async () => {
    const places = retainedPlaces();
    const backend = await places.opener("place").open();
    const writing = await openStore({ backend, strategy: { name: "never", choose: () => undefined } });
    const traces = [];
    for (let n = 0; n < 200; n++) traces.push(await writing.trace(`trace ${n}`, ROWS));
    for (const trace of traces) trace.insert(0, "first");
    await writing.commit();
    traces[199]!.insert(1, "row");
    await writing.commit();
    // What the older table says of these is gone from the medium, once they are merged.
    for (let n = 0; n < 30; n++) traces[n]!.insert(1, "row");
    await writing.commit();
    await writing.compact();
    traces[199]!.insert(2, "row");
    await writing.commit();
    for (let n = 0; n < 3; n++) await writing.commit();
    const stored = (await backend.readHead())!;
    const { tables } = decodeHead(stored.bytes, stored.number);
    expect(tables.length).toBeGreaterThan(1);
    await writing.close();
    const newest = tables[0]!.value;
    let isDamaged = false;
    const damage: Damage = {
      value: (name, bytes) => (isDamaged && name === newest ? flipped(bytes, 50) : bytes),
    };
    await using store = await openDamaged(places, damage);
    expect(await store.verify()).toMatchObject({ isSound: true, problems: [], heads: 2 });
    isDamaged = true;
    const { isSound, problems } = await store.verify();
    expect(isSound).toBe(false);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "ZSPINE_CORRUPT", trace: undefined, batch: undefined });
    expect(problems[0]!.message).toContain(newest);
  });

  it("backup() copies what tables say, and the copy needs none of them", async () => {
    const { places } = await write();
    await using store = await openStore({ backend: places.opener("place") });
    await store.backup(places.opener("copy"));
    await using copy = await openStore({ backend: places.opener("copy") });
    expect(copy.traces).toEqual(store.traces);
    expect(copy.metadata).toEqual(store.metadata);
    expect(await copy.verify()).toMatchObject({ isSound: true, problems: [] });
    const trace = await copy.trace("trace 3", ROWS);
    trace.insert(7, "on");
    await copy.commit();
    expect((await copy.verify()).isSound).toBe(true);
    await copy.close();
    await using again = await openStore({ backend: places.opener("copy") });
    expect([again.traces.length, await (await again.trace("trace 3", ROWS)).has(7)]).toEqual([COUNT, true]);
  });
});
