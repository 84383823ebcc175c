import { createRegistry } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { file } from "../../src/index.browser.ts";

describe("file() in a browser", () => {
  it("is a plugin that says which backend to take instead, when it is called or asked for by name", () => {
    const refusal = expect.objectContaining({
      code: "ZSPINE_NOT_SUPPORTED",
      message: expect.stringContaining("@zspine/backend-level") as string,
    });
    expect(() => file({ location: "data" })).toThrowError(refusal);
    expect(() => createRegistry([file]).backend({ type: "file", location: "data" })).toThrowError(refusal);
  });
});
