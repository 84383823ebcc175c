import { describe, expect, it } from "vitest";
import type { Backend, BackendOpener } from "@zspine/core";
import { defineOpfs } from "../../src/opfs/opfs.ts";
import { encodeHint } from "../../src/place/layout.ts";
import { FakeOpfs } from "../fake-opfs.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function setUp(options: { mustExist?: boolean } = {}): { medium: FakeOpfs; opener: BackendOpener } {
  const medium = new FakeOpfs();
  return { medium, opener: defineOpfs(medium)({ location: "app/orders", ...options }) };
}

async function filled(opener: BackendOpener): Promise<Backend> {
  const backend = await opener.open();
  await backend.createHead(1, bytes("head"), [{ type: "put", name: "a", bytes: bytes("value") }]);
  return backend;
}

describe("a location in the origin private file system", () => {
  it("C10 is ZSPINE_LOCKED while another handle has it, and free when that has died", async () => {
    const { medium, opener } = setUp();
    await filled(opener);
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await expect(opener.open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await expect(opener.drop()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    medium.kill();
    await using backend = await opener.open();
    expect((await backend.readHead())?.number).toBe(1);
    expect(medium.waits).toBe(0);
  });

  it("W4 C10 waits for the files of a handle that has died, for they come free one by one after its lock", async () => {
    const { medium, opener } = setUp();
    await filled(opener);
    medium.kill({ lateFiles: true });
    medium.onWait = () => {
      if (medium.waits === 3) medium.closeFiles();
    };
    await using backend = await opener.open();
    expect(backend.getSync!("a")).toEqual(bytes("value"));
    expect(medium.waits).toBe(3);
  });

  it("C10 is ZSPINE_LOCKED when something that has not asked for the lock keeps a file open", async () => {
    const { medium, opener } = setUp();
    await filled(opener);
    medium.kill({ lateFiles: true });
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED", determinate: true });
    // The lock was let go of.
    medium.closeFiles();
    await (await opener.open()).close();
  });

  it("an old handle that was taken for dead does nothing any more", async () => {
    const { medium, opener } = setUp();
    const old = await filled(opener);
    medium.kill();
    await using backend = await opener.open();
    await expect(old.createHead(2, bytes("late"), [])).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(() => old.getSync!("a")).toThrow(expect.objectContaining({ code: "ZSPINE_IO" }));
    await old.close().catch(() => undefined);
    await backend.createHead(2, bytes("next"), []);
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
  });

  it("L17 opens to be read only what is there, writes nothing, and refuses to write", async () => {
    const { medium, opener } = setUp();
    await expect(opener.open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(medium.paths).toEqual([]);
    await filled(opener);
    medium.kill();
    medium.onCall = ({ method, proceed }) => {
      if (method !== "read" && method !== "getSize") throw new Error(`${method}() to be read only`);
      return proceed();
    };
    const backend = await opener.open({ readOnly: true });
    expect(backend.capabilities.readOnly).toBe(true);
    expect(await backend.get("a")).toEqual(bytes("value"));
    await expect(backend.write([])).rejects.toMatchObject({ code: "ZSPINE_NOT_SUPPORTED" });
    await backend.close();
  });

  it("W6 with mustExist is ZSPINE_IO where there is nothing, as after an eviction, and nothing is made", async () => {
    const { medium, opener } = setUp({ mustExist: true });
    await expect(opener.open()).rejects.toMatchObject({
      code: "ZSPINE_IO",
      message: expect.stringMatching(/nothing at "app\/orders".*the browser has removed it.*mustExist/),
    });
    expect(medium.paths).toEqual([]);
    await (await filled(defineOpfs(medium)({ location: "app/orders" }))).close();
    await (await opener.open()).close();
    medium.clear();
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_IO" });
  });

  it("W6 that the browser removes while it is open is told by the next synced call, and reading goes on", async () => {
    const { medium, opener } = setUp();
    const backend = await filled(opener);
    medium.clear();
    await backend.write([{ type: "put", name: "b", bytes: bytes("relaxed") }], { durability: "relaxed" });
    await expect(backend.createHead(2, bytes("lost"), [])).rejects.toMatchObject({
      code: "ZSPINE_IO",
      message: expect.stringMatching(/NotFoundError.*the browser has removed it/),
    });
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(backend.write([])).rejects.toMatchObject({ code: "ZSPINE_IO" });
    // To be saved elsewhere.
    expect(backend.getSync!("a")).toEqual(bytes("value"));
    await backend.close();
    const again = await opener.open();
    expect(await again.readHead()).toBeUndefined();
    // Before anything has missed them, too.
    medium.clear();
    await again.close();
  });

  it("L17 is dropped with all that is ours, and with its directory where nothing else is in it", async () => {
    const { medium, opener } = setUp();
    await opener.drop();
    await (await filled(opener)).close();
    const root = await medium.root();
    const app = await root.getDirectoryHandle("app");
    const orders = await app.getDirectoryHandle("orders");
    await orders.getFileHandle("notes", { create: true });
    await opener.drop();
    expect(medium.paths).toEqual(["app/orders/notes"]);
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await orders.removeEntry("notes");
    await (await filled(opener)).close();
    await opener.drop();
    await expect(app.getDirectoryHandle("orders")).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("C11 is ZSPINE_FORMAT when it is of another version, of something else, or no directory", async () => {
    const { medium, opener } = setUp();
    await (await filled(opener)).close();
    medium.fileAt("app/orders/zspine").bytes = bytes("zspine opfs 2\n");
    await expect(opener.open()).rejects.toMatchObject({
      code: "ZSPINE_FORMAT",
      message: expect.stringMatching(/in the format "zspine opfs 2".*reads "zspine opfs 1"/),
    });
    const file = defineOpfs(medium)({ location: "app/orders/zspine" });
    await expect(file.open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    const app = defineOpfs(medium)({ location: "app" });
    await expect(app.open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
  });

  it("C7 is ZSPINE_CORRUPT when its marker is lost or damaged, and nothing is changed", async () => {
    const { medium, opener } = setUp();
    await (await filled(opener)).close();
    const marker = medium.fileAt("app/orders/zspine");
    const { bytes: before } = marker;
    marker.bytes = bytes("zs");
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    const orders = await (await (await medium.root()).getDirectoryHandle("app")).getDirectoryHandle("orders");
    await orders.removeEntry("zspine");
    await expect(opener.open()).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    expect(medium.paths).toEqual(["app/orders/0000000000000001.log"]);
    await orders.getFileHandle("zspine", { create: true });
    medium.fileAt("app/orders/zspine").bytes = before;
    await (await opener.open()).close();
  });

  it("begins anew what a handle has left that was killed before the marker was whole", async () => {
    for (const left of ["", "zspine o", "zspine opfs 1\n"]) {
      const { medium, opener } = setUp();
      await (await opener.open()).close();
      medium.fileAt("app/orders/zspine").bytes = bytes(left);
      await (await filled(opener)).close();
      medium.fileAt("app/orders/zspine").bytes = bytes("zspine opfs 1\n");
      await using backend = await opener.open();
      expect((await backend.readHead())?.number).toBe(1);
    }
  });

  it("C13 tells that heads are lost by the hint, and numbers the next above them", async () => {
    const { medium, opener } = setUp();
    await (await filled(opener)).close();
    const marker = medium.fileAt("app/orders/zspine");
    marker.bytes = marker.bytes.slice();
    marker.bytes.set(encodeHint({ head: 5, segment: 1 }), 32);
    const backend = await opener.open();
    expect(await backend.readHead()).toMatchObject({ number: 1, newest: 5 });
    await expect(backend.createHead(2, bytes("again"), [])).rejects.toMatchObject({
      code: "ZSPINE_CONFLICT",
    });
    await backend.createHead(6, bytes("next"), []);
    await backend.close();
    await using again = await opener.open();
    expect(await again.readHead()).toEqual({ number: 6, bytes: bytes("next") });
  });
});
