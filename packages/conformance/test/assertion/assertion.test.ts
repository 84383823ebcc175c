import { ZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { assertRejects, assertSame, assertSameBytes, assertSameList, assertThrows } from "../../src/index.ts";

const io = new ZspineError("ZSPINE_IO", "the disk is gone");

describe("assertions say what was expected, what was found, and where", () => {
  it("assertSame()", () => {
    assertSame(NaN, NaN, "it");
    expect(() => assertSame(0, -0, "the sign")).toThrow("the sign: expected -0, found 0");
  });

  it("assertSameList()", () => {
    assertSameList(["a"], ["a"], "it");
    expect(() => assertSameList(["a", "c"], ["a", "b", "c"], "list()")).toThrow(
      'list(): expected 3 items, found 2; at 1 expected "b", found "c"',
    );
  });

  it("assertSameBytes()", () => {
    assertSameBytes(undefined, undefined, "it");
    expect(() => assertSameBytes(undefined, Uint8Array.of(1), "get()")).toThrow(
      "get(): expected 1 bytes (01), found nothing",
    );
    expect(() => assertSameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3), "get()")).toThrow(
      "differ at byte 1",
    );
    expect(() => assertSameBytes([1] as never, Uint8Array.of(1), "get()")).toThrow("expected a Uint8Array");
  });

  it("assertThrows() and assertRejects(), of another code or of none", async () => {
    const fail = () => {
      throw io;
    };
    expect(assertThrows("ZSPINE_IO", fail, "it")).toBe(io);
    expect(await assertRejects("ZSPINE_IO", () => Promise.reject(io), "it")).toBe(io);
    const found = "it: expected ZSPINE_CLOSED, found ZSPINE_IO (the disk is gone)";
    expect(() => assertThrows("ZSPINE_CLOSED", fail, "it")).toThrow(found);
    await expect(assertRejects("ZSPINE_CLOSED", () => Promise.reject(io), "it")).rejects.toThrow(found);
    expect(() => assertThrows("ZSPINE_IO", () => 1, "it")).toThrow(
      "it: expected ZSPINE_IO, but it succeeded with 1",
    );
    await expect(assertRejects("ZSPINE_IO", async () => 1, "it")).rejects.toThrow("but it succeeded with 1");
    await expect(assertRejects("ZSPINE_IO", fail, "it")).rejects.toThrow("expected a promise that rejects");
  });
});
