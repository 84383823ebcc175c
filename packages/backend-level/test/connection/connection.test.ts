import { describe, expect, it } from "vitest";
import { openLevelBackend } from "../../src/backend/level-backend.ts";
import { FaultyMedium } from "../faulty-medium.ts";
import { bytesOf, createHeads, listNames, put } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();
const INDETERMINATE = { code: "ZSPINE_IO", determinate: false };
const REFUSED = { code: "ZSPINE_IO", determinate: true };

async function openFaulty(name: string) {
  const medium = new FaultyMedium();
  const backend = await openLevelBackend(medium, place(name), false);
  return { medium, backend, reopen: () => openLevelBackend(new FaultyMedium(), place(name), false) };
}

describe("a write that failed", () => {
  it("C14 is followed by no other to the same database: the next one opens it anew, and nothing acknowledged is lost", async () => {
    const { medium, backend, reopen } = await openFaulty("poison");
    await createHeads(backend, 1, 2);
    medium.failNext = "before";
    await expect(backend.write([put("a", bytesOf(0))])).rejects.toMatchObject(INDETERMINATE);
    expect(medium.openings).toBe(1);
    await backend.write([put("b", bytesOf(1))]);
    await createHeads(backend, 3, 4);
    const failed = medium.batches.findIndex(({ isFailed }) => isFailed);
    expect(medium.batches.slice(failed + 1).map(({ opening }) => opening)).toEqual([2, 2, 2]);
    await backend.close();
    await using reopened = await reopen();
    expect((await reopened.readHead())?.number).toBe(4);
    expect(await reopened.get("value/4")).toEqual(Buffer.from(bytesOf(4)));
    expect(await listNames(reopened)).toEqual(["b", "value/1", "value/2", "value/3", "value/4"]);
  });

  it("does not take those with it that queue behind it: they go to the database opened anew", async () => {
    const { medium, backend } = await openFaulty("queue");
    medium.failNext = "before";
    const names = ["a", "b", "c", "d"];
    const outcomes = await Promise.allSettled(names.map((name) => backend.write([put(name, bytesOf(1))])));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(medium.batches.map(({ opening }) => opening)).toEqual([1, 2, 2, 2]);
    expect(await listNames(backend)).toEqual(["b", "c", "d"]);
    await backend.close();
  });

  it.each(["before", "after"] as const)(
    "readHead() after createHead() that failed %s it landed tells from a database opened anew what became of it",
    async (fault) => {
      const { medium, backend } = await openFaulty(`settle-${fault}`);
      await createHeads(backend, 1, 3);
      medium.failNext = fault;
      await expect(backend.createHead(4, bytesOf(4), [])).rejects.toMatchObject(INDETERMINATE);
      const newest = fault === "after" ? 4 : 3;
      expect(await backend.readHead(4)).toEqual(
        fault === "after" ? { number: 4, bytes: Buffer.from(bytesOf(4)) } : undefined,
      );
      expect(medium.openings).toBe(2);
      expect((await backend.readHead())?.number).toBe(newest);
      const again = backend.createHead(newest, bytesOf(9), []);
      await expect(again).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: true });
      await createHeads(backend, newest + 1, newest + 2);
      await backend.close();
    },
  );

  it("leaves reads as they are while there is no room to open the database anew; writes are refused, determinate", async () => {
    const { medium, backend } = await openFaulty("no-room");
    await createHeads(backend, 1, 2);
    medium.failNext = "before";
    medium.hasRoom = false;
    await expect(backend.createHead(3, bytesOf(3), [])).rejects.toMatchObject(INDETERMINATE);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(backend.write([put("a", bytesOf(1))])).rejects.toMatchObject(REFUSED);
      await expect(backend.createHead(3, bytesOf(3), [])).rejects.toMatchObject(REFUSED);
      await expect(backend.readHead()).rejects.toMatchObject(REFUSED);
      expect(await backend.get("value/2")).toEqual(Buffer.from(bytesOf(2)));
      expect(backend.getSync?.("value/1")).toEqual(Buffer.from(bytesOf(1)));
      expect(await listNames(backend)).toEqual(["value/1", "value/2"]);
    }
    expect(medium.openings).toBe(1);
    medium.hasRoom = true;
    await createHeads(backend, 3, 4);
    expect((await backend.readHead())?.number).toBe(4);
    await backend.close();
  });

  it("is healed by whichever call comes next, when the database could not be opened anew at once", async () => {
    const { medium, backend } = await openFaulty("no-open");
    await createHeads(backend, 1, 2);
    medium.failNext = "before";
    await expect(backend.write([])).rejects.toMatchObject(INDETERMINATE);
    medium.canOpen = false;
    await expect(backend.write([])).rejects.toMatchObject(REFUSED);
    await expect(backend.get("value/2")).rejects.toMatchObject(REFUSED);
    await expect(listNames(backend)).rejects.toMatchObject(REFUSED);
    expect(() => backend.getSync?.("value/2")).toThrowError(
      expect.objectContaining({ code: "ZSPINE_NOT_RESIDENT" }),
    );
    medium.canOpen = true;
    expect(await backend.get("value/2")).toEqual(Buffer.from(bytesOf(2)));
    expect(backend.getSync?.("value/2")).toEqual(Buffer.from(bytesOf(2)));
    await createHeads(backend, 3, 3);
    expect(medium.openings).toBe(2);
    await backend.close();
  });

  it("lets reads that meet the reopening wait for it", async () => {
    const { medium, backend } = await openFaulty("wait");
    await createHeads(backend, 1, 2);
    medium.failNext = "before";
    await expect(backend.write([])).rejects.toMatchObject(INDETERMINATE);
    const met: Promise<unknown>[] = [];
    medium.onClose = () => {
      met.push(backend.get("value/1"), listNames(backend), backend.readHead());
    };
    const before = backend.get("value/2");
    await backend.write([put("a", bytesOf(1))]);
    expect(await before).toEqual(Buffer.from(bytesOf(2)));
    expect(await Promise.all(met)).toMatchObject([
      Buffer.from(bytesOf(1)),
      expect.arrayContaining(["value/1", "value/2"]),
      { number: 2 },
    ]);
    medium.onClose = () => undefined;
    await backend.close();
  });

  it("can be followed by close(), which rejects nothing", async () => {
    const { medium, backend, reopen } = await openFaulty("close");
    await createHeads(backend, 1, 1);
    medium.failNext = "before";
    await expect(backend.write([])).rejects.toMatchObject(INDETERMINATE);
    medium.canOpen = false;
    await expect(backend.write([])).rejects.toMatchObject(REFUSED);
    await backend.close();
    await using reopened = await reopen();
    expect((await reopened.readHead())?.number).toBe(1);
  });
});
