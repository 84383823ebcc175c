import { readdirSync } from "node:fs";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { isZspineError } from "@zspine/core";
import { temporalTrace } from "@zspine/temporal";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createStorageManager, type StorageManager, type StorageManagerOptions } from "../src/index.ts";
import { contentOf, fill, rowsOf } from "./content.ts";
import { FaultyDisk } from "./faulty-disk.ts";
import { scratchFolder } from "./scratch-folder.ts";

let folders = 0;

function optionsOf(): StorageManagerOptions & { readonly location: string } {
  const location = join(scratchFolder, `switch-${folders++}`);
  return { location, backends: [file, level], budget: { bytes: 2 ** 26, policy: "fixed" } };
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isZspineError(error) ? error.code : error;
  }
}

/** A manager with the store `a` of so many rows. */
async function managerWith(mode: string, rows = 100): Promise<StorageManager> {
  const manager = await createStorageManager(optionsOf());
  await fill(await manager.create("a", { mode }), 0, rows);
  return manager;
}

describe("R9 switchMode()", () => {
  it("is refused while rows are not committed, which stay, and so do all handles", async () => {
    for (const mode of ["hybrid", "level"]) {
      await using manager = await managerWith("file");
      const store = await manager.get("a");
      const trace = await rowsOf(store);
      trace.insert(1000, "uncommitted");
      await expect(manager.switchMode("a", mode)).rejects.toMatchObject({
        code: "ZSPINE_CONFLICT",
        determinate: true,
        message: expect.stringContaining(
          'the trace "rows" has rows that no commit has taken; commit or discard',
        ),
      });
      expect(await trace.has(1000)).toBe(true);
      await store.commit();
      expect(await rowsOf(await manager.switchMode("a", mode)).then((moved) => moved.has(1000))).toBe(true);
    }
  });

  it("is refused when something is committed, dropped or inserted while it copies, and loses none of it", async () => {
    for (const change of ["commit", "metadata", "drop", "insert"]) {
      await using manager = await managerWith("memory");
      const store = await manager.get("a");
      await fill(store, 0, 10, "more");
      let changed: Promise<unknown> | undefined;
      const onProgress = (): void => {
        if (changed !== undefined) return;
        if (change === "commit") changed = fill(store, 100, 110);
        else if (change === "metadata") changed = store.commit({ metadata: { own: true } });
        else if (change === "drop") changed = store.drop("more");
        else changed = rowsOf(store).then((trace) => trace.insert(5000, "late"));
      };
      expect([change, await codeOf(manager.switchMode("a", "file", { onProgress }))]).toEqual([
        change,
        "ZSPINE_CONFLICT",
      ]);
      await changed;
      const after = await manager.get("a");
      expect(await manager.list()).toEqual([{ name: "a", mode: "memory" }]);
      if (change === "commit") expect(await (await rowsOf(after)).has(105)).toBe(true);
      if (change === "metadata") expect(after.metadata).toEqual({ own: true });
      if (change === "drop") expect(after.traces).toEqual(["rows"]);
      if (change === "insert") expect(await (await rowsOf(after)).has(5000)).toBe(true);
    }
  });

  it("closes the handles of before, and gives the store anew, as get() does", async () => {
    await using manager = await managerWith("memory");
    const before = await manager.get("a");
    const trace = await rowsOf(before);
    const after = await manager.switchMode("a", "hybrid");
    expect(await codeOf(trace.get(1))).toBe("ZSPINE_CLOSED");
    expect(() => trace.insert(1, "x")).toThrow("closed");
    expect(await codeOf(before.commit())).toBe("ZSPINE_CLOSED");
    expect(await manager.get("a")).toBe(after);
    expect(await manager.switchMode("a", "hybrid")).toBe(after);
  });

  it("ends with its signal, and the store is as it was, with its handles", async () => {
    await using manager = await managerWith("memory");
    const store = await manager.get("a");
    const controller = new AbortController();
    const content = await contentOf(store);
    const onProgress = (): void => controller.abort();
    expect(await codeOf(manager.switchMode("a", "file", { signal: controller.signal, onProgress }))).toBe(
      "ZSPINE_ABORTED",
    );
    expect(await manager.get("a")).toBe(store);
    expect(await contentOf(store)).toBe(content);
    expect(await manager.list()).toEqual([{ name: "a", mode: "memory" }]);
  });

  it("tells how far the copy has come", async () => {
    await using manager = await managerWith("file");
    const told: number[] = [];
    await manager.switchMode("a", "level", {
      onProgress: ({ values, valuesTotal }) => told.push(values / valuesTotal),
    });
    expect(told.at(-1)).toBe(1);
  });

  it("answers calls of one name one after the other, and a switch beside it of another", async () => {
    await using manager = await managerWith("file");
    await fill(await manager.create("b", { mode: "memory" }), 0, 100);
    const content = await contentOf(await manager.get("a"));
    const [, , third, size] = await Promise.all([
      manager.switchMode("a", "level"),
      manager.switchMode("b", "hybrid"),
      manager.switchMode("a", "memory"),
      manager.stateSize("a"),
      manager.maintain(),
    ]);
    expect(await contentOf(third)).toBe(content);
    expect(size.mode).toBe("memory");
    expect(await contentOf(await manager.get("b"))).toBe(content);
    const made = await Promise.all([
      codeOf(manager.create("c", { mode: "file" })),
      codeOf(manager.create("c", { mode: "memory" })),
      codeOf(manager.delete("c")),
      codeOf(manager.get("c")),
    ]);
    expect(made).toEqual(["resolved", "ZSPINE_CONFLICT", "resolved", "ZSPINE_UNKNOWN_NAME"]);
  });

  it("takes traces of other kinds along, which nobody has opened", async () => {
    const schemas = { key: z.string(), value: z.int32() };
    const options = optionsOf();
    {
      await using manager = await createStorageManager(options);
      const prices = await temporalTrace(await manager.create("prices", { mode: "file" }), "prices", schemas);
      prices.insert(1, "apple", 10);
      prices.insert(2, "apple", 12);
      prices.advance(3);
      await (await manager.get("prices")).commit();
    }
    await using manager = await createStorageManager(options);
    for (const mode of ["memory", "hybrid:level", "memory", "file"]) await manager.switchMode("prices", mode);
    const prices = await temporalTrace(await manager.get("prices"), "prices", schemas);
    using then = await prices.asOf(1);
    expect(await then.get("apple")).toEqual([{ value: 10, weight: 1 }]);
    expect(prices.upper).toBe(3);
  });

  it("moves a store in which nothing was committed yet", async () => {
    await using manager = await createStorageManager(optionsOf());
    await manager.create("a", { mode: "memory" });
    for (const mode of manager.modes) {
      const store = await manager.switchMode("a", mode);
      expect(store.traces).toEqual([]);
    }
  });

  it("to memory takes the store off the disk, and it goes with the manager", async () => {
    const options = optionsOf();
    {
      await using manager = await createStorageManager(options);
      await fill(await manager.create("a", { mode: "hybrid" }), 0, 10);
      expect(readdirSync(options.location).sort()).toEqual(["1-a", "catalog"]);
      await manager.switchMode("a", "memory");
      expect(readdirSync(options.location)).toEqual(["catalog"]);
    }
    await using manager = await createStorageManager(options);
    expect(await manager.list()).toEqual([]);
    expect(await contentOf(await manager.create("a", { mode: "file" }))).toBe("{}");
  });

  it("under way is waited for by close()", async () => {
    const options = optionsOf();
    const manager = await createStorageManager(options);
    await fill(await manager.create("a", { mode: "file" }), 0, 50);
    const switched = manager.switchMode("a", "level");
    const late = codeOf(manager.switchMode("a", "file"));
    await manager.close();
    await switched;
    expect(await late).toBe("ZSPINE_CLOSED");
    await using again = await createStorageManager(options);
    expect(await again.list()).toEqual([{ name: "a", mode: "level" }]);
  });
});

