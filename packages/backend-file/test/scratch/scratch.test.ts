import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRegistry, type Backend, type BackendOpener } from "@zspine/core";
import { nodeMedium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { file } from "../../src/index.ts";
import { openScratchBackend } from "../../src/scratch/scratch-backend.ts";
import { capabilities } from "../capabilities.ts";
import { systemError, watchedMedium, type MediumCall } from "../medium/watched-medium.ts";
import { canTrace } from "../process/committer.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { prepareScratchPrograms } from "./scratch-program.ts";

let places = 0;
const newPlace = () => join(scratchFolder, `scratch-${++places}`);
const bytes = Uint8Array.of(1, 2, 3);

function isSync({ method, args }: MediumCall): boolean {
  return method.startsWith("sync") || (method === "createFile" && args[2] === true);
}

/** Uses a backend as a store that spills does. */
async function use(backend: Backend): Promise<void> {
  for (let number = 1; number <= 5; number++) {
    const durability = number % 2 === 0 ? "relaxed" : "sync";
    await backend.write([{ type: "put", name: `spilled/${number}`, bytes }], { durability });
    await backend.createHead(number, bytes, [{ type: "put", name: `t/${number}`, bytes }], { durability });
  }
  await backend.write([{ type: "remove", name: "spilled/1" }]);
}

/** All files below a directory. */
const filesIn = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe("file({ keeps: false })", () => {
  it("R17 is not durable, begins with nothing each time, and leaves nothing", async () => {
    const location = newPlace();
    const opener = file({ location, keeps: false });
    expect(existsSync(location)).toBe(false);
    for (let round = 0; round < 2; round++) {
      const backend = await opener.open();
      expect(backend).toMatchObject({
        type: "file",
        capabilities: { ...capabilities, durable: false, guests: false },
      });
      expect(await backend.readHead()).toBeUndefined();
      await use(backend);
      expect(await backend.readHead()).toEqual({ number: 5, bytes: bytes });
      expect(backend.getSync?.("spilled/2")).toEqual(bytes);
      await backend.close();
      expect(existsSync(location)).toBe(false);
    }
  });

  it("R17 gives two at a time each their own", async () => {
    const opener = file({ location: newPlace(), keeps: false });
    await using first = await opener.open();
    await using second = await opener.open();
    await use(first);
    expect(await second.readHead()).toBeUndefined();
    await first.close();
    await use(second);
    expect(await second.readHead()).toMatchObject({ number: 5 });
  });

  it("R17 keeps the two newest heads, however they are created, and no files of them, nor hint nor flag", async () => {
    const location = newPlace();
    await using backend = await file({ location, keeps: false }).open();
    for (let number = 1; number <= 9; number++)
      await backend.createHead(number, bytes, [], { durability: "relaxed" });
    const [own] = readdirSync(location);
    expect(readdirSync(join(location, own!))).toEqual(["ZSPINE"]);
    expect(await backend.readHead(9)).toMatchObject({ number: 9 });
    expect(await backend.readHead(8)).toMatchObject({ number: 8 });
    expect(await backend.readHead(7)).toBeUndefined();
  });

  it("R17 asks its medium for no sync", async () => {
    const calls: MediumCall[] = [];
    const medium = watchedMedium((call, proceed) => {
      calls.push(call);
      return proceed();
    });
    const location = newPlace();
    const backend = await openScratchBackend(location, medium);
    await use(backend);
    await backend.close();
    expect(calls.length).toBeGreaterThan(15);
    expect(calls.filter(isSync)).toEqual([]);
    expect(existsSync(location)).toBe(false);
  });

  it("R17 goes on after a full disk, and removes all after a medium that failed", async () => {
    const location = newPlace();
    let code: string | undefined;
    const medium = watchedMedium(async (call, proceed) => {
      if (code !== undefined && call.method === "write") throw systemError(code);
      return proceed();
    });
    const backend = await openScratchBackend(location, medium);
    await backend.write([{ type: "put", name: "before", bytes }]);
    code = "ENOSPC";
    const put = (name: string) => backend.write([{ type: "put", name, bytes }]);
    await expect(put("full")).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    code = undefined;
    await put("after");
    code = "EIO";
    await expect(put("failing")).rejects.toMatchObject({ code: "ZSPINE_IO" });
    code = undefined;
    await expect(put("late")).rejects.toMatchObject({
      code: "ZSPINE_IO",
      message: expect.stringContaining("begin anew, in another directory") as string,
    });
    expect(await backend.get("before")).toEqual(bytes);
    await backend.close();
    expect(existsSync(location)).toBe(false);
  });

  it("R17 takes back what it made when it cannot be opened", async () => {
    const location = newPlace();
    const medium = watchedMedium(async (call, proceed) => {
      if (call.method === "createFile") throw systemError("EIO");
      return proceed();
    });
    await expect(openScratchBackend(location, medium)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(existsSync(location)).toBe(false);
  });

  it("R12 R17 writes a value as its bytes alone: no file is made, named or removed for it", async () => {
    const calls: MediumCall[] = [];
    const medium = watchedMedium((call, proceed) => {
      calls.push(call);
      return proceed();
    });
    const backend = await openScratchBackend(newPlace(), medium);
    await backend.write([{ type: "put", name: "first", bytes }]);
    calls.length = 0;
    for (let number = 1; number <= 50; number++) {
      await backend.write([{ type: "put", name: `spilled/${number}`, bytes: new Uint8Array(100_000) }]);
      if (number > 5) await backend.write([{ type: "remove", name: `spilled/${number - 5}` }]);
    }
    expect(calls.map(({ method }) => method)).toEqual(Array.from({ length: 50 }, () => "write"));
    await backend.close();
  });

  it("R17 is opened by configuration", async () => {
    const location = newPlace();
    const config = { type: "file", location, keeps: false };
    const opener = createRegistry([file]).backend(config) as BackendOpener;
    await using backend = await opener.open();
    expect(backend.capabilities.durable).toBe(false);
  });

  it.each([
    [{ location: "a", keeps: "no" }, ["file", "keeps"], "write keeps: false"],
    [{ location: "a", keeps: 0 }, ["file", "keeps"], "expected true or false, found 0"],
    [{ location: "a", keeps: null }, ["file", "keeps"], "found null"],
    [{ keeps: false }, ["file", "location"], "expected the path of a directory, found undefined"],
    [{ location: "a", keep: false }, ["file", "keep"], 'did you mean "keeps"?'],
    [{ location: "a", mayBeInMemory: true }, ["file", "mayBeInMemory"], "write keeps: false too"],
    [{ location: "a", keeps: true, mayBeInMemory: false }, ["file", "mayBeInMemory"], "leave it out"],
    [{ location: "a", keeps: false, mayBeInMemory: "yes" }, ["file", "mayBeInMemory"], "true or false"],
  ])("L21 refuses %j, naming the path and what to write", (options, path, why) => {
    expect(() => file(options as never)).toThrowError(
      expect.objectContaining({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
        message: expect.stringContaining(why) as string,
      }),
    );
  });

  it("L21 keeps: true is what it is without", async () => {
    const location = newPlace();
    await using backend = await file({ location, keeps: true }).open();
    expect(backend).toMatchObject({ capabilities });
    expect(existsSync(join(location, "ZSPINE"))).toBe(true);
  });

  it("R17 is refused to be read only, with what to do, and nothing is made", async () => {
    const location = newPlace();
    await expect(file({ location, keeps: false }).open({ readOnly: true })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["file", "keeps"],
      message: expect.stringContaining("leave readOnly out") as string,
    });
    expect(existsSync(location)).toBe(false);
  });

  it("R17 is never where a store is kept, nor that where it is, and nothing is changed", async () => {
    const location = newPlace();
    const kept = await file({ location }).open();
    await kept.createHead(1, bytes, [{ type: "put", name: "a", bytes }]);
    await kept.close();
    const before = filesIn(location).length;
    const scratch = file({ location, keeps: false });
    const refusal = { code: "ZSPINE_FORMAT", message: expect.stringContaining("choose another") as string };
    await expect(scratch.open()).rejects.toMatchObject(refusal);
    await expect(scratch.drop()).rejects.toMatchObject(refusal);
    expect(filesIn(location)).toHaveLength(before);

    const other = newPlace();
    await using backend = await file({ location: other, keeps: false }).open();
    await use(backend);
    const [own] = readdirSync(other);
    for (const place of [other, join(other, own!)]) {
      await expect(file({ location: place }).open()).rejects.toMatchObject(refusal);
      await expect(file({ location: place }).drop()).rejects.toMatchObject(refusal);
    }
    expect(await backend.get("t/1")).toEqual(bytes);
  });

  const memoryDisk = existsSync("/dev/shm") && process.platform === "linux";
  it.runIf(memoryDisk && !("Deno" in globalThis))(
    "R17 MT11 is refused in a file system that is memory, unless that is asked for",
    async () => {
      const location = `/dev/shm/zspine-scratch-test-${process.pid}`;
      await expect(file({ location, keeps: false }).open()).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path: ["file", "location"],
        message: expect.stringContaining("mayBeInMemory: true") as string,
      });
      expect(existsSync(location)).toBe(false);
      const backend = await file({ location, keeps: false, mayBeInMemory: true }).open();
      expect(await nodeMedium.isInMemory(location)).toBe(true);
      await backend.close();
      expect(existsSync(location)).toBe(false);
    },
  );
});

