import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { WriteOp } from "@zspine/core";
import { nodeMedium, type Medium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/scratch/arena.ts";
import { ScratchValues } from "../../src/scratch/scratch-values.ts";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

let places = 0;
function newValues(medium: Medium = nodeMedium) {
  const folder = join(scratchFolder, `values-${++places}`);
  mkdirSync(folder);
  const arena = new Arena(medium, folder);
  const values = new ScratchValues(arena);
  return { folder, arena, write: (...ops: WriteOp[]) => values.write(ops, {}, "write()"), values };
}
const put = (name: string, fill: number, length = 5000): WriteOp => ({
  type: "put",
  name,
  bytes: new Uint8Array(length).fill(fill),
});
const remove = (name: string): WriteOp => ({ type: "remove", name });

describe("ScratchValues", () => {
  it("gives a reader what it began to read, whatever is removed and written meanwhile", async () => {
    const { arena, write, values } = newValues();
    await write(put("a", 1));
    const reading = values.get("a");
    await write(remove("a"), put("b", 2));
    await write(put("c", 3));
    expect(await reading).toEqual(new Uint8Array(5000).fill(1));
    expect(await values.get("a")).toBeUndefined();
    expect(values.getSync("b")).toEqual(new Uint8Array(5000).fill(2));
    await arena.close();
  });

  it("does the calls in their order, and what a call says in its order", async () => {
    const { arena, write, values } = newValues();
    await Promise.all([write(put("a", 1, 1_000_000)), write(remove("a"), put("b", 1)), write(put("b", 2))]);
    expect(values.names("")).toEqual(["b"]);
    expect(values.getSync("b", { offset: 1, length: 2 })).toEqual(Uint8Array.of(2, 2));
    await write(put("b", 3), remove("b"), put("b", 4));
    expect(values.getSync("b")).toEqual(new Uint8Array(5000).fill(4));
    await arena.close();
  });

  it("does nothing by a call that fails, and has the room of what it wrote again", async () => {
    let at = Infinity;
    let writes: unknown[] = [];
    const medium = watchedMedium(async (call, proceed) => {
      if (call.method !== "write") return proceed();
      writes.push(call.args[2]);
      if (writes.length > at) throw systemError("ENOSPC");
      return proceed();
    });
    const { arena, write, values } = newValues(medium);
    await write(put("a", 1));
    writes = [];
    at = 2;
    await expect(write(put("b", 2), put("c", 3), put("a", 4), remove("a"))).rejects.toThrow("ENOSPC");
    expect(values.names("")).toEqual(["a"]);
    at = Infinity;
    const failed = [...writes];
    writes = [];
    await write(put("d", 5), put("e", 6), put("f", 7));
    expect(writes).toEqual(failed);
    expect(values.getSync("a")).toEqual(new Uint8Array(5000).fill(1));
    await arena.close();
  });

  it("reads no value that is shorter than what is asked of it, and empty ones", async () => {
    const { arena, write, values } = newValues();
    await write(put("a", 1, 10), put("empty", 0, 0));
    expect(values.getSync("empty")).toEqual(new Uint8Array(0));
    expect(await values.get("empty")).toEqual(new Uint8Array(0));
    const range = { offset: 5, length: 6 };
    expect(() => values.getSync("a", range)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_CORRUPT" }),
    );
    await expect(values.get("a", range)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    await arena.close();
  });
});

describe("Arena", () => {
  it("has few files however many values come and go, and one when all have gone", async () => {
    const { folder, arena, write } = newValues();
    const megabytes = 2 ** 20;
    for (let number = 0; number < 60; number++) {
      await write(put(`v${number}`, number, megabytes));
      if (number >= 20) await write(remove(`v${number - 20}`));
    }
    expect(readdirSync(folder).length).toBeLessThan(4);
    await write(...Array.from({ length: 60 }, (_, number) => remove(`v${number}`)));
    await write(put("large", 1, 40 * megabytes), put("small", 1, 10));
    await write(remove("large"));
    await arena.close();
    expect(readdirSync(folder).length).toBeLessThan(3);
  });

  it.runIf(existsSync("/proc/self/fd"))("has no file open after it is closed", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const { arena, write } = newValues();
    await write(put("a", 1), put("b", 2));
    expect(readdirSync("/proc/self/fd").length).toBe(before + 2);
    await arena.close();
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
