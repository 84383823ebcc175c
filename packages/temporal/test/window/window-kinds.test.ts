import { describe, expect, it } from "vitest";
import { session, sliding, tumbling } from "../../src/index.ts";

const refusals: readonly (readonly [string, () => unknown, readonly string[]])[] = [
  ["no options", () => tumbling(undefined as never), ["tumbling"]],
  ["a size alone", () => tumbling(60 as never), ["tumbling"]],
  ["no size", () => tumbling({} as never), ["tumbling", "size"]],
  ["a size of 0", () => tumbling({ size: 0 }), ["tumbling", "size"]],
  ["half a time", () => tumbling({ size: 1.5 }), ["tumbling", "size"]],
  ["windows without end", () => tumbling({ size: Infinity }), ["tumbling", "size"]],
  ["an offset that is no time", () => tumbling({ size: 1, offset: 0.5 }), ["tumbling", "offset"]],
  ["a step where there is none", () => tumbling({ size: 1, step: 1 } as never), ["tumbling", "step"]],
  ["no step", () => sliding({ size: 1 } as never), ["sliding", "step"]],
  ["a step back", () => sliding({ size: 1, step: -1 }), ["sliding", "step"]],
  ["a gap of text", () => session({ gap: "1" as never }), ["session", "gap"]],
  ["a misspelt gap", () => session({ gpa: 1 } as never), ["session", "gpa"]],
];

describe("tumbling(), sliding(), session()", () => {
  it.each(refusals)("refuse %s", (_, make, path) => {
    expect(make).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path }));
  });

  it("say how they are called", () => {
    expect(() => sliding({ size: 1 } as never)).toThrow("write sliding({ size: …, step: … })");
  });

  it("take an offset that is undefined for none", () => {
    expect(() => tumbling({ size: 1, offset: undefined })).not.toThrow();
  });
});
