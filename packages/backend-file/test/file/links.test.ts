import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { file } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";

/** Too large for the journal. */
const bytes = new Uint8Array(70_000).fill(1);
let places = 0;

/** A closed location with a value and two heads, and beside it a directory with a file, which is not ours. */
async function besideOthers(): Promise<{ location: string; other: string; theirs: string }> {
  const folder = join(scratchFolder, `links-${++places}`);
  const [location, other] = [join(folder, "location"), join(folder, "other")];
  mkdirSync(other, { recursive: true });
  const theirs = join(other, "theirs");
  writeFileSync(theirs, "years of work");
  await using backend = await file({ location }).open();
  await backend.createHead(1, bytes, [{ type: "put", name: "t/a", bytes }]);
  await backend.createHead(2, bytes, []);
  return { location, other, theirs };
}

/** Opens, commits of both kinds, closes: with whatever outcome. */
async function use(location: string): Promise<unknown> {
  try {
    await using backend = await file({ location }).open();
    for (const durability of ["relaxed", "sync"] as const) {
      const number = ((await backend.readHead())?.number ?? 0) + 1;
      await backend.createHead(number, bytes, [{ type: "put", name: `t/b${number}`, bytes }], { durability });
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("nothing outside the location is touched", () => {
  it.each(["tmp", "values", "journal"])("when %s is a symbolic link to a directory", async (entry) => {
    const { location, other, theirs } = await besideOthers();
    renameSync(join(location, entry), join(location, `${entry}-moved`));
    symlinkSync(other, join(location, entry));
    expect(await use(location)).toMatchObject({ code: "ZSPINE_IO" });
    expect(readdirSync(other)).toEqual(["theirs"]);
    expect(readFileSync(theirs, "utf8")).toBe("years of work");
    await expect(file({ location }).open({ readOnly: true })).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
    });
  });

  it.each(["newest", "unsynced", "ZSPINE.tmp", "tmp/x", "journal/0000000000000002~", "values/t/b3~"])(
    "when %s is a symbolic link to a file, or to where none is",
    async (entry) => {
      for (const isThere of [true, false]) {
        const { location, other, theirs } = await besideOthers();
        const target = isThere ? theirs : join(other, "new");
        rmSync(join(location, entry), { force: true });
        symlinkSync(target, join(location, entry));
        if (entry === "ZSPINE.tmp") rmSync(join(location, "ZSPINE"));
        await use(location);
        expect(readdirSync(other)).toEqual(["theirs"]);
        expect(readFileSync(theirs, "utf8")).toBe("years of work");
      }
    },
  );

  it("when a directory of values, or a value, is a symbolic link, which is not read either", async () => {
    const { location, other } = await besideOthers();
    writeFileSync(join(other, "c~"), "abc");
    symlinkSync(other, join(location, "values", "u"));
    symlinkSync(join(other, "c~"), join(location, "values", "t", "c~"));
    await using backend = await file({ location }).open();
    const names: string[] = [];
    for await (const name of backend.list("")) names.push(name);
    expect(names).toEqual(["t/a"]);
    await expect(backend.get("t/c")).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(backend.write([{ type: "put", name: "u/d", bytes }])).rejects.toMatchObject({
      code: "ZSPINE_IO",
    });
    expect(readdirSync(other).sort()).toEqual(["c~", "theirs"]);
  });

  it("drop() removes symbolic links, and not what they lead to", async () => {
    const { location, other, theirs } = await besideOthers();
    rmSync(join(location, "tmp"), { recursive: true });
    symlinkSync(other, join(location, "tmp"));
    symlinkSync(theirs, join(location, "unsynced"));
    await file({ location }).drop();
    expect(existsSync(location)).toBe(false);
    expect(readFileSync(theirs, "utf8")).toBe("years of work");
  });
});

describe.runIf(process.platform !== "win32")("the files of a location", () => {
  it("are their owner's alone, and so are its directories", async () => {
    const { location } = await besideOthers();
    const modes = ["", ...(readdirSync(location, { recursive: true }) as string[])].map((entry) => {
      const found = statSync(join(location, entry));
      return [entry, found.isDirectory(), found.mode & 0o777];
    });
    expect(modes.filter(([, isDirectory, mode]) => mode !== (isDirectory === true ? 0o700 : 0o600))).toEqual(
      [],
    );
  });
});
