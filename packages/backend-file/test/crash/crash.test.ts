import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Backend, WriteOp } from "@zspine/core";
import { afterAll, describe, expect, it } from "vitest";
import type { Child } from "../../../location/test/process/child.ts";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { file } from "../../src/index.ts";
import { nodeMedium } from "@zspine/location";
import { watchedMedium } from "../medium/watched-medium.ts";
import { prepareCommitters } from "../process/committer.ts";
import { scratchFolder } from "../scratch-folder.ts";

const put = (name: string, bytes: number) => ({ type: "put", name, bytes });
const putBytes = (name: string, size = 9): WriteOp => ({ type: "put", name, bytes: new Uint8Array(size) });
const LARGE = 70_000;

const openInChild = prepareCommitters(scratchFolder);
const children: Child[] = [];
function child(location: string): Child {
  const made = openInChild(location);
  children.push(made);
  return made;
}
afterAll(() => Promise.all(children.map((made) => made.kill())));

let places = 0;
const newPlace = () => join(scratchFolder, `crash-${++places}`);

async function names(backend: Backend): Promise<string[]> {
  const found: string[] = [];
  for await (const name of backend.list("")) found.push(name);
  return found;
}

describe("a file backend whose process is killed", () => {
  it("C14 D8 opens at once, and has every acknowledged commit, of either durability", async () => {
    const location = newPlace();
    let newest = 0;
    for (const durability of ["sync", "relaxed", "sync"]) {
      const killed = child(location);
      expect(await killed.line()).toBe("open");
      await expect(file({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
      for (let at = 0; at < 5; at++) {
        const number = ++newest;
        const ops = [put(`batch/${number}`, 1000)];
        const call = { method: "createHead", number, bytes: 10, ops, options: { durability } };
        expect(await killed.ask(JSON.stringify(call))).toBe("done");
      }
      // One more is under way when it is killed: it is there as a whole, or it is not there.
      const ops = [put(`batch/${newest + 1}`, 2_000_000)];
      killed.process.stdin?.write(
        `${JSON.stringify({ method: "createHead", number: newest + 1, bytes: 10, ops })}\n`,
      );
      await killed.kill();

      await using backend = await file({ location }).open();
      const found = (await backend.readHead())?.number ?? 0;
      expect([newest, newest + 1]).toContain(found);
      newest = found;
      for (let number = 1; number <= newest; number++)
        expect(await backend.get(`batch/${number}`)).toBeDefined();
      expect(existsSync(join(location, "unsynced"))).toBe(false);
      expect(readdirSync(join(location, "tmp"))).toHaveLength(1);
    }
  });

  it("syncs all that is there when the killed one had not", async () => {
    const location = newPlace();
    const killed = child(location);
    await killed.line();
    const call = {
      method: "createHead",
      number: 1,
      bytes: 10,
      ops: [put("t/a", 70_000), put("b", 70_000)],
      options: { durability: "relaxed" },
    };
    await killed.ask(JSON.stringify(call));
    await killed.kill();
    const synced: string[] = [];
    const medium = watchedMedium(({ method, args }, proceed) => {
      if (method === "syncFile" || method === "syncDirectory")
        synced.push(String(args[0]).replace(`${location}/`, ""));
      return proceed();
    });
    await using backend = await openFileBackend(location, medium);
    expect(synced.slice(1).sort()).toEqual(["journal", "values", "values/b~", "values/t", "values/t/a~"]);
    expect(await names(backend)).toEqual(["b", "t/a"]);
  });
});

describe("a file backend whose lock was taken from it while it lives", () => {
  /** Two handles on one location, of which the second was opened last. */
  async function twoHandles(): Promise<{ older: Backend; newer: Backend }> {
    const location = newPlace();
    const older = await openFileBackend(location, nodeMedium);
    await older.write([putBytes("kept")]);
    await older.createHead(1, Uint8Array.of(1), []);
    rmSync(join(location, "ZSPINE.lock"), { recursive: true });
    return { older, newer: await file({ location }).open() };
  }

  it("C10 changes nothing any more, and says why", async () => {
    const { older, newer } = await twoHandles();
    await newer.write([putBytes("new")]);
    const refusal = {
      code: "ZSPINE_LOCKED",
      determinate: true,
      message: expect.stringMatching(/another handle has opened the location after this one/) as string,
    };
    await expect(older.write([putBytes("late")])).rejects.toMatchObject(refusal);
    await expect(older.write([{ type: "remove", name: "new" }])).rejects.toMatchObject(refusal);
    await expect(older.createHead(2, Uint8Array.of(2), [])).rejects.toMatchObject(refusal);
    expect(await older.get("kept")).toHaveLength(9);
    await newer.createHead(2, Uint8Array.of(22), []);
    expect(await names(newer)).toEqual(["kept", "new"]);
    await older.close();
    expect(await newer.readHead()).toMatchObject({ number: 2, bytes: Uint8Array.of(22) });
    await newer.createHead(3, Uint8Array.of(3), []);
    await newer.close();
  });

  it("C10 is not determinate when it lost the location halfway through a write", async () => {
    const location = newPlace();
    let newer: Backend | undefined;
    const medium = watchedMedium(async (call, proceed) => {
      if (call.method === "rename" && String(call.args[1]).endsWith("b~")) {
        rmSync(join(location, "ZSPINE.lock"), { recursive: true });
        newer = await file({ location }).open();
      }
      return proceed();
    });
    const older = await openFileBackend(location, medium);
    const write = older.write([putBytes("a", LARGE), putBytes("b", LARGE)]);
    await expect(write).rejects.toMatchObject({ code: "ZSPINE_LOCKED", determinate: false });
    expect(newer && (await names(newer))).toEqual(["a"]);
    await older.close();
    await newer?.close();
  });

  it.each(["write", "syncData"] as const)(
    "C13 creates no head whose number is used, though it was held up before its %s for long",
    async (step) => {
      const resume = withResolvers();
      const reached = withResolvers();
      let isHeld = false;
      const held = watchedMedium(async (call, proceed) => {
        if (isHeld && call.method === step) {
          reached.resolve();
          await resume.promise;
        }
        return proceed();
      });
      const location = newPlace();
      const older = await openFileBackend(location, held);
      await older.createHead(1, Uint8Array.of(1), []);
      isHeld = true;
      const late = older.createHead(2, Uint8Array.of(2), []);
      await reached.promise;
      rmSync(join(location, "ZSPINE.lock"), { recursive: true });
      const newer = await file({ location }).open();
      const found = (await newer.readHead())!.number;
      // What was written before the newer one looked is there, durable, and told so.
      expect(found).toBe(step === "write" ? 1 : 2);
      for (let number = found + 1; number <= 5; number++)
        await newer.createHead(number, Uint8Array.of(10 + number), []);
      resume.resolve();
      if (step === "syncData") await late;
      else await expect(late).rejects.toMatchObject({ code: "ZSPINE_LOCKED", determinate: false });
      await older.close();
      for (const number of [4, 5])
        expect(await newer.readHead(number)).toMatchObject({ bytes: Uint8Array.of(10 + number) });
      await newer.close();
      await using reopened = await file({ location }).open();
      expect(await reopened.readHead()).toEqual({ number: 5, bytes: Uint8Array.of(15) });
    },
  );
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
