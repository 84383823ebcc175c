import { describe, expect, it } from "vitest";
import { numberWithin, requireOptions, text } from "../../src/index.ts";

const kinds = { location: text("the path of a directory"), port: numberWithin(1, 65535, true) };
const errorOf = (options: unknown): unknown => {
  try {
    return requireOptions(options as object, "serve", kinds);
  } catch (error) {
    return error;
  }
};

describe("requireOptions()", () => {
  it("gives back options that are all there", () => {
    const options = { location: "here", port: 80 };
    expect(requireOptions(options, "serve", kinds)).toEqual(options);
  });

  it.each([
    [
      undefined,
      ["serve"],
      "serve: expected an object of options, found undefined; write serve({ location: …, port: … })",
    ],
    [
      null,
      ["serve"],
      "serve: expected an object of options, found null; write serve({ location: …, port: … })",
    ],
    ["here", ["serve"], 'serve: expected an object of options, found "here"; write { location: … }'],
    [
      {},
      ["serve", "location"],
      "serve.location: expected the path of a directory, found undefined; write serve({ location: …, port: … })",
    ],
    [
      { location: "here" },
      ["serve", "port"],
      "serve.port: expected a whole number from 1 to 65535, found undefined; write serve({ location: …, port: … })",
    ],
    [
      { location: "", port: 80 },
      ["serve", "location"],
      'serve.location: expected the path of a directory, found ""',
    ],
    [
      { location: "a\u0000b", port: 80 },
      ["serve", "location"],
      'serve.location: expected the path of a directory, found "a\\u0000b"',
    ],
    [
      { location: "here", prot: 80 },
      ["serve", "prot"],
      'serve.prot: there is no such name here; expected one of "location", "port"; did you mean "port"?; write serve({ location: …, port: … })',
    ],
  ])(
    "refuses %j with ZSPINE_INVALID_OPTIONS, where it stands, what was expected and what was found",
    (options, path, message) => {
      expect(errorOf(options)).toMatchObject({ code: "ZSPINE_INVALID_OPTIONS", path, message });
    },
  );
});
