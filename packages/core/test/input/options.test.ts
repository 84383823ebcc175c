import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  ANY,
  BOOLEAN,
  checkOptions,
  FUNCTION,
  numberWithin,
  oneOf,
  SIGNAL,
} from "../../src/input/options.ts";

const KINDS = {
  signal: SIGNAL,
  isLoud: BOOLEAN,
  onEnd: FUNCTION,
  rows: numberWithin(1, 8, true),
  ms: numberWithin(0.5, 8, false),
  mode: oneOf("a", "b"),
  data: ANY,
};

const SYMBOL = Symbol("rows");

class Settings {
  readonly isLoud = true;
}

describe("checkOptions()", () => {
  it.each([
    {},
    {
      signal: new AbortController().signal,
      isLoud: false,
      onEnd: () => 0,
      rows: 8,
      ms: 0.5,
      mode: "b",
      data: null,
    },
    { signal: { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined } },
    { isLoud: undefined, rows: undefined },
    Object.assign(Object.create(null) as object, { rows: 1 }),
    runInNewContext("({ rows: 1 })") as object,
  ])("takes what is known and of its kind: %#", (options) => {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    expect(checkOptions(options, "call", KINDS)).toEqual(Object.fromEntries(given));
  });

  it("reads each option once, and gives back what it checked", () => {
    let reads = 0;
    const options = {
      get rows() {
        return ++reads;
      },
    };
    const checked = checkOptions(options, "call", KINDS);
    expect([checked.rows, checked.rows, reads]).toEqual([1, 1, 1]);
  });

  it.each([
    [{ signal: 5 }, ["call", "signal"], "an AbortSignal"],
    [{ signal: { addEventListener: () => undefined } }, ["call", "signal"], "an AbortSignal"],
    [{ signal: { aborted: false, addEventListener: () => 0 } }, ["call", "signal"], "an AbortSignal"],
    [{ signal: null }, ["call", "signal"], "found null"],
    [{ isLoud: 1 }, ["call", "isLoud"], "true or false"],
    [{ onEnd: "x" }, ["call", "onEnd"], "a function"],
    [{ rows: 1.5 }, ["call", "rows"], "a whole number from 1 to 8"],
    [{ rows: NaN }, ["call", "rows"], "found NaN"],
    [{ ms: "4" }, ["call", "ms"], "a number from 0.5 to 8"],
    [{ mode: "c" }, ["call", "mode"], '"a" or "b"'],
    [{ sginal: 1 }, ["call", "sginal"], 'did you mean "signal"?'],
    [{ constructor: 1 }, ["call", "constructor"], '"isLoud"'],
    [new AbortController().signal, ["call"], "{ signal: … }"],
    [true, ["call"], "{ isLoud: … }"],
    [null, ["call"], "found null"],
    [[], ["call"], "an array of 0"],
    [new Map(), ["call"], "a Map"],
    [new Settings(), ["call"], "a Settings"],
    [
      Object.create(Object.assign(Object.create(null) as object, { rows: 9 })),
      ["call"],
      "an object of options",
    ],
    [{ [SYMBOL]: 1 }, ["call", SYMBOL], "there is no such name here"],
    [Object.defineProperty({}, "row", { value: 1 }), ["call", "row"], 'did you mean "rows"?'],
    [Object.defineProperty({}, "rows", { value: 9 }), ["call", "rows"], "found 9"],
  ])("refuses what is not, with the path: %#", (options, path, says) => {
    const error = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path });
    const call = (): void => {
      checkOptions(options, "call", KINDS);
    };
    expect(call).toThrowError(error);
    expect(call).toThrowError(says);
  });
});
