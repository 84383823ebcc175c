import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { openZeroStorage, type Storage } from "../../src/index.ts";

const withCode = (code: string): unknown => expect.objectContaining({ code });

/** Zero's interface, as rocicorp/mono has it: what is given out has to fit it. */
interface PeerStorage {
  set(key: string, value: unknown): void;
  get(key: string, def?: unknown): unknown;
  scan(options?: { prefix: string }): Iterable<[string, unknown]>;
  del(key: string): void;
}

describe("storage of Zero's operators", () => {
  it("O5 createStorage() gives operators of a group storages of their own, and of other groups others", async () => {
    await using store = await openStore();
    const zero = await openZeroStorage(store);
    const [one, two] = [zero.createClientGroupStorage("one"), zero.createClientGroupStorage("two")];
    const storages: Storage[] = [
      one.createStorage(),
      one.createStorage(),
      two.createStorage(),
      zero.createStorage("one"),
    ];
    for (const [at, storage] of storages.entries()) storage.set("key", at);
    expect(storages.map((storage) => storage.get("key"))).toEqual([0, 1, 2, 3]);
    one.destroy();
    expect(storages.map((storage) => storage.get("key"))).toEqual([undefined, undefined, 2, 3]);
    // A group whose id another's begins with.
    const longer = zero.createClientGroupStorage("two more").createStorage();
    longer.set("key", 4);
    zero.createClientGroupStorage("two");
    expect([storages[2]!.get("key"), longer.get("key")]).toEqual([undefined, 4]);
  });

  it("O5 OperatorStorage keeps what JSON holds, as it was at the call", async () => {
    await using store = await openStore();
    const storage: PeerStorage = (await openZeroStorage(store)).createStorage("take");
    const value = { size: 1, bound: { id: "a", gone: undefined } };
    storage.set("a", value);
    value.size = 2;
    expect(storage.get("a")).toEqual({ size: 1, bound: { id: "a" } });
    (storage.get("a") as typeof value).size = 3;
    expect(storage.get("a")).toEqual({ size: 1, bound: { id: "a" } });
    expect(storage.get("b", 7)).toBe(7);
    expect(storage.get("b")).toBeUndefined();
  });

  it("O5 scan() gives entries as they were when the first was asked for, each time anew", async () => {
    await using store = await openStore();
    const storage = (await openZeroStorage(store)).createStorage("take");
    for (const key of ["b/1", "a", "b/2", "c", "b"]) storage.set(key, key);
    const scan = storage.scan({ prefix: "b/" });
    const entries = scan[Symbol.iterator]();
    expect(entries.next().value).toEqual(["b/1", "b/1"]);
    storage.set("b/3", 1);
    storage.del("b/2");
    expect([entries.next().value, entries.next().done]).toEqual([["b/2", "b/2"], true]);
    expect([...scan]).toEqual([
      ["b/1", "b/1"],
      ["b/3", 1],
    ]);
  });

  it("O5 set() of the value that is there writes nothing", async () => {
    await using store = await openStore();
    const storage = (await openZeroStorage(store)).createStorage("take");
    storage.set("a", { n: 1 });
    await store.commit();
    const rows: number[] = [];
    store.on("commit", (event) => void rows.push(event.rows));
    storage.set("a", { n: 1 });
    storage.del("b");
    await store.commit();
    expect(rows).toEqual([0]);
  });

  it("O5 keys that go one by one are gone, and come back, with merges between", async () => {
    for (let keys = 1; keys <= 4; keys++)
      for (let mergeAt = 0; mergeAt <= keys; mergeAt++) {
        await using store = await openStore();
        const storage = (await openZeroStorage(store)).createStorage("take");
        const names = Array.from({ length: keys }, (_, at) => `${at}`);
        for (const name of names) storage.set(name, name);
        for (const [at, name] of names.entries()) {
          await store.commit();
          if (at === mergeAt) await store.compact();
          storage.del(name);
        }
        if (mergeAt === keys) await store.compact();
        expect([...storage.scan()]).toEqual([]);
        for (const name of names) storage.set(name, 1);
        expect([...storage.scan()]).toHaveLength(keys);
      }
  });

  it("O5 ZeroStorage reads many entries at once from scratch on a disk, within a budget, and leaves nothing", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-zero-"));
    try {
      const cold = file({ location: join(location, "scratch"), keeps: false, mayBeInMemory: true });
      await using store = await openStore({
        backend: hybrid({ cold, budgetBytes: 2 ** 21, policy: "fixed" }),
      });
      const zero = await openZeroStorage(store);
      const group = zero.createClientGroupStorage("group");
      const storage = group.createStorage();
      const value = (at: number): string => `${at} ${"x".repeat(200)}`;
      for (let at = 0; at < 20_000; at++) {
        storage.set(`key ${at}`, value(at));
        if (at % 1000 === 0) await store.room();
      }
      await store.spill();
      expect(store.stats().placement!.coldBytes).toBeGreaterThan(0);
      for (let at = 0; at < 20_000; at += 397) expect(storage.get(`key ${at}`)).toBe(value(at));
      expect([...storage.scan({ prefix: "key 1999" })]).toHaveLength(11);
      group.destroy();
      expect([...storage.scan()]).toEqual([]);
    } finally {
      rmSync(location, { recursive: true });
    }
  });

  it("O5 ZeroStorage refuses what it does not understand, and changes nothing", async () => {
    await using store = await openStore();
    const zero = await openZeroStorage(store);
    const storage = zero.createStorage("take");
    const refused = withCode("ZSPINE_INVALID_OPTIONS");
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const value of [undefined, () => 1, Symbol("x"), 1n, cycle])
      expect(() => storage.set("a", value as never)).toThrow(withCode("ZSPINE_ENCODE"));
    expect(() => storage.set(1 as never, 1)).toThrow(refused);
    expect(() => storage.get(undefined as never)).toThrow(refused);
    expect(() => storage.del(null as never)).toThrow(refused);
    expect(() => storage.scan({ prefix: 1 } as never)).toThrow(refused);
    expect(() => storage.scan({ perfix: "a" } as never)).toThrow(refused);
    expect(() => zero.createClientGroupStorage("")).toThrow(refused);
    expect(() => zero.createStorage(1 as never)).toThrow(refused);
    expect(() => {
      zero.dropStorage("");
    }).toThrow(refused);
    expect([...storage.scan()]).toEqual([]);
    await store.close();
    expect(() => storage.get("a")).toThrow(withCode("ZSPINE_CLOSED"));
  });
});
