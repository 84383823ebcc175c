import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLocation } from "@zspine/location";
import { Level } from "level";
import { describe, expect, it } from "vitest";
import { level } from "../../src/index.ts";
import { createHeads } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();

async function filled(name: string): Promise<string> {
  const location = place(name);
  const backend = await level({ location }).open();
  await createHeads(backend, 1, 3);
  await backend.close();
  return location;
}

async function newestOf(location: string): Promise<number | undefined> {
  await using backend = await level({ location }).open();
  return (await backend.readHead())?.number;
}

const corrupt = (found: RegExp) => ({
  code: "ZSPINE_CORRUPT",
  message: expect.stringMatching(found),
});

describe("open() of a location that was written", () => {
  it.each([true, false])(
    "C5 is ZSPINE_CORRUPT when CURRENT is lost, and makes no empty store of it; the file `newest` there: %s",
    async (hasNewest) => {
      const location = await filled(`lost-current-${hasNewest}`);
      rmSync(join(location, "db", "CURRENT"));
      if (!hasNewest) rmSync(join(location, "newest"));
      const before = readdirSync(join(location, "db"));
      await expect(level({ location }).open()).rejects.toMatchObject(corrupt(/CURRENT is missing.*restore/));
      expect(readdirSync(join(location, "db"))).toEqual(before);
    },
  );

  it("C5 is ZSPINE_CORRUPT when the whole database is lost", async () => {
    const location = await filled("lost-database");
    rmSync(join(location, "db"), { recursive: true });
    await expect(level({ location }).open()).rejects.toMatchObject(corrupt(/CURRENT is missing/));
    expect(existsSync(join(location, "db"))).toBe(false);
  });

  it("C5 is ZSPINE_CORRUPT when the manifest of LevelDB is damaged, as often as it is tried", async () => {
    const location = await filled("damaged-manifest");
    const current = readFileSync(join(location, "db", "CURRENT"), "utf8").trim();
    const manifest = readFileSync(join(location, "db", current));
    manifest[10]! ^= 0xff;
    writeFileSync(join(location, "db", current), manifest);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(level({ location }).open()).rejects.toMatchObject(corrupt(/repair/));
    }
  });

  it("C5 readHead() notices when LevelDB opens an older state without a word, its log cut short", async () => {
    const location = await filled("cut-log");
    const [log] = readdirSync(join(location, "db")).filter((name) => name.endsWith(".log"));
    const path = join(location, "db", log!);
    writeFileSync(path, readFileSync(path).subarray(0, 400));
    await using backend = await level({ location }).open();
    expect(await backend.readHead()).toMatchObject({ number: 1, newest: 3 });
  });
});

describe("open() after a crash while the location was created", () => {
  it("goes on where the marker is there and nothing else", async () => {
    const location = place("marker-only");
    await (await openLocation({ path: location, type: "level", version: 2 })).close();
    expect(await newestOf(location)).toBeUndefined();
  });

  it("goes on where LevelDB has not got as far as CURRENT", async () => {
    const location = place("no-current-yet");
    await (await openLocation({ path: location, type: "level", version: 2 })).close();
    mkdirSync(join(location, "db"));
    writeFileSync(join(location, "db", "MANIFEST-000001"), "unfinished");
    writeFileSync(join(location, "db", "LOCK"), "");
    expect(await newestOf(location)).toBeUndefined();
    await expect(
      level({ location })
        .open()
        .then((opened) => opened.close()),
    ).resolves.toBeUndefined();
  });

  it("goes on where LevelDB is there, and the file `newest` is not", async () => {
    const location = await filled("no-newest-yet");
    rmSync(join(location, "newest"));
    writeFileSync(join(location, "newest.tmp"), "");
    expect(await newestOf(location)).toBe(3);
    expect(existsSync(join(location, "newest"))).toBe(true);
  });

  it("has the first opening note that the database was created", async () => {
    const location = place("first");
    await using backend = await level({ location }).open();
    expect(readFileSync(join(location, "newest"), "utf8")).toBe("0\n");
    await createHeads(backend, 1, 1);
  });
});

describe("open() of what is not ours", () => {
  it("C11 is ZSPINE_FORMAT for a directory of LevelDB, which is left as it is", async () => {
    const location = place("foreign");
    const foreign = new Level(location);
    await foreign.put("a", "b");
    await foreign.close();
    const before = readdirSync(location);
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await expect(level({ location }).drop()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    expect(readdirSync(location)).toEqual(before);
    const again = new Level(location);
    expect(await again.get("a")).toBe("b");
    await again.close();
  });

  it.each([
    ["of a newer version", { format: "zspine", type: "level", version: 3 }],
    ["of the first version", { format: "zspine", type: "level", version: 1 }],
    ["of another backend", { format: "zspine", type: "file", version: 1 }],
  ])("C11 is ZSPINE_FORMAT for a location %s", async (what, marker) => {
    const location = await filled(`format ${what}`);
    writeFileSync(join(location, "ZSPINE"), `${JSON.stringify(marker)}\n`);
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
  });

  it("is ZSPINE_LOCKED when another program has opened the database past the lock, and lets go of the lock", async () => {
    const location = await filled("past-the-lock");
    const other = new Level(join(location, "db"));
    await other.open();
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await other.close();
    expect(await newestOf(location)).toBe(3);
  });

  it("is ZSPINE_IO where a file is in the way", async () => {
    const location = place("a-file");
    writeFileSync(location, "text");
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    const inside = place("file-as-database");
    await (await openLocation({ path: inside, type: "level", version: 2 })).close();
    writeFileSync(join(inside, "db"), "text");
    await expect(level({ location: inside }).open()).rejects.toMatchObject({ code: "ZSPINE_IO" });
  });
});

describe("a copy of a closed location", () => {
  it("C1 opens as what it was", async () => {
    const location = await filled("original");
    cpSync(location, place("copy"), { recursive: true });
    expect(await newestOf(place("copy"))).toBe(3);
  });
});
