import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { isZspineError, type ZspineError } from "@zspine/core";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, restoreStore } from "../src/index.ts";

const root = mkdtempSync(join(tmpdir(), "zspine-newcomer-"));
const SCHEMAS = { key: z.int32(), value: z.object({ a: z.string(), b: z.int32() }) };
let location = root;
let places = 0;

afterAll(() => {
  rmSync(root, { recursive: true });
});

beforeEach(() => {
  location = join(root, String(places++));
});

async function refusalOf(call: () => Promise<unknown>): Promise<ZspineError> {
  try {
    await call();
  } catch (error) {
    if (isZspineError(error)) return error;
    throw error;
  }
  return expect.unreachable("nothing was refused");
}

/** Leaves a store with the traces `orders` and `lines`, a row in each. */
async function fill(): Promise<void> {
  await using store = await openStore({ backend: file({ location }) });
  for (const name of ["orders", "lines"]) (await store.trace(name, SCHEMAS)).insert(1, { a: name, b: 1 });
  await store.commit();
}

describe("C1 trace() of a store that was opened with traces", () => {
  it("refuses a name that is not there, for it may be mistyped, and tells which there are", async () => {
    await fill();
    await using store = await openStore({ backend: file({ location }) });
    const error = await refusalOf(() => store.trace("order", SCHEMAS));
    expect(error.code).toBe("ZSPINE_UNKNOWN_NAME");
    for (const part of ['"order"', '"lines", "orders"', 'did you mean "orders"?', "{ create: true }"])
      expect(error.message).toContain(part);
    expect(store.traces).toEqual(["lines", "orders"]);
  });

  it("creates it with { create: true }, which may stay when it is there", async () => {
    await fill();
    for (const rows of [0, 1]) {
      await using store = await openStore({ backend: file({ location }) });
      const added = await store.trace("customers", { ...SCHEMAS, create: true });
      expect(added.size).toBe(rows);
      added.insert(rows, { a: "x", b: 2 });
      await store.commit();
    }
    await using store = await openStore({ backend: file({ location }) });
    expect((await store.trace("customers", SCHEMAS)).size).toBe(2);
  });

  it("creates freely in a store that held none, and after all that it held were dropped", async () => {
    await fill();
    await using store = await openStore({ backend: file({ location }) });
    await store.drop("orders");
    await refusalOf(() => store.trace("anew", SCHEMAS));
    await store.drop("lines");
    expect((await store.trace("anew", SCHEMAS)).size).toBe(0);
    // What was made since the opening is no sign that a name is mistyped.
    expect((await store.trace("another", SCHEMAS)).size).toBe(0);
  });

  it("creates nothing with { create: false }, in memory and on disk", async () => {
    for (const options of [{}, { backend: file({ location }) }]) {
      await using store = await openStore(options);
      const error = await refusalOf(() => store.trace("orders", { ...SCHEMAS, create: false }));
      expect(error.code).toBe("ZSPINE_UNKNOWN_NAME");
      expect(store.traces).toEqual([]);
    }
  });

  it("tells of a trace that grew a field which it is, and how to copy its rows", async () => {
    await fill();
    await using store = await openStore({ backend: file({ location }) });
    const grown = { key: z.int32(), value: SCHEMAS.value.extend({ note: z.string() }) };
    const error = await refusalOf(() => store.trace("orders", grown));
    expect(error.code).toBe("ZSPINE_SCHEMA");
    expect(error.message).toContain("value.note (text) is new");
    expect(error.message).not.toContain("value.a (");
    for (const part of ["copy its rows", "migrate(", "@zspine/data", "{ create: true }"])
      expect(error.message).toContain(part);
    // By hand, what that does.
    const old = await store.trace("orders", SCHEMAS);
    const next = await store.trace("orders 2", { ...grown, create: true });
    for await (const { key, value, weight } of old.rows()) next.insert(key, { ...value, note: "" }, weight);
    await store.commit();
    await store.drop("orders");
    expect(await next.get(1)).toEqual([{ value: { a: "orders", b: 1, note: "" }, weight: 1 }]);
  });

  it.each([
    [z.object({ a: z.string() }), "value.b (int32) is missing"],
    [z.object({ a: z.string(), b: z.string() }), "value.b was int32 and is text"],
    [z.object({ b: z.int32(), a: z.string() }), "in another order"],
    [z.object({ a: z.object({ c: z.string() }), b: z.int32() }), 'value.a was text and is {"c":text}'],
    [SCHEMAS.value.optional(), "value was {"],
  ])("tells what differs: %#", async (value, says) => {
    await fill();
    await using store = await openStore({ backend: file({ location }) });
    const error = await refusalOf(() => store.trace("orders", { key: z.int32(), value }));
    expect(error.message).toContain(says);
  });
});

describe("openStore() over files", () => {
  it("says that there is no store where one is to be read only, and makes none", async () => {
    const open = (): Promise<unknown> => openStore({ backend: file({ location }), readOnly: true });
    for (let times = 0; times < 2; times++) {
      const error = await refusalOf(open);
      expect(error.code).toBe("ZSPINE_IO");
      expect(error.message).toContain("there is no store there to be read");
      expect(error.message).toContain("what only reads creates none");
    }
  });

  it("says the same where a store is to be restored of what is not there, and nothing of an option that nobody gave", async () => {
    const to = file({ location: join(root, "restored") });
    const error = await refusalOf(() => restoreStore({ from: file({ location }), to }));
    expect(error.code).toBe("ZSPINE_IO");
    expect(error.message).toContain("there is no store there to be read; check the path");
    expect(error.message).not.toContain("readOnly");
  });

  // Elsewhere there is no /proc.
  if (process.platform === "linux")
    it("says that a location cannot be under /proc", async () => {
      const error = await refusalOf(() => openStore({ backend: file({ location: "/proc/zspine/data" }) }));
      expect(error.code).toBe("ZSPINE_IO");
      expect(error.message).toContain("no directory can be made there");
      expect(error.message).toContain("choose another path");
    });
});
