import { describe, expect, it } from "vitest";
import { Heads } from "../../src/heads/heads.ts";
import { LosingMedium } from "../medium/losing-medium.ts";

async function twoWriters() {
  const medium = new LosingMedium().open();
  await medium.createDirectory("/heads");
  let files = 0;
  const newFile = async (): Promise<string> => {
    const path = `/${++files}`;
    await medium.createFile(path, Uint8Array.of(files), true);
    return path;
  };
  const open = () => Heads.open(medium, "/heads", "/newest");
  return { medium, newFile, older: await open(), newer: await open() };
}

describe("create() of heads", () => {
  it.each([true, false])(
    "C13 tells a writer that was held up that it lost, when its number was used and collected meanwhile; synced: %s",
    async (isSynced) => {
      const { medium, newFile, older, newer } = await twoWriters();
      await older.checkNext(1);
      for (let number = 1; number <= 4; number++) {
        await newer.create({ number, isSynced: true }, await newFile());
        await newer.dropBefore(number);
      }
      const late = older.create({ number: 1, isSynced }, await newFile());
      await expect(late).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: true });
      expect((await medium.list("/heads")).map(({ name }) => Number(name.slice(0, 16)))).toEqual([3, 4]);
    },
  );

  it("C13 lets no number be created twice, synced by one writer and relaxed by another", async () => {
    const { newFile, older, newer } = await twoWriters();
    await newer.create({ number: 1, isSynced: false }, await newFile());
    const late = older.create({ number: 1, isSynced: true }, await newFile());
    await expect(late).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(await newer.read()).toMatchObject({ number: 1, bytes: Uint8Array.of(1), synced: 0 });
  });
});

describe("read() of heads", () => {
  it("C24 tells by their names that the newest heads are relaxed, without any hint", async () => {
    const { newFile, older: heads } = await twoWriters();
    await heads.create({ number: 1, isSynced: true }, await newFile());
    for (const number of [2, 3]) await heads.create({ number, isSynced: false }, await newFile());
    expect(await heads.read()).toMatchObject({ number: 3, synced: 1 });
    expect(await heads.read(2)).toEqual({ number: 2, bytes: Uint8Array.of(2) });
    await heads.create({ number: 4, isSynced: true }, await newFile());
    expect(await heads.read()).toEqual({ number: 4, bytes: Uint8Array.of(4) });
  });
});
