import { damaged, flipped } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clone, cloneStore, detachClone, openStore, type Store, type StoreOptions } from "../../src/index.ts";
import { besidePlaces, type BesidePlaces } from "./beside-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

async function textOf(store: Store, name = "t"): Promise<string> {
  const rows: string[] = [];
  for await (const { key, value, weight } of (await store.trace(name, ROWS)).rows())
    rows.push(`${key}:${value}:${weight}`);
  return rows.join(" ");
}

async function insert(store: Store, from: number, to: number, value = "a"): Promise<void> {
  const trace = await store.trace("t", ROWS);
  // Every third key, so that batches overlap, and a merge copies rows instead of carrying blocks over.
  for (let at = 0; at < to - from; at++) trace.insert(from + 3 * at, value);
  await store.commit({ metadata: { to } });
}

/** Opens the clone of the place `source` that lies in the place `clone`. */
function openClone(places: BesidePlaces, options: StoreOptions = {}): Promise<Store> {
  const backend = clone({ of: places.opener("source"), into: places.opener("clone") });
  return openStore({ ...options, backend });
}

/** A source of four batches, open, and its clone, not open. */
async function cloned(places: BesidePlaces): Promise<Store> {
  const source = await openStore({ backend: places.opener("source") });
  for (let n = 0; n < 3; n++) await insert(source, n, n + 1000);
  await insert(source, 0, 10, "b");
  await cloneStore({ of: source, into: places.opener("clone"), name: "trial" });
  return source;
}

describe.each([
  ["of one process", false],
  ["that are shared", true],
])("cloneStore() over places %s", (_title, shared) => {
  it("F23 makes a store of the same content that has none of its values, and costs two writes and a head", async () => {
    const places = besidePlaces(shared);
    await using source = await cloned(places);
    expect((await places.values("clone")).filter((name) => !name.startsWith("loan/"))).toEqual([]);
    await using copy = await openClone(places);
    expect(await textOf(copy)).toBe(await textOf(source));
    expect(copy.metadata).toEqual({ to: 10 });
    expect(await copy.verify()).toMatchObject({ isSound: true });
  });

  it("F23 OT11 keeps the clone intact while its source is written to, merged, compacted, collected and dropped of its traces", async () => {
    const places = besidePlaces(shared);
    const source = await cloned(places);
    const expected = await textOf(source);
    await insert(source, 5000, 6000);
    await source.compact();
    await source.compact();
    await source.drop("t");
    await source.compact();
    await source.close();
    await using again = await openStore({ backend: places.opener("source") });
    await again.compact();
    await using copy = await openClone(places);
    expect(await textOf(copy)).toBe(expected);
    expect(await copy.verify()).toMatchObject({ isSound: true, problems: [] });
    expect(again.clones()).toMatchObject([{ name: "trial" }]);
    expect(again.clones()[0]!.bytesOwn).toBe(again.clones()[0]!.bytes);
  });

  it("F23 keeps what is written to either from the other", async () => {
    const places = besidePlaces(shared);
    await using source = await cloned(places);
    const before = await textOf(source);
    await using copy = await openClone(places);
    await insert(copy, 9000, 9002, "clone");
    expect(await textOf(source)).toBe(before);
    await insert(source, 8000, 8002, "source");
    expect(await textOf(copy)).toBe(`${before} 9000:clone:1 9003:clone:1`);
  });

  it("F23 lets go of what it borrows once it has merged it away and is closed, and its place opens alone then", async () => {
    const places = besidePlaces(shared);
    const source = await cloned(places);
    await source.close();
    const copy = await openClone(places);
    await insert(copy, 0, 3000, "over all");
    const expected = await textOf(copy);
    // The first commit of a shared place has what is left there looked for, which takes turns.
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 3; n++) await insert(copy, 0, 0);
    await copy.compact();
    await copy.close();
    await using alone = await openStore({ backend: places.opener("clone") });
    expect(await textOf(alone)).toBe(expected);
    await using again = await openStore({ backend: places.opener("source") });
    expect(again.clones()).toEqual([]);
  });

  it("F23 detachClone() copies what is borrowed, and then the source keeps nothing for it", async () => {
    const places = besidePlaces(shared);
    const source = await cloned(places);
    const expected = await textOf(source);
    await source.close();
    const copy = await openClone(places);
    const told: number[] = [];
    await detachClone(copy, { onProgress: ({ bytes }) => told.push(bytes) });
    expect(told.at(-1)).toBeGreaterThan(1000);
    expect(await textOf(copy)).toBe(expected);
    await copy.close();
    const again = await openStore({ backend: places.opener("source") });
    expect(again.clones()).toEqual([]);
    await again.close();
    await places.opener("source").drop();
    await using alone = await openStore({ backend: places.opener("clone") });
    expect(await textOf(alone)).toBe(expected);
    expect(await alone.verify()).toMatchObject({ isSound: true });
    // With its source it is the same store.
    await alone.close();
    await using withSource = await openClone(places);
    expect(await textOf(withSource)).toBe(expected);
  });

  it("F23 clones a clone, which stands when the one between has been detached and dropped of its rows", async () => {
    const places = besidePlaces(shared);
    const source = await cloned(places);
    const expected = await textOf(source);
    await source.close();
    const second = { of: places.opener("source"), into: places.opener("clone") };
    const copy = await openStore({ backend: clone(second) });
    await cloneStore({ of: copy, into: places.opener("third"), name: "of trial" });
    await copy.drop("t");
    await copy.compact();
    await detachClone(copy);
    await copy.close();
    await using third = await openStore({
      backend: clone({ of: places.opener("clone"), into: places.opener("third") }),
    });
    expect(await textOf(third)).toBe(expected);
  });
});

