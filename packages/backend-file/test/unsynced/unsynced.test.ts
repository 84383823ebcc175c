import type { Backend, WriteOp } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { LosingMedium } from "../medium/losing-medium.ts";

const PLACE = "/disk/place";
/** Too large for the journal, unless its name begins with `s/`. */
const put = (name: string): WriteOp => ({
  type: "put",
  name,
  bytes: new Uint8Array(name.startsWith("s/") ? 3 : 70_000),
});
const head = (number: number) => Uint8Array.of(number, number);
const relaxed = { durability: "relaxed" } as const;
const indeterminate = { code: "ZSPINE_IO", determinate: false };

const open = (medium: LosingMedium): Promise<Backend> => openFileBackend(PLACE, medium.open());

/** What is there when it is opened, and once more when the power has failed at once after that. */
async function foundTwice(medium: LosingMedium): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    const backend = await open(medium);
    const names: string[] = [];
    for await (const name of backend.list("")) names.push(`${name}: ${(await backend.get(name))?.length}`);
    found.push([(await backend.readHead())?.number, ...names]);
    medium.cut();
  }
  return found;
}

/** The k-th sync from now on fails, and no other. */
const failSync = (medium: LosingMedium, at: number): void => {
  medium.fault = { at: medium.syncs + at, isLasting: false };
};

describe("a sync that failed was not one", () => {
  it("C26 createHead() does not read out of the cache that a head is there whose record could not be synced", async () => {
    const medium = new LosingMedium();
    const backend = await open(medium);
    await backend.createHead(1, head(1), []);
    failSync(medium, 1);
    await expect(backend.createHead(2, head(2), [])).rejects.toMatchObject(indeterminate);
    for (const number of [undefined, 1, 2])
      await expect(backend.readHead(number)).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    medium.cut();
    expect(await foundTwice(medium)).toEqual([[1], [1]]);
  });

  it("C26 createHead() does not read out of the cache that a head is there whose write told of an error", async () => {
    const medium = new LosingMedium();
    const backend = await open(medium);
    // The first makes room.
    medium.loseAnswer(2);
    await expect(backend.createHead(1, head(1), [])).rejects.toMatchObject(indeterminate);
    await expect(backend.readHead(1)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    medium.cut();
    expect(await foundTwice(medium)).toEqual([[undefined], [undefined]]);
  });

  it("C26 nothing more is written through a handle after it, and reading values goes on", async () => {
    const medium = new LosingMedium();
    const backend = await open(medium);
    await backend.createHead(1, head(1), [put("a")]);
    failSync(medium, 3);
    await expect(backend.createHead(2, head(2), [put("b")])).rejects.toMatchObject({ determinate: false });
    const { changes } = medium;
    const refusal = { code: "ZSPINE_IO", determinate: true };
    for (const options of [{}, relaxed]) {
      await expect(backend.write([put("c")], options)).rejects.toMatchObject(refusal);
      await expect(backend.createHead(2, head(2), [], options)).rejects.toMatchObject(refusal);
    }
    expect(medium.changes).toBe(changes);
    expect(await backend.get("a")).toHaveLength(70_000);
  });

  it("C24 a sync covers what is not durable yet, and nothing a second time", async () => {
    const medium = new LosingMedium();
    const backend = await open(medium);
    const syncs: number[] = [];
    for (let number = 1; number <= 6; number++) {
      await backend.write([put(`v/${number}`)], relaxed);
      const before = medium.syncs;
      await backend.createHead(number, head(number), []);
      syncs.push(medium.syncs - before);
    }
    expect(syncs.slice(2)).toEqual(syncs.slice(2).map(() => syncs[1]));
  });

  it("C26 opening writes anew what was not durable, whichever sync has failed, and trusts no later sync of it", async () => {
    for (let at = 1; ; at++) {
      const medium = new LosingMedium();
      const backend = await open(medium);
      await backend.createHead(1, head(1), [put("s/a")]);
      await backend.write([put("t/u/b"), put("s/c")], relaxed);
      await backend.createHead(2, head(2), [put("t/d")], relaxed);
      failSync(medium, at);
      const created = await backend.createHead(3, head(3), [put("v/e")]).then(
        () => true,
        () => false,
      );
      await backend.close();
      if (created) {
        expect(at).toBeGreaterThan(8);
        break;
      }
      const [first, second] = (await foundTwice(medium)) as [string[], string[]];
      expect(first).toEqual(second);
      expect(first).toEqual(expect.arrayContaining(["s/a: 3", "s/c: 3", "t/d: 70000", "t/u/b: 70000"]));
      expect(Number(first[0])).toBeGreaterThanOrEqual(2);
    }
  });

  it("C26 opening that fails in a sync leaves what it was to sync to the next one", async () => {
    for (let at = 1; ; at++) {
      const medium = new LosingMedium();
      const backend = await open(medium);
      await backend.write([put("t/u/b")], relaxed);
      await backend.createHead(1, head(1), [put("s/c")], relaxed);
      medium.kill();
      failSync(medium, at);
      const isOpen = await open(medium).then(
        () => true,
        () => false,
      );
      const isDone = isOpen && medium.failures === 0;
      medium.mend();
      medium.kill();
      const all = [1, "s/c: 3", "t/u/b: 70000"];
      expect(await foundTwice(medium)).toEqual([all, all]);
      if (isDone) break;
    }
  });

  it("C26 a location whose first sync fails is made anew, and not taken for durable", async () => {
    for (let at = 1; ; at++) {
      const medium = new LosingMedium();
      failSync(medium, at);
      const first = await open(medium).catch(() => undefined);
      await first?.close();
      if (medium.failures === 0) break;
      const backend = await open(medium);
      await backend.createHead(1, head(1), [put("a")]);
      medium.cut();
      expect(await foundTwice(medium)).toEqual([
        [1, "a: 70000"],
        [1, "a: 70000"],
      ]);
    }
  });

  it("C24 a power cut while that is written anew loses nothing that was durable", async () => {
    for (let at = 1; ; at++) {
      const medium = new LosingMedium();
      const backend = await open(medium);
      await backend.createHead(1, head(1), [put("s/a")]);
      await backend.close();
      const second = await open(medium);
      await second.write([put("t/b")], relaxed);
      failSync(medium, 2);
      await expect(second.createHead(2, head(2), [])).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await second.close();
      medium.cutAt = medium.changes + at;
      const third = await open(medium).catch(() => undefined);
      const isDone = !medium.isDown;
      medium.cut();
      const [found] = (await foundTwice(medium)) as [unknown[]];
      expect(found).toEqual(expect.arrayContaining([1, "s/a: 3"]));
      if (third !== undefined && isDone) break;
    }
  });
});
