import { isZspineError } from "@zspine/core";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { forgetMove, importNdjson, migrate, move, moves } from "../../src/index.ts";

const SCHEMAS = { key: z.int32(), value: z.undefined() };

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

describe("moves() and forgetMove()", () => {
  it("O6 list what a store knows by name, ended or not, and have it forget one", async () => {
    await using store = await openStore();
    const a = await store.trace("a", SCHEMAS);
    const b = await store.trace("b", SCHEMAS);
    expect([await moves(store), store.traces]).toEqual([[], ["a", "b"]]);
    const lines = '{"key":1}\n{"key":2}\n{"key":3}\n';
    await importNdjson(store, a, lines, { name: "all" });
    const controller = new AbortController();
    const some = { name: "some", commitEvery: 1, onBadRow: "skip", signal: controller.signal } as const;
    const stopped = importNdjson(store, b, lines, { ...some, onProgress: () => controller.abort() });
    expect(await codeOf(stopped)).toBe("ZSPINE_ABORTED");
    await store.drop("b");
    const c = await store.trace("c", { ...SCHEMAS, create: true });
    await migrate(store, store, [move(a, c)], { name: "a to c" });
    expect(await moves(store)).toEqual([
      { kind: "import", name: "all", isDone: true, rows: 3 },
      { kind: "import", name: "some", isDone: false, rows: 1 },
      { kind: "migration", name: "a to c", isDone: true, rows: 3 },
    ]);
    await forgetMove(store, "import", "all");
    expect((await moves(store)).map(({ name }) => name)).toEqual(["some", "a to c"]);
    expect((await importNdjson(store, a, lines, { name: "all" })).wasDone).toBe(false);
    expect(a.totalWeight).toBe(6);
    expect(store.discard()).toBe(0);
  });

  it("refuse what they do not understand, and a name that there is not", async () => {
    await using store = await openStore();
    const a = await store.trace("a", SCHEMAS);
    expect(await codeOf(forgetMove(store, "import", "all"))).toBe("ZSPINE_UNKNOWN_NAME");
    const importing = importNdjson(store, a, '{"key":1}', { name: "all" });
    expect(await codeOf(forgetMove(store, "import", "all"))).toBe("ZSPINE_CONFLICT");
    await importing;
    expect(await codeOf(forgetMove(store, "migration", "all"))).toBe("ZSPINE_UNKNOWN_NAME");
    expect(await codeOf(forgetMove(store, "index" as never, "all"))).toBe("ZSPINE_INVALID_OPTIONS");
    expect(await codeOf(moves({} as never))).toBe("ZSPINE_INVALID_OPTIONS");
  });
});
