import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createRegistry, type BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { openScratchBackend } from "../../src/backend/level-backend.ts";
import { level } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { FaultyMedium } from "../faulty-medium.ts";
import { bytesOf, createHeads, put } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();
const program = fileURLToPath(new URL("../process/level-process.mjs", import.meta.url));

describe("level({ keeps: false })", () => {
  it("R17 is not durable, begins with nothing each time, and leaves nothing", async () => {
    const location = place("a/b");
    const opener = level({ location, keeps: false });
    for (let round = 0; round < 2; round++) {
      expect(existsSync(place("a"))).toBe(false);
      const backend = await opener.open();
      expect(backend).toMatchObject({ type: "level", capabilities: { ...capabilities, durable: false } });
      expect(await backend.readHead()).toBeUndefined();
      await createHeads(backend, 1, 5);
      expect(await backend.readHead()).toMatchObject({ number: 5 });
      expect(await backend.readHead(3)).toBeUndefined();
      await backend.close();
    }
    expect(existsSync(place("a"))).toBe(false);
  });

  it("R17 gives two at a time each their own", async () => {
    const opener = level({ location: place("two"), keeps: false });
    await using first = await opener.open();
    await using second = await opener.open();
    await createHeads(first, 1, 3);
    expect(await second.readHead()).toBeUndefined();
    await first.close();
    await createHeads(second, 1, 2);
    expect(await second.readHead()).toMatchObject({ number: 2 });
  });

  it("R17 keeps no more heads for being relaxed", async () => {
    await using backend = await level({ location: place("relaxed"), keeps: false }).open();
    for (let number = 1; number <= 9; number++)
      await backend.createHead(number, bytesOf(number), [], { durability: "relaxed" });
    expect(await backend.readHead(9)).toBeDefined();
    expect(await backend.readHead(7)).toBeUndefined();
  });

  it("R17 has no note of heads beside the database", async () => {
    const location = place("files");
    await using backend = await level({ location, keeps: false }).open();
    await createHeads(backend, 1, 5);
    const [own] = readdirSync(location);
    expect(readdirSync(join(location, own!)).sort()).toEqual(["ZSPINE", "db"]);
  });

  it.each(["before", "after"] as const)(
    "R17 goes on after a write that failed %s it was done, in its database opened anew",
    async (fault) => {
      const medium = new FaultyMedium();
      const location = place(`failing-${fault}`);
      const backend = await openScratchBackend(medium, location, false);
      await createHeads(backend, 1, 3);
      medium.failNext = fault;
      const failing = backend.write([put("lost", bytesOf(1))]);
      await expect(failing).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
      await createHeads(backend, 4, 5);
      expect(await backend.get("value/2")).toHaveLength(100);
      expect(await backend.readHead()).toMatchObject({ number: 5 });
      expect(medium.openings).toBe(2);
      await backend.close();
      expect(existsSync(location)).toBe(false);
    },
  );

  it("R17 is opened by configuration", async () => {
    const config = { type: "level", location: place("by-name"), keeps: false };
    const opener = createRegistry([level]).backend(config) as BackendOpener;
    await using backend = await opener.open();
    expect(backend.capabilities.durable).toBe(false);
  });

  it.each([
    [{ location: "a", keeps: "no" }, ["level", "keeps"], "write keeps: false"],
    [{ keeps: false }, ["level", "location"], "expected the path of a directory"],
    [{ location: "a", keep: false }, ["level", "keep"], 'did you mean "keeps"?'],
    [{ location: "a", mayBeInMemory: true }, ["level", "mayBeInMemory"], "write keeps: false too"],
  ])("L21 refuses %j, naming the path and what to write", (options, path, why) => {
    expect(() => level(options as never)).toThrowError(
      expect.objectContaining({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
        message: expect.stringContaining(why) as string,
      }),
    );
  });

  it("R17 is refused to be read only, with what to do, and nothing is made", async () => {
    const location = place("read-only");
    await expect(level({ location, keeps: false }).open({ readOnly: true })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["level", "keeps"],
    });
    expect(existsSync(location)).toBe(false);
  });

  it("R17 is never where a database is kept, nor that where it is, and nothing is changed", async () => {
    const location = place("kept");
    const kept = await level({ location }).open();
    await createHeads(kept, 1, 1);
    await kept.close();
    const opener = level({ location, keeps: false });
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await expect(opener.drop()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    {
      await using again = await level({ location }).open();
      expect(await again.readHead()).toMatchObject({ number: 1 });
    }
    const other = place("scratch");
    await using backend = await level({ location: other, keeps: false }).open();
    const [own] = readdirSync(other);
    for (const at of [other, join(other, own!)])
      await expect(level({ location: at }).open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await createHeads(backend, 1, 1);
  });

  const memoryDisk = existsSync("/dev/shm") && process.platform === "linux";
  it.runIf(memoryDisk && !("Deno" in globalThis))(
    "R17 MT11 is refused in memory, unless that is asked for",
    async () => {
      const location = `/dev/shm/zspine-level-scratch-test-${process.pid}`;
      await expect(level({ location, keeps: false }).open()).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path: ["level", "location"],
      });
      await (await level({ location, keeps: false, mayBeInMemory: true }).open()).close();
      expect(existsSync(location)).toBe(false);
    },
  );

  it("R17 L17 C14 what a killed process has left is removed by the next opening, and by drop()", async () => {
    const location = place("killed");
    const runs = "Deno" in globalThis ? ["run", "-A", program] : [program];
    const env = { ...process.env, NODE_OPTIONS: "" };
    for (const remove of ["open", "drop"] as const) {
      const child = spawn(process.execPath, [...runs, "scratch", location], {
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      let lines = 0;
      for await (const _ of createInterface({ input: child.stdout })) {
        if (++lines < 20) continue;
        await (await level({ location, keeps: false }).open()).close();
        expect(readdirSync(location)).toHaveLength(1);
        if (remove === "drop")
          await expect(level({ location, keeps: false }).drop()).rejects.toMatchObject({
            code: "ZSPINE_LOCKED",
          });
        child.kill("SIGKILL");
        break;
      }
      await ended;
      expect(readdirSync(location)).toHaveLength(1);
      if (remove === "open") await (await level({ location, keeps: false }).open()).close();
      else await level({ location, keeps: false }).drop();
      expect(existsSync(location) ? readdirSync(location) : []).toEqual([]);
    }
    expect(existsSync(location)).toBe(false);
  });
});
