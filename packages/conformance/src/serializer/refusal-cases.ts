import { isZspineError, type Serializer } from "@zspine/core";
import { assertThrows, describeError, AssertionFailure } from "../assertion/assertion.ts";
import { nest } from "./sample-values.ts";
import type { SerializerCase } from "./serializer-case.ts";

class Unregistered {
  readonly a = 1;
}

function cyclicArray(): unknown {
  const array: unknown[] = [1];
  array.push({ a: array });
  return array;
}

function cyclicMap(): unknown {
  const map = new Map<string, unknown>();
  return map.set("a", new Set([map]));
}

const REFUSED: readonly (readonly [name: string, make: () => unknown])[] = [
  ["a function", () => () => 1],
  ["a symbol", () => Symbol("a")],
  ["a WeakMap", () => new WeakMap()],
  ["a Promise", () => Promise.resolve()],
  ["an object of a class that was not registered", () => new Unregistered()],
  ["an array that holds itself", cyclicArray],
  ["a Map that holds itself", cyclicMap],
];

/** How deep a value is when no stack holds the recursion through it. */
const DEPTH_TOO_DEEP = 200_000;

function assertHeldOrRefused(serializer: Serializer, value: unknown, what: string): void {
  try {
    serializer.decode(serializer.encode(value));
  } catch (error) {
    if (isZspineError(error, "ZSPINE_ENCODE") || isZspineError(error, "ZSPINE_DECODE")) return;
    throw new AssertionFailure(`${what}: expected ZSPINE_ENCODE, found ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** What cannot be encoded is refused, by code, and not made something else. */
export const refusalCases: readonly SerializerCase[] = [
  ...REFUSED.flatMap(([name, make]): SerializerCase[] => [
    {
      name: `encode() and estimateSize() throw ZSPINE_ENCODE for ${name}`,
      run({ serializer }) {
        assertThrows("ZSPINE_ENCODE", () => serializer.encode(make()), "encode()");
        assertThrows("ZSPINE_ENCODE", () => serializer.estimateSize(make()), "estimateSize()");
      },
    },
    {
      name: `encode() throws ZSPINE_ENCODE for ${name} inside of other values`,
      run({ serializer }) {
        for (const outer of [[make()], { a: make() }, new Map([["a", make()]]), new Set([make()])]) {
          assertThrows("ZSPINE_ENCODE", () => serializer.encode(outer), "encode()");
        }
      },
    },
  ]),
  {
    name: "encode() throws ZSPINE_ENCODE for a value that is too deep, and does not run out of stack",
    run({ serializer }) {
      const wraps = [(x: unknown) => [x], (x: unknown) => ({ a: x }), (x: unknown) => new Set([x])];
      for (const wrap of wraps) assertHeldOrRefused(serializer, nest(DEPTH_TOO_DEEP, wrap), "the deep value");
    },
  },
  {
    name: "encode() holds or refuses a date that is none",
    run: ({ serializer }) => assertHeldOrRefused(serializer, new Date(NaN), "the date"),
  },
  {
    name: "encode() goes on as before after it refused a value",
    run({ serializer }) {
      const before = serializer.encode({ a: [1, 2] }).join(" ");
      for (const [name, make] of REFUSED) {
        assertThrows("ZSPINE_ENCODE", () => serializer.encode({ a: [1, make()] }), name);
        const after = serializer.encode({ a: [1, 2] }).join(" ");
        if (after !== before) throw new AssertionFailure(`after ${name}: the bytes of another value changed`);
      }
    },
  },
];