describe("clone()", () => {
  it("reads through the source that is open, where its place has one handle", async () => {
    const places = besidePlaces();
    const source = await cloned(places);
    await using copy = await openStore({ backend: clone({ of: source, into: places.opener("clone") }) });
    expect(await textOf(copy)).toBe(await textOf(source));
    await detachClone(copy);
    expect(source.clones()).toEqual([]);
    await source.close();
    expect(await textOf(copy)).not.toBe("");
  });

  it("opens beside a writer to be read only, and writes nothing", async () => {
    const places = besidePlaces();
    await using source = await cloned(places);
    const before = await places.values("clone");
    const copy = await openClone(places, { readOnly: true });
    expect(await textOf(copy)).toBe(await textOf(source));
    await copy.close();
    expect(await places.values("clone")).toEqual(before);
  });

  it("is refused without its source, ZSPINE_FORMAT, and nothing is removed", async () => {
    for (const shared of [false, true]) {
      const places = besidePlaces(shared);
      await using _source = await cloned(places);
      const before = await places.values("clone");
      for (const recover of ["never", "previous"] as const)
        for (const readOnly of [false, true])
          await expect(openStore({ backend: places.opener("clone"), recover, readOnly })).rejects.toThrow(
            /is a clone.*clone\(\{ of: …, into: … \}\)/s,
          );
      expect(await places.values("clone")).toEqual(before);
      await using copy = await openClone(places);
      expect((await copy.trace("t", ROWS)).totalWeight).toBe(3010);
    }
  });

  it("says that the source is missing, or another store, when something is read that is borrowed", async () => {
    const places = besidePlaces();
    const source = await cloned(places);
    await source.close();
    await places.opener("source").drop();
    await expect(openClone(places)).rejects.toMatchObject({
      code: "ZSPINE_UNKNOWN_NAME",
      path: ["clone", "of"],
    });
    const other = await openStore({ backend: places.opener("source") });
    await insert(other, 0, 10);
    await other.close();
    await expect(openClone(places)).rejects.toThrow(/another one or a copy, or it has let go/);
    const failing = { ...places.opener("source"), open: () => Promise.reject(new Error("no such disk")) };
    await expect(
      openStore({ backend: clone({ of: failing, into: places.opener("clone") }) }),
    ).rejects.toThrow(/cannot be read: no such disk; if it has moved/);
  });

  it("is told by the source's damage, and detachClone() copies none of it", async () => {
    const places = besidePlaces();
    const source = await cloned(places);
    await source.close();
    const name = (await places.values("source")).filter((one) => one.startsWith("batch/"))[0]!;
    const of = places.opener("source", (backend) =>
      damaged(backend, { value: (found, bytes) => (found === name ? flipped(bytes, 100) : bytes) }),
    );
    await using copy = await openStore({ backend: clone({ of, into: places.opener("clone") }) });
    expect((await copy.verify()).problems.map(({ code }) => code)).toContain("ZSPINE_CORRUPT");
    await expect(detachClone(copy)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    await copy.close();
    await using sound = await openClone(places);
    expect(await sound.verify()).toMatchObject({ isSound: true });
  });

  it("ends what it borrows when it is dropped", async () => {
    const places = besidePlaces();
    const source = await cloned(places);
    await source.close();
    await clone({ of: places.opener("source"), into: places.opener("clone") }).drop();
    expect(await places.values("clone")).toEqual([]);
    await using again = await openStore({ backend: places.opener("source") });
    expect(again.clones()).toEqual([]);
  });

  it("refuses a place without a clone, ZSPINE_UNKNOWN_NAME, and options that cannot be", async () => {
    const places = besidePlaces();
    await expect(openClone(places)).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    expect(() => clone({ of: places.opener("source") } as never)).toThrow(
      /clone.into: expected a backend over/,
    );
    expect(() => clone({ of: "./data", into: places.opener("clone") } as never)).toThrow(/write of: file/);
  });
});

describe("store.clones()", () => {
  it("tells what is kept for a clone alone, and releaseClone() has it removed", async () => {
    const places = besidePlaces();
    await using source = await cloned(places);
    expect(source.clones()[0]).toMatchObject({ name: "trial", bytesOwn: 0 });
    await source.compact();
    expect(source.clones()[0]!.bytesOwn).toBeGreaterThan(1000);
    const before = await places.values("source");
    await source.releaseClone("trial");
    await source.compact();
    expect((await places.values("source")).length).toBeLessThan(before.length);
    expect((await places.values("source")).some((name) => name.startsWith("loan/"))).toBe(false);
    await expect(source.releaseClone("trial")).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    await expect(openClone(places)).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
  });

  it("is refused a second clone of a name, ZSPINE_CONFLICT, and a target with a store", async () => {
    const places = besidePlaces();
    await using source = await cloned(places);
    await expect(
      cloneStore({ of: source, into: places.opener("second"), name: "trial" }),
    ).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", path: ["cloneStore", "name"] });
    await expect(
      cloneStore({ of: source, into: places.opener("clone"), name: "other" }),
    ).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(source.clones()).toHaveLength(1);
  });
});
