import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRegistry, type BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { level } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { bytesOf, createHeads, put } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();

describe("level()", () => {
  it("gives an opener of its type, and touches nothing before it is opened", async () => {
    const opener = level({ location: place("untouched") });
    expect(opener.type).toBe("level");
    expect(existsSync(place("untouched"))).toBe(false);
    await using backend = await opener.open();
    expect(backend).toMatchObject({ type: "level", capabilities });
    expect(backend.capabilities).not.toHaveProperty("readOnly");
  });

  it("is a plugin that opens from plain configuration", async () => {
    const registry = createRegistry([level]);
    const opener = registry.backend({ type: "level", location: place("plugin") }) as BackendOpener;
    await using backend = await opener.open();
    await createHeads(backend, 1, 1);
  });

  it.each([
    [undefined, ["level"]],
    [{}, ["level", "location"]],
    [{ location: "" }, ["level", "location"]],
    [{ location: 7 }, ["level", "location"]],
    [{ location: "a", cache: 1 }, ["level", "cache"]],
    [{ path: "a" }, ["level", "path"]],
  ])("refuses the options %j with ZSPINE_INVALID_OPTIONS", (options, path) => {
    expect(() => level(options as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path }),
    );
  });
});

describe("drop()", () => {
  it("L17 removes the location, and does nothing where there is none", async () => {
    const location = place("drop");
    const opener = level({ location });
    await opener.drop();
    const backend = await opener.open();
    await createHeads(backend, 1, 3);
    await backend.close();
    await opener.drop();
    expect(existsSync(location)).toBe(false);
    await using anew = await opener.open();
    expect(await anew.readHead()).toBeUndefined();
  });

  it("L17 leaves what others have put there, and what is not a location of its own", async () => {
    const location = place("drop-foreign");
    const backend = await level({ location }).open();
    await backend.close();
    writeFileSync(join(location, "notes.txt"), "mine");
    await level({ location }).drop();
    expect(readdirSync(location)).toEqual(["notes.txt"]);
    await expect(level({ location }).drop()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    expect(readdirSync(location)).toEqual(["notes.txt"]);
  });

  it("L17 is refused with ZSPINE_LOCKED while a handle holds the location", async () => {
    const location = place("drop-locked");
    await using backend = await level({ location }).open();
    await createHeads(backend, 1, 1);
    await expect(level({ location }).drop()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect((await backend.readHead())?.number).toBe(1);
  });
});

describe("open({ readOnly: true })", () => {
  it("L17 reads what is there and refuses writes, determinate", async () => {
    const location = place("read-only");
    const writer = await level({ location }).open();
    await createHeads(writer, 1, 2);
    await writer.close();
    await using backend = await level({ location }).open({ readOnly: true });
    expect(backend.capabilities.readOnly).toBe(true);
    expect((await backend.readHead())?.number).toBe(2);
    expect(backend.getSync?.("value/2")).toEqual(Buffer.from(bytesOf(2)));
    const refused = { code: "ZSPINE_NOT_SUPPORTED", determinate: true };
    await expect(backend.write([put("a", bytesOf(1))])).rejects.toMatchObject(refused);
    await expect(backend.createHead(3, bytesOf(3), [])).rejects.toMatchObject(refused);
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
  });

  it("L17 is ZSPINE_IO where there is nothing, and creates nothing", async () => {
    const location = place("read-only-missing");
    const opening = level({ location }).open({ readOnly: true });
    await expect(opening).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    expect(existsSync(location)).toBe(false);
    mkdirSync(location);
    await expect(level({ location }).open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(readdirSync(location)).toEqual([]);
  });
});
