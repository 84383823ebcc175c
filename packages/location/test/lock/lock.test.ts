import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openLocation, type Location } from "../../src/index.ts";
import type { Child } from "../process/child.ts";
import { prepareHolders } from "../process/holder.ts";
import { newPlace, scratchFolder } from "../scratch-folder.ts";

const kind = { type: "file", version: 1 };
const open = (path: string): Promise<Location> => openLocation({ path, ...kind });
const locked = (text: RegExp) => ({ code: "ZSPINE_LOCKED", message: expect.stringMatching(text) as string });

const openInChild = prepareHolders(scratchFolder);
const children: Child[] = [];
function child(path: string): Child {
  const made = openInChild(path, "file");
  children.push(made);
  return made;
}
afterAll(() => Promise.all(children.map((made) => made.kill())));

// Above the largest number that Linux gives to a process.
const DEAD = { pid: 4_194_305, host: hostname() };

async function lockedBy(owner: object | string): Promise<{ path: string; file: string }> {
  const path = newPlace();
  await (await open(path)).close();
  mkdirSync(join(path, "ZSPINE.lock"));
  const file = join(path, "ZSPINE.lock", "0c5c1a52");
  writeFileSync(file, typeof owner === "string" ? owner : JSON.stringify(owner));
  return { path, file };
}

describe("the lock of openLocation()", () => {
  it("C10 refuses a second handle of this process, by whatever path, and names it", async () => {
    const path = newPlace();
    await using owner = await open(path);
    const link = newPlace();
    symlinkSync(path, link);
    for (const way of [path, relative(process.cwd(), path), link, `${path}/../${path.split("/").at(-1)}/`]) {
      await expect(open(way)).rejects.toMatchObject(locked(new RegExp(`process ${process.pid} \\(this one`)));
    }
    expect(readdirSync(owner.path).sort()).toEqual(["ZSPINE", "ZSPINE.lock"]);
  });

  it("C10 refuses another process, naming this one, and lets it in after close()", async () => {
    const path = newPlace();
    const owner = await open(path);
    const refused = child(path);
    expect(await refused.line()).toMatch(new RegExp(`^ZSPINE_LOCKED .*process ${process.pid} on this host`));
    await owner.close();
    const next = child(path);
    expect(await next.line()).toBe(`open ${next.process.pid}`);
    await expect(open(path)).rejects.toMatchObject(
      locked(new RegExp(`process ${next.process.pid} on this host`)),
    );
    await next.end();
    await (await open(path)).close();
  });

  it("C10 C14 is taken over at once from a killed process", async () => {
    const path = newPlace();
    for (let round = 0; round < 3; round++) {
      const owner = child(path);
      expect(await owner.line()).toMatch(/^open/);
      await owner.kill();
      await (await open(path)).close();
    }
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
  });

  it("C10 goes to exactly one of many processes that contend for that of a killed one", async () => {
    const path = newPlace();
    const owner = child(path);
    await owner.line();
    await owner.kill();
    const contenders = Array.from({ length: 8 }, () => child(path));
    const answers = await Promise.all(contenders.map((contender) => contender.line()));
    const winners = answers.filter((answer) => answer.startsWith("open"));
    expect(winners).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith("ZSPINE_LOCKED"))).toHaveLength(7);
  });

  it("C10 goes to exactly one of 32 handles that contend for that of a dead process, in each of 20 rounds", async () => {
    const { path, file } = await lockedBy(DEAD);
    for (let round = 0; round < 20; round++) {
      mkdirSync(join(path, "ZSPINE.lock"), { recursive: true });
      writeFileSync(file, JSON.stringify(DEAD));
      const outcomes = await Promise.allSettled(Array.from({ length: 32 }, () => open(path)));
      const winners = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "ZSPINE_LOCKED" });
      }
      await expect(open(path)).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
      await winners[0]?.close();
      expect(readdirSync(path)).toEqual(["ZSPINE"]);
    }
  });

  it("C10 is never held by two, however owners come, go and die", async () => {
    const { path, file } = await lockedBy(DEAD);
    let holders = 0;
    let turns = 0;
    const contend = async (): Promise<void> => {
      for (let round = 0; round < 25; round++) {
        const held = await open(path).catch(() => undefined);
        if (held === undefined) continue;
        turns++;
        expect(++holders).toBe(1);
        await new Promise(setImmediate);
        holders--;
        await held.close();
      }
    };
    await Promise.all(Array.from({ length: 12 }, contend));
    expect(turns).toBeGreaterThan(12);
    expect(() => readFileSync(file)).toThrowError(/ENOENT/);
  });

  it("is not taken away by close() of a handle whose lock was deleted by hand and taken by another", async () => {
    const path = newPlace();
    const first = await open(path);
    const [token = ""] = readdirSync(join(path, "ZSPINE.lock"));
    rmSync(join(path, "ZSPINE.lock", token));
    await using second = await open(path);
    await first.close();
    await expect(open(path)).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(second.isNew).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "is taken over when the number of the process was given to another one, or the machine was booted since",
    async () => {
      const alive = { pid: process.pid, host: hostname() };
      for (const owner of [
        { ...alive, start: "1" },
        { ...alive, boot: "another" },
      ]) {
        await (await open((await lockedBy(owner)).path)).close();
      }
    },
  );

  it("of a process on another host is reported, with what to do, and left", async () => {
    const { path, file } = await lockedBy({ ...DEAD, host: "elsewhere.example" });
    await expect(open(path)).rejects.toMatchObject(
      locked(/process 4194305 on the host "elsewhere\.example".*delete the directory .*ZSPINE\.lock"/),
    );
    expect(readFileSync(file, "utf8")).toContain("elsewhere");
  });

  it.runIf(process.platform === "linux")(
    "C10 of a process in another container with this host's name is reported, and left",
    async () => {
      const { path, file } = await lockedBy({ ...DEAD, namespace: "pid:[1]" });
      await expect(open(path)).rejects.toMatchObject(
        locked(/in another container \(PID namespace\), which cannot be asked.*delete the directory/),
      );
      expect(readFileSync(file, "utf8")).toContain("pid:[1]");
    },
  );

  it.each(["", "{", "null", "[]", `{"pid":-1,"host":"a"}`])(
    "that holds %j, and not who holds it, is reported and left",
    async (text) => {
      const { path, file } = await lockedBy(text);
      await expect(open(path)).rejects.toMatchObject(locked(/cannot be read.*delete the directory/));
      expect(readFileSync(file, "utf8")).toBe(text);
    },
  );

  it("leaves nothing of contenders that died before they had it", async () => {
    const { path } = await lockedBy(DEAD);
    mkdirSync(join(path, "ZSPINE.lock.11"));
    writeFileSync(join(path, "ZSPINE.lock.11", "11"), JSON.stringify(DEAD));
    await (await open(path)).close();
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
  });
});