describe("a process with scratch", () => {
  const folder = join(scratchFolder, "programs");
  mkdirSync(folder);
  const programs = prepareScratchPrograms(folder);

  it("R17 C14 D8 that is killed at any step of opening, writing and closing leaves nothing after the next opening", async () => {
    const location = newPlace();
    mkdirSync(location);
    writeFileSync(join(location, "notes.txt"), "mine");
    const child = programs.halted(location, 80);
    // Enough steps that the last were done before they stood still.
    expect(Number(await child.line())).toBeGreaterThan(3);
    const halted = readdirSync(location).length - 1;
    expect(halted).toBeGreaterThan(6);
    // While it lives, nobody takes what is its own.
    await (await file({ location, keeps: false }).open()).close();
    expect(readdirSync(location)).toHaveLength(halted + 1);
    await child.kill();
    const backend = await file({ location, keeps: false }).open();
    expect(readdirSync(location)).toHaveLength(2);
    await use(backend);
    await backend.close();
    expect(readdirSync(location)).toEqual(["notes.txt"]);
  });

  it.runIf(canTrace())("R17 makes no system call that syncs", async () => {
    const location = newPlace();
    const log = join(scratchFolder, "strace.log");
    const calls = "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync,rename,pwrite64";
    const child = programs.traced(location, ["strace", "-f", "-y", "-o", log, "-e", calls]);
    expect(await child.line()).toBe("done");
    await child.end();
    const lines = readFileSync(log, "utf8").split("\n");
    const begin = lines.findIndex((line) => line.includes('"/mark/begin"'));
    const end = lines.findIndex((line) => line.includes('"/mark/end"'));
    const inside = lines.slice(begin + 1, end);
    expect(inside.filter((line) => /pwrite64/.test(line)).length).toBeGreaterThan(8);
    expect(inside.filter((line) => /sync/.test(line.replaceAll(/"[^"]*"|<[^>]*>/g, "")))).toEqual([]);
    expect(existsSync(location)).toBe(false);
  });
});
