import type { Backend } from "@zspine/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { level } from "../../src/index.browser.ts";
import { bytesOf, createHeads, put } from "../sample.ts";
import { FakeBrowser } from "./fake-browser.ts";

const world = vi.hoisted(() => ({ browser: undefined as unknown }));
const inBrowser = (): FakeBrowser => world.browser as FakeBrowser;

vi.mock("../../src/database/database.ts", async (original) => ({
  ...(await original<object>()),
  openLevel: (name: string) => inBrowser().openLevel(name),
  databaseOf: (database: never) => inBrowser().databaseOf(database),
}));

const opener = level({ location: "app", keeps: false });

async function opened(): Promise<Backend> {
  const backend = await opener.open();
  await createHeads(backend, 1, 3);
  return backend;
}

describe.each([{ tellsDatabases: true }, { tellsDatabases: false }])(
  "level({ keeps: false }) in a browser, %j",
  (options) => {
    beforeEach(() => {
      world.browser = new FakeBrowser();
      inBrowser().install(options);
    });
    afterEach(() => vi.unstubAllGlobals());

    it("R17 begins with nothing each time, and leaves no database", async () => {
      for (let round = 0; round < 2; round++) {
        const backend = await opener.open();
        expect(backend.capabilities).toMatchObject({ durable: false, syncReads: false });
        expect(await backend.readHead()).toBeUndefined();
        await createHeads(backend, 1, 3);
        await backend.write([put("a", bytesOf(1))]);
        expect(await backend.get("a")).toEqual(bytesOf(1));
        expect(inBrowser().names).toEqual(["level-js-app~0"]);
        await backend.close();
        expect(inBrowser().names).toEqual([]);
      }
    });

    it("R17 gives each tab its own", async () => {
      const first = await opened();
      const second = await opener.open();
      expect(await second.readHead()).toBeUndefined();
      expect(inBrowser().names).toEqual(["level-js-app~0", "level-js-app~1"]);
      await first.close();
      const third = await opened();
      expect(inBrowser().names).toEqual(["level-js-app~0", "level-js-app~1"]);
      await second.close();
      await third.close();
      expect(inBrowser().names).toEqual([]);
    });

    it("R17 C14 begins with nothing after a tab that was killed", async () => {
      await opened();
      inBrowser().kill();
      const backend = await opener.open();
      expect(await backend.readHead()).toBeUndefined();
      await backend.close();
      expect(inBrowser().names).toEqual([]);
    });

    it("R17 takes no database that is something else, nor lets it be opened as kept", async () => {
      const other = await level({ location: "app~0" }).open();
      await createHeads(other, 1, 1);
      await other.close();
      const backend = await opened();
      expect(inBrowser().names).toEqual(["level-js-app~0", "level-js-app~1"]);
      await backend.close();
      await using again = await level({ location: "app~0" }).open();
      expect(await again.readHead()).toMatchObject({ number: 1 });
      const held = await opened();
      inBrowser().kill();
      await held.close().catch(() => undefined);
      await opened();
      inBrowser().kill();
      await expect(level({ location: "app~1" }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    });

    it("R17 is refused to be read only", async () => {
      await expect(opener.open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
      expect(inBrowser().names).toEqual([]);
    });
  },
);

describe("databases that killed tabs have left", () => {
  beforeEach(() => {
    world.browser = new FakeBrowser();
    inBrowser().install({ tellsDatabases: true });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("R17 C14 are all removed by the next opening, and no other is", async () => {
    const kept = await level({ location: "app" }).open();
    await createHeads(kept, 1, 1);
    await kept.close();
    const similar = level({ location: "app~x", keeps: false });
    for (const each of [opener, opener, opener, similar]) await createHeads(await each.open(), 1, 1);
    inBrowser().kill();
    await using backend = await opened();
    expect(inBrowser().names).toEqual(["level-js-app", "level-js-app~0", "level-js-app~x~0"]);
    expect(await backend.readHead()).toMatchObject({ number: 3 });
  });

  it("L17 R17 are removed by drop(), which is ZSPINE_LOCKED while one is open", async () => {
    await opened();
    await opened();
    inBrowser().kill();
    await opener.drop();
    expect(inBrowser().names).toEqual([]);
    const backend = await opened();
    await expect(opener.drop()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(await backend.readHead()).toMatchObject({ number: 3 });
    await backend.close();
    await opener.drop();
  });
});
