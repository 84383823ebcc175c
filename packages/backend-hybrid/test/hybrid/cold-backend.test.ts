import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { coldBackend, isOpener } from "../../src/hybrid/cold-backend.ts";
import { hybrid } from "../../src/index.ts";

const opener: BackendOpener = file({ location: "./data" });

describe("coldBackend()", () => {
  it("takes a backend that is still to be opened, and one that is open", () => {
    const open = { ...forward(memory()), type: "mine" };
    expect(coldBackend(opener, undefined)).toBe(opener);
    expect(coldBackend(open, undefined)).toBe(open);
    expect([isOpener(opener), isOpener(open)]).toEqual([true, false]);
  });

  it("has a name made by the registry, and looks at what that gives", () => {
    const byName = (config: unknown): Backend | BackendOpener =>
      config === "memory" ? memory() : file(config as { location: string });
    const made = coldBackend({ type: "file", location: "./data" }, (config) =>
      byName({ location: (config as { location?: string }).location }),
    );
    expect(made.type).toBe("file");
    expect(() => coldBackend("memory", byName)).toThrowError(/what is spilled there stays in memory/);
  });

  it.each([
    [undefined, /there is no default, for a temporary directory may be memory too: write cold: file\(/],
    [file, /a plugin has to be called: write cold: file\(\{ location: … \}\)/],
    [Promise.resolve(opener), /wait for it: cold: await …/],
    ["./data", /for a directory write cold: file\(\{ location: "\.\/data" \}\)/],
    ["C:\\data", /for a directory write/],
    ["file", /a name needs a registry: createRegistry\(\[hybrid, file\]\)/],
    [{ type: "level", location: "x" }, /createRegistry\(\[hybrid, level\]\)/],
    [memory(), /what is spilled there stays in memory/],
    [hybrid({ cold: opener }), /it has a budget already/],
    [null, /found null/],
    [5, /found 5/],
    [{ location: "x" }, /found an object/],
  ])("MT11 refuses %s and says what to write", (given, message) => {
    const refusal = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["hybrid", "cold"] });
    expect(() => coldBackend(given, undefined)).toThrowError(refusal);
    expect(() => coldBackend(given, undefined)).toThrowError(message);
  });
});
