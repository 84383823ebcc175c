import { writeFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLevelBackend } from "../../src/backend/level-backend.ts";
import { level } from "../../src/index.ts";
import { FaultyMedium } from "../faulty-medium.ts";
import { bytesOf, createHeads, listNames, put } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();

describe("createHead()", () => {
  it("C2 C3 D9 is one synced batch with all its operations, the head, and the removal of the third newest", async () => {
    const medium = new FaultyMedium();
    await using backend = await openLevelBackend(medium, place("one-batch"), false);
    await createHeads(backend, 1, 2);
    medium.batches.length = 0;
    await backend.createHead(3, bytesOf(3), [
      put("a", bytesOf(1)),
      put("b", bytesOf(2)),
      { type: "remove", name: "value/1" },
    ]);
    expect(medium.batches).toEqual([
      {
        opening: 1,
        keys: ["v!a", "v!b", "v!value/1", "h!0000000000000003", "h!0000000000000001"],
        isSynced: true,
        isFailed: false,
      },
    ]);
    expect(await backend.readHead(1)).toBeUndefined();
  });

  it("C2 C12 D8 is synced unless it is asked to be relaxed, and so is write()", async () => {
    const medium = new FaultyMedium();
    await using backend = await openLevelBackend(medium, place("durability"), false);
    await backend.write([put("a", bytesOf(1))]);
    await backend.write([put("b", bytesOf(1))], { durability: "sync" });
    await backend.write([put("c", bytesOf(1))], { durability: "relaxed" });
    await backend.createHead(1, bytesOf(1), [], { durability: "relaxed" });
    expect(medium.batches.map(({ isSynced }) => isSynced)).toEqual([true, true, false, false]);
  });

  it("C2 has what was written relaxed before it synced first: a head is not there without its values", async () => {
    const medium = new FaultyMedium();
    await using backend = await openLevelBackend(medium, place("relaxed-before"), false);
    for (const name of ["a", "b"]) await backend.write([put(name, bytesOf(1))], { durability: "relaxed" });
    await createHeads(backend, 1, 2);
    expect(medium.batches.map(({ keys }) => keys.at(-1))).toEqual([
      "v!a",
      "v!b",
      "(logs)",
      "h!0000000000000001",
      "h!0000000000000002",
    ]);
  });

  it("that conflicts leaves no orphans", async () => {
    await using backend = await level({ location: place("orphans") }).open();
    const lost = backend.createHead(2, bytesOf(2), [put("a", bytesOf(1))]);
    await expect(lost).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: true });
    expect(await listNames(backend)).toEqual([]);
  });
});

/** Makes a location whose database holds the heads to 3, though those to 5 were acknowledged. */
async function rollBack(location: string): Promise<void> {
  const backend = await level({ location }).open();
  await createHeads(backend, 1, 3);
  await backend.close();
  await cp(join(location, "db"), `${location}-old`, { recursive: true });
  const later = await level({ location }).open();
  await createHeads(later, 4, 5);
  await later.close();
  await rm(join(location, "db"), { recursive: true });
  await cp(`${location}-old`, join(location, "db"), { recursive: true });
}

