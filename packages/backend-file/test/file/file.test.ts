import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createRegistry, type Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { file } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { scratchFolder } from "../scratch-folder.ts";

const bytes = Uint8Array.of(1, 2, 3);
let places = 0;
const newPlace = () => join(scratchFolder, `file-${++places}`);
/** Too large for the journal. */
const large = new Uint8Array(70_000).fill(5);
const put = (name: string) => ({ type: "put", name, bytes: large }) as const;
const putSmall = (name: string) => ({ type: "put", name, bytes }) as const;

async function names(backend: Backend, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const name of backend.list(prefix)) found.push(name);
  return found;
}

/** A location that is closed, with heads up to `count`, the large values a and t/b, and the small one t/c. */
async function filled(count: number): Promise<string> {
  const location = newPlace();
  await using backend = await file({ location }).open();
  await backend.write([put("a"), put("t/b"), putSmall("t/c")]);
  for (let number = 1; number <= count; number++) await backend.createHead(number, bytes, []);
  return location;
}

describe("file()", () => {
  it("leaves no directory behind in which nothing is left, and puts into it again, while it is open", async () => {
    const location = newPlace();
    const found = (): string[] => readdirSync(join(location, "values", "batch"));
    await using backend = await file({ location }).open();
    for (const durability of ["sync", "relaxed"] as const) {
      const head = durability === "sync" ? 1 : 3;
      await backend.createHead(head, bytes, [put("batch/a/0"), put("batch/a/1"), put("batch/b/0")], {
        durability,
      });
      await backend.write([{ type: "remove", name: "batch/a/0" }], { durability });
      expect(found().sort()).toEqual(["a", "b"]);
      const removes = ["batch/a/1", "batch/b/0"].map((name) => ({ type: "remove", name }) as const);
      await backend.createHead(head + 1, bytes, removes, { durability });
      expect(found()).toEqual([]);
    }
    await backend.write([{ type: "remove", name: "batch/a/0" }, put("batch/a/0")]);
    await backend.write([put("batch/c/0"), { type: "remove", name: "batch/c/0" }], { durability: "relaxed" });
    await backend.createHead(5, bytes, []);
    expect([found(), await names(backend)]).toEqual([["a"], ["batch/a/0"]]);
  });

  it("is a backend opener, and declares what it can once it is open", async () => {
    const opener = file({ location: newPlace() });
    expect(opener.type).toBe("file");
    await using backend = await opener.open();
    expect(backend).toMatchObject({ type: "file", capabilities });
    expect(backend.capabilities.readOnly).toBeUndefined();
  });

  it("is a plugin that a registry opens by configuration", () => {
    const location = newPlace();
    const opener = createRegistry([file]).backend({ type: "file", location });
    expect(opener).toMatchObject({ type: "file" });
    expect(existsSync(location)).toBe(false);
  });

  it.each([
    [undefined, ["file"], "expected an object of options, found undefined"],
    ["./data", ["file"], "write { location: … }"],
    [{}, ["file", "location"], "expected the path of a directory, found undefined"],
    [{ location: "" }, ["file", "location"], 'found ""'],
    [{ location: 1 }, ["file", "location"], "found 1"],
    [
      { path: "./data" },
      ["file", "path"],
      'there is no such name here; expected one of "keeps", "location", "mayBeInMemory"',
    ],
    [{ location: "a", locaton: 1 }, ["file", "locaton"], 'did you mean "location"?'],
  ])(
    "refuses the options %j with ZSPINE_INVALID_OPTIONS, naming the path and what to write",
    (options, path, why) => {
      expect(() => file(options as never)).toThrowError(
        expect.objectContaining({
          code: "ZSPINE_INVALID_OPTIONS",
          path,
          message: expect.stringContaining(why) as string,
        }),
      );
    },
  );

  it("keeps what its layout says, and nothing else once it is closed", async () => {
    const location = await filled(3);
    expect(readdirSync(location).sort()).toEqual(["ZSPINE", "created", "journal", "newest", "tmp", "values"]);
    expect(readdirSync(join(location, "journal"))).toEqual(["0000000000000001~"]);
    expect(readdirSync(join(location, "values/t"))).toEqual(["b~"]);
    expect(readdirSync(join(location, "tmp"))).toEqual([]);
    expect(readFileSync(join(location, "newest"), "utf8")).toBe("0000000000000003 0000000000000003\n");
    expect(Uint8Array.from(readFileSync(join(location, "values/t/b~")))).toEqual(large);
  });

  it("C11 refuses a directory of others, and a layout that is newer, with ZSPINE_FORMAT", async () => {
    const location = newPlace();
    mkdirSync(join(location, "src"), { recursive: true });
    await expect(file({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    expect(readdirSync(location)).toEqual(["src"]);
    const other = await filled(1);
    writeFileSync(join(other, "ZSPINE"), `{"format":"zspine","type":"file","version":4}\n`);
    await expect(file({ location: other }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await expect(file({ location: other }).drop()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    expect(readdirSync(join(other, "journal"))).toHaveLength(1);
  });

  it.each([1, 2])(
    "C11 refuses a location of layout %i with ZSPINE_FORMAT, says what to do, and drops it",
    async (version) => {
      const old = newPlace();
      for (const entry of ["heads", "values", "tmp"]) mkdirSync(join(old, entry), { recursive: true });
      writeFileSync(join(old, "heads", "0000000000000001~"), bytes);
      writeFileSync(join(old, "ZSPINE"), `{"format":"zspine","type":"file","version":${version}}\n`);
      const message = new RegExp(`version ${version}, older than 3.*release that wrote it.*begin anew`);
      const refusal = { code: "ZSPINE_FORMAT", message: expect.stringMatching(message) as string };
      for (const readOnly of [true, false])
        await expect(file({ location: old }).open({ readOnly })).rejects.toMatchObject(refusal);
      expect(readdirSync(join(old, "heads"))).toHaveLength(1);
      await file({ location: old }).drop();
      expect(existsSync(old)).toBe(false);
    },
  );

  it("C10 refuses a second handle with ZSPINE_LOCKED, also to drop; one that only reads stands beside the writer", async () => {
    const location = newPlace();
    await using backend = await file({ location }).open();
    for (const tried of [() => file({ location }).open(), () => file({ location }).drop()]) {
      await expect(tried()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    }
    await using reader = await file({ location }).open({ readOnly: true });
    await backend.write([put("a")]);
    expect(await reader.get("a")).toEqual(await backend.get("a"));
  });

  it("C9 empties tmp and removes empty directories of values when it is opened", async () => {
    const location = await filled(1);
    mkdirSync(join(location, "tmp/another"));
    writeFileSync(join(location, "tmp/another/1~"), "half");
    writeFileSync(join(location, "tmp/stray"), "half");
    mkdirSync(join(location, "values/x/y"), { recursive: true });
    await using backend = await file({ location }).open();
    expect(readdirSync(join(location, "tmp"))).toHaveLength(1);
    expect(readdirSync(join(location, "values")).sort()).toEqual(["a~", "t"]);
    expect(await names(backend)).toEqual(["a", "t/b", "t/c"]);
  });

  it("drop() removes the location, and leaves what others have put there", async () => {
    const location = await filled(2);
    await file({ location }).drop();
    expect(existsSync(location)).toBe(false);
    await file({ location }).drop();
    const shared = await filled(2);
    writeFileSync(join(shared, "notes.txt"), "mine");
    await file({ location: shared }).drop();
    expect(readdirSync(shared)).toEqual(["notes.txt"]);
  });
});

describe("a file backend that is read only", () => {
  it("reads, declares it, and refuses to write with ZSPINE_NOT_SUPPORTED, determinately", async () => {
    const location = await filled(2);
    const before = readdirSync(location, { recursive: true });
    await using backend = await file({ location }).open({ readOnly: true });
    expect(backend.capabilities).toEqual({ ...capabilities, readOnly: true });
    expect(await backend.get("a")).toEqual(large);
    expect(backend.getSync?.("t/b")).toEqual(large);
    expect(backend.getSync?.("t/c")).toEqual(bytes);
    expect(await names(backend)).toEqual(["a", "t/b", "t/c"]);
    expect((await backend.readHead())?.number).toBe(2);
    const refusal = { code: "ZSPINE_NOT_SUPPORTED", determinate: true };
    await expect(backend.write([])).rejects.toMatchObject(refusal);
    await expect(backend.createHead(3, bytes, [])).rejects.toMatchObject(refusal);
    await backend.close();
    expect(readdirSync(location, { recursive: true })).toEqual(before);
  });

  it("fails to open with ZSPINE_IO where nothing is", async () => {
    const location = newPlace();
    await expect(file({ location }).open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(existsSync(location)).toBe(false);
  });
});

describe("list() of a file backend", () => {
  it("passes over files and directories that are not its own", async () => {
    const location = await filled(1);
    for (const entry of ["a~.bak", ".DS_Store", "B~", "README", "con~"])
      writeFileSync(join(location, "values", entry), "");
    for (const entry of [".git", "lost+found", "D~"]) {
      mkdirSync(join(location, "values", entry));
      writeFileSync(join(location, "values", entry, "x~"), "");
    }
    await using backend = await file({ location }).open();
    expect(await names(backend)).toEqual(["a", "t/b", "t/c"]);
    expect(await names(backend, "../")).toEqual([]);
    expect(readdirSync(join(location, "values")).sort()).toContain(".git");
  });
});

describe("readHead() of a file backend", () => {
  it("C13 tells of a newest head that was rolled back, whose number is not used again", async () => {
    const location = await filled(4);
    cpSync(join(location, "journal"), join(location, "older"), { recursive: true });
    {
      await using backend = await file({ location }).open();
      await backend.createHead(5, bytes, []);
    }
    // As after restoring half a backup.
    rmSync(join(location, "journal"), { recursive: true });
    renameSync(join(location, "older"), join(location, "journal"));
    for (const readOnly of [true, false]) {
      await using backend = await file({ location }).open({ readOnly });
      expect(await backend.readHead()).toEqual({ number: 4, bytes, newest: 5 });
      expect(await backend.readHead(4)).toEqual({ number: 4, bytes });
      expect(await backend.readHead(5)).toBeUndefined();
      expect(await backend.get("a")).toEqual(large);
    }
    await using backend = await file({ location }).open();
    await expect(backend.createHead(5, bytes, [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await backend.createHead(6, bytes, []);
    expect((await backend.readHead())?.number).toBe(6);
  });

  it("fails with ZSPINE_CORRUPT when all heads are gone", async () => {
    const location = await filled(2);
    rmSync(join(location, "journal"), { recursive: true });
    await using backend = await file({ location }).open();
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
  });

  it.each(["", "garbage", "\0".repeat(34), "0000000000000009 0000000000000001\n"])(
    "goes by the heads when the hint is %j",
    async (hint) => {
      const location = await filled(3);
      writeFileSync(join(location, "newest"), hint);
      await using backend = await file({ location }).open();
      expect((await backend.readHead())?.number).toBe(3);
      await backend.createHead(4, bytes, []);
    },
  );
});

describe("get() of a file backend", () => {
  it("fails with ZSPINE_CORRUPT for a range of a file that was cut short, as getSync() does", async () => {
    const location = await filled(1);
    await using backend = await file({ location }).open();
    truncateSync(join(location, "values/t/b~"), 2);
    const corrupt = {
      code: "ZSPINE_CORRUPT",
      message: expect.stringMatching(/"t\/b" has 2 bytes, where 3/) as string,
    };
    await expect(backend.get("t/b", { offset: 0, length: 3 })).rejects.toMatchObject(corrupt);
    expect(() => backend.getSync?.("t/b", { offset: 1, length: 2 })).toThrowError(
      expect.objectContaining(corrupt),
    );
    await expect(backend.get("t/b", { offset: 2 ** 40, length: 2 ** 40 })).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
    });
  });

  it("fails with ZSPINE_IO when the medium does, naming its code", async () => {
    const location = await filled(1);
    await using backend = await file({ location }).open();
    mkdirSync(join(location, "values/dir~"));
    const failed = { code: "ZSPINE_IO", message: expect.stringMatching(/\(EISDIR\)/) as string };
    await expect(backend.get("dir")).rejects.toMatchObject(failed);
    expect(() => backend.getSync?.("dir")).toThrowError(expect.objectContaining(failed));
  });
});
