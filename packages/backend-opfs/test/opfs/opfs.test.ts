import { describe, expect, it } from "vitest";
import { opfs } from "../../src/index.ts";
import { defineOpfs } from "../../src/opfs/opfs.ts";
import { FakeOpfs } from "../fake-opfs.ts";

describe("opfs()", () => {
  it.each([
    [undefined, /write opfs\(\{ location: … \}\)/],
    [{}, /opfs.location: expected the path of a directory, found undefined/],
    [{ location: 5 }, /opfs.location: expected the path of a directory, found 5/],
    [{ location: "" }, /opfs.location/],
    [{ location: "/app" }, /write names with "\/" between them/],
    [{ location: "app/" }, /write names/],
    [{ location: "app//orders" }, /write names/],
    [{ location: "app/../orders" }, /write names/],
    [{ location: "." }, /write names/],
    [{ location: "app\\orders" }, /write names/],
    [{ location: "app", mustExist: 1 }, /opfs.mustExist: expected true or false/],
    [{ location: "app", keeps: false }, /opfs.keeps: there is no such name here/],
  ])("L21 is ZSPINE_INVALID_OPTIONS for %j", (options, message) => {
    const given = options as { location: string };
    expect(() => opfs(given)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", message: expect.stringMatching(message) }),
    );
  });

  it("is ZSPINE_NOT_SUPPORTED where files cannot be read at once, says what to do, and has made nothing", async () => {
    const medium = new FakeOpfs();
    medium.hasSyncHandles = false;
    for (const opener of [opfs({ location: "app" }), defineOpfs(medium)({ location: "app" })]) {
      for (const call of [() => opener.open(), () => opener.open({ readOnly: true }), () => opener.drop()]) {
        await expect(call()).rejects.toMatchObject({
          code: "ZSPINE_NOT_SUPPORTED",
          message: expect.stringMatching(/dedicated workers.*new Worker.*backend-level.*backend-file/),
        });
      }
    }
    medium.hasSyncHandles = true;
    expect(medium.paths).toEqual([]);
  });

  it("is ZSPINE_IO where the page may not store data, and says what to do", async () => {
    const medium = new FakeOpfs();
    medium.root = () => Promise.reject(new DOMException("not here", "SecurityError"));
    await expect(defineOpfs(medium)({ location: "app" }).open()).rejects.toMatchObject({
      code: "ZSPINE_IO",
      message: expect.stringMatching(/SecurityError.*private windows.*memory\(\)/),
    });
  });
});