describe("R9 get()", () => {
  it("opens a store anew that was closed, or is in doubt, in memory too, with what was committed", async () => {
    for (const mode of ["memory", "file"]) {
      await using manager = await managerWith(mode);
      const store = await manager.get("a");
      const content = await contentOf(store);
      (await rowsOf(store)).insert(1000, "uncommitted");
      await store.close();
      const again = await manager.get("a");
      expect(again).not.toBe(store);
      expect(await contentOf(again)).toBe(content);
    }
  });

  it("refuses a store that cannot be opened, alone, and opens it when that is mended", async () => {
    const disk = new FaultyDisk("disk");
    const options = { location: "here", backends: [disk.plugin] };
    {
      await using manager = await createStorageManager(options);
      for (const name of ["a", "b"]) await fill(await manager.create(name, { mode: "disk" }), 0, 10);
    }
    await using manager = await createStorageManager(options);
    disk.plan = ({ name }) => (name === "open" ? { type: "before" } : undefined);
    expect(await codeOf(manager.get("a"))).toBe("ZSPINE_IO");
    disk.plan = () => undefined;
    const b = await manager.get("b");
    disk.plan = () => ({ type: "before" });
    expect(await codeOf(manager.get("a"))).toBe("ZSPINE_IO");
    expect(await codeOf(manager.switchMode("b", "memory"))).toBe("ZSPINE_IO");
    expect(await manager.get("b")).toBe(b);
    disk.plan = () => undefined;
    expect(await contentOf(await manager.get("a"))).toBe(await contentOf(b));
  });
});