describe("readHead()", () => {
  it("C13 tells of an acknowledged head that is gone, and the next head goes above it", async () => {
    const location = place("rolled-back");
    await rollBack(location);
    const backend = await level({ location }).open();
    expect(await backend.readHead()).toEqual({ number: 3, bytes: Buffer.from(bytesOf(3)), newest: 5 });
    expect(await backend.readHead(3)).toEqual({ number: 3, bytes: Buffer.from(bytesOf(3)) });
    expect((await backend.readHead(2))?.number).toBe(2);
    for (const number of [4, 5, 7]) {
      const created = backend.createHead(number, bytesOf(number), []);
      await expect(created).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: true });
    }
    await createHeads(backend, 6, 6);
    expect(await backend.readHead()).toEqual({ number: 6, bytes: Buffer.from(bytesOf(6)) });
    expect((await backend.readHead(3))?.number).toBe(3);
    expect(await backend.readHead(2)).toBeUndefined();
    await createHeads(backend, 7, 7);
    expect(await backend.readHead(3)).toBeUndefined();
    await backend.close();
    await using reopened = await level({ location }).open();
    expect(await reopened.readHead()).toEqual({ number: 7, bytes: Buffer.from(bytesOf(7)) });
  });

  it("C13 is ZSPINE_CORRUPT, naming the number, when no head is left of those that were acknowledged", async () => {
    const location = place("all-lost");
    const backend = await level({ location }).open();
    await backend.close();
    writeFileSync(join(location, "newest"), "7\n");
    await using reopened = await level({ location }).open();
    await expect(reopened.readHead()).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
      message: expect.stringMatching(/there is no head .* but head 7 was acknowledged/),
    });
    await expect(reopened.createHead(1, bytesOf(1), [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
  });

  it("does not take a relaxed head for durable: one that a power cut took is not missed", async () => {
    const location = place("relaxed");
    const backend = await level({ location }).open();
    await createHeads(backend, 1, 2);
    await backend.createHead(3, bytesOf(3), [], { durability: "relaxed" });
    await backend.close();
    expect(await readFile(join(location, "newest"), "utf8")).toBe("2\n");
  });

  it("C24 tells that the newest heads are relaxed when a power cut has taken the note on the newest", async () => {
    const location = place("relaxed-unnoted");
    const backend = await level({ location }).open();
    await createHeads(backend, 1, 2);
    for (const number of [3, 4])
      await backend.createHead(number, bytesOf(number), [], { durability: "relaxed" });
    expect(await backend.readHead()).toEqual({ number: 4, bytes: Buffer.from(bytesOf(4)), synced: 2 });
    await backend.close();
    await writeFile(join(location, "newest"), "");
    await using reopened = await level({ location }).open();
    expect(await reopened.readHead()).toEqual({ number: 4, bytes: Buffer.from(bytesOf(4)), synced: 2 });
    expect((await reopened.readHead(3))?.number).toBe(3);
    await createHeads(reopened, 5, 5);
    expect(await reopened.readHead()).toEqual({ number: 5, bytes: Buffer.from(bytesOf(5)) });
    expect(await reopened.readHead(2)).toBeUndefined();
  });

  it.each(["", "12", "\0\0\0", "many\n"])(
    "takes a `newest` file of %j, as a power cut may leave it, for no number",
    async (text) => {
      const location = place(`torn-${text.length}`);
      const backend = await level({ location }).open();
      await createHeads(backend, 1, 2);
      await backend.close();
      await writeFile(join(location, "newest"), text);
      await using reopened = await level({ location }).open();
      expect((await reopened.readHead())?.number).toBe(2);
    },
  );

  it("notices a head that is lost when the database is opened anew after a failed write", async () => {
    const location = place("lost-anew");
    const medium = new FaultyMedium();
    await using backend = await openLevelBackend(medium, location, false);
    await createHeads(backend, 1, 3);
    medium.failNext = "before";
    await expect(backend.write([])).rejects.toMatchObject({ determinate: false });
    medium.onOpen = (database) => database.batch([{ type: "del", key: "h!0000000000000003" }], true);
    expect(await backend.readHead()).toMatchObject({ number: 2, newest: 3 });
    await expect(backend.createHead(3, bytesOf(3), [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await createHeads(backend, 4, 4);
  });
});

describe("list()", () => {
  it("goes on over pages, and holds nothing open between them", async () => {
    const medium = new FaultyMedium();
    await using backend = await openLevelBackend(medium, place("pages"), false);
    const names = Array.from({ length: 2500 }, (_, at) => `value/${String(at).padStart(5, "0")}`);
    await backend.write(names.map((name) => put(name, bytesOf(1, 10))));
    expect(await listNames(backend, "value/")).toEqual(names);
    expect(await listNames(backend, "value/01")).toEqual(names.slice(1000, 2000));
    const listing = backend.list("")[Symbol.asyncIterator]();
    await listing.next();
    medium.failNext = "before";
    await expect(backend.write([])).rejects.toMatchObject({ determinate: false });
    await backend.write([]);
    const rest: string[] = [];
    for (let at = 1; at < names.length; at++) rest.push((await listing.next()).value as string);
    expect(rest).toEqual(names.slice(1));
    expect((await listing.next()).done).toBe(true);
  });
});
