import type { SerializerOptions } from "@zspine/core";
import { assert, assertSame, assertThrows } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import type { FormatCase } from "./format-case.ts";
import { assertUnpolluted } from "./hostile-cases.ts";
import { nest } from "./sample-values.ts";

class Box {
  readonly content: unknown;
  constructor(content: unknown) {
    this.content = content;
  }
}

const box = {
  id: 1,
  class: Box,
  encode: ({ content }: Box) => content,
  decode: (content: unknown) => new Box(content),
};

const WRAPS: readonly ((inner: unknown) => unknown)[] = [
  (inner) => [inner],
  (inner) => ({ a: inner }),
  (inner) => ({ "\ud800": inner }),
  (inner) => new Map([["a", inner]]),
  (inner) => new Map([[inner, "a"]]),
  (inner) => new Set([inner]),
  (inner) => new Box(inner),
];

const PATHS: readonly (readonly [value: () => unknown, path: string])[] = [
  [() => () => 1, ""],
  [() => ({ a: [1, { b: Symbol("s") }] }), "a.1.b"],
  [() => [[], [undefined, new Date(NaN)]], "1.1"],
  [() => new Map([["key", { a: new WeakMap() }]]), "key.a"],
  [() => new Set([[1], [new Error("no")]]), "1.0"],
  [() => Object.fromEntries([["__proto__", [/a/]]]), "__proto__.0"],
  [() => ({ a: 1, b: { [Symbol("s")]: 1 } }), "b"],
  [() => [new (class extends Array {})()], "0"],
  [() => ({ a: new DataView(new ArrayBuffer(8)) }), "a"],
];

function cycle(): unknown {
  const inner: Record<string, unknown> = { a: 1 };
  inner["again"] = [inner];
  return { start: inner };
}

function thrower(): unknown {
  return {
    a: {
      get b() {
        throw new RangeError("a getter");
      },
    },
  };
}

/** Limits, refusals that tell where, and keys that are names of prototypes. */
export const limitCases: readonly FormatCase[] = [
  {
    name: "H5 encode() and decode() hold values of depthMax levels and refuse one more, of every kind",
    run({ create }) {
      const [shallow, deep] = [50, 60].map((depthMax) => create({ depthMax, extensions: [box] }));
      assert(shallow !== undefined && deep !== undefined, "serializers");
      for (const [at, wrap] of WRAPS.entries()) {
        shallow.decode(shallow.encode(nest(50, wrap)));
        assertThrows("ZSPINE_ENCODE", () => shallow.encode(nest(51, wrap)), `encode(), kind ${at}`);
        assertThrows(
          "ZSPINE_DECODE",
          () => shallow.decode(deep.encode(nest(51, wrap))),
          `decode(), kind ${at}`,
        );
      }
    },
  },
  {
    name: "H5 decode() throws ZSPINE_DECODE for values too deep also where it knows no such extension",
    run({ create }) {
      const writer = create({ depthMax: 500, extensions: [box] });
      assertThrows(
        "ZSPINE_DECODE",
        () => create({ depthMax: 50 }).decode(writer.encode(nest(400, WRAPS[6]))),
        "it",
      );
    },
  },
  {
    name: "H5 encode() and decode() hold values of 500 levels, the most that depthMax may say",
    run({ create }) {
      const serializer = create({ depthMax: 500, extensions: [box] });
      for (const wrap of WRAPS) serializer.decode(serializer.encode(nest(500, wrap)));
    },
  },
  {
    name: "H5 encode() and decode() throw for more than bytesMax bytes",
    run({ create }) {
      const serializer = create({ bytesMax: 1000 });
      serializer.decode(serializer.encode(new Uint8Array(900)));
      const bytes = create().encode(new Uint8Array(1001));
      assertThrows("ZSPINE_ENCODE", () => serializer.encode(new Uint8Array(1001)), "encode()");
      assertThrows("ZSPINE_DECODE", () => serializer.decode(bytes), "decode()");
      const sparse: unknown[] = [];
      sparse.length = 2 ** 32 - 1;
      assertThrows("ZSPINE_ENCODE", () => serializer.encode(sparse), "encode() of an array of 2³² − 1 holes");
    },
  },
  {
    name: "H5 encode() throws ZSPINE_ENCODE for one object so often in others that its bytes would be beyond bytesMax",
    run({ create }) {
      let value: unknown = [1];
      for (let at = 0; at < 40; at++) value = [value, value];
      assertThrows("ZSPINE_ENCODE", () => create({ bytesMax: 10_000 }).encode(value), "encode()");
    },
  },
  {
    name: "H5 encode() throws ZSPINE_ENCODE for more numeric keys than an engine keeps apart in time, whoever chose them",
    run({ create, random }) {
      const serializer = create();
      const bigints = Array.from(
        { length: 2 ** 15 + 1 },
        (_, at) => (BigInt(random.uint32()) << 32n) + BigInt(at),
      );
      assertThrows("ZSPINE_ENCODE", () => serializer.encode(new Set(bigints)), "a Set of bigints");
      const map = new Map(bigints.map((key) => [key, 1]));
      assertThrows("ZSPINE_ENCODE", () => serializer.encode([map]), "a Map from bigints");
      serializer.decode(serializer.encode(new Set(bigints.slice(1))));
      serializer.decode(serializer.encode(bigints));
    },
  },
  {
    name: "H5 encode() names the path of what it refuses",
    run({ create }) {
      for (const [make, path] of PATHS) {
        const error = assertThrows("ZSPINE_ENCODE", () => create().encode(make()), path);
        assertSame(error.path.join("."), path, "the path");
      }
      const found = assertThrows("ZSPINE_ENCODE", () => create().encode(cycle()), "a cycle");
      assertSame(found.path.join("."), "start.again.0", "the path of the cycle");
      const thrown = assertThrows("ZSPINE_ENCODE", () => create().encode(thrower()), "a getter");
      assertSame(thrown.path.join("."), "a.b", "the path of the getter");
      assert(thrown.cause instanceof RangeError, "the cause is what the getter threw");
    },
  },
  {
    name: "H5 decode() makes keys like __proto__ own properties as others, of objects like others",
    run({ create }) {
      const serializer = create();
      assertUnpolluted(() => {
        for (const key of ["__proto__", "constructor", "prototype", "__defineGetter__", "toString"]) {
          const text = `{"${key}":{"polluted":{"${key}":[{"${key}":1}]}},"b":2}`;
          const value = JSON.parse(text) as object;
          const found = serializer.decode(serializer.encode(value)) as Record<string, unknown>;
          assertSame(canonicalText(found), canonicalText(value), text);
          assertSame(Object.getPrototypeOf(found), Object.prototype, `${text}: its prototype`);
          assert(Object.hasOwn(found, key), `${text}: an own property`);
          assert(!("polluted" in found), `${text}: the prototype has got a property`);
        }
      });
    },
  },
  {
    name: "H5 decode() gives back bigints of 64 KiB",
    run({ create }) {
      const serializer = create();
      for (const value of [2n ** 524_287n, -(3n ** 330_000n)]) {
        assert(serializer.decode(serializer.encode(value)) === value, "the bigint");
      }
    },
  },
  {
    name: "H5 decode() throws a TypeError for what is no Uint8Array",
    run({ create }) {
      for (const wrong of ["text", [1], new ArrayBuffer(1), null, new Float64Array(1)]) {
        let found: unknown;
        try {
          create().decode(wrong as never);
        } catch (error) {
          found = error;
        }
        assert(found instanceof TypeError, "decode() throws a TypeError");
      }
    },
  },
  {
    name: "options that are unknown or out of range are ZSPINE_INVALID_OPTIONS naming the path",
    run({ create }) {
      const wrong: readonly (readonly [SerializerOptions, string])[] = [
        [{ depthMax: 49 }, "depthMax"],
        [{ depthMax: 501 }, "depthMax"],
        [{ bytesMax: 0 }, "bytesMax"],
        [{ bytesMax: 1.5 }, "bytesMax"],
        [{ bytesMax: "1" as never }, "bytesMax"],
      ];
      for (const [options, name] of wrong) {
        const { path } = assertThrows("ZSPINE_INVALID_OPTIONS", () => create(options), name);
        assertSame(path.at(-1), name, "the path");
      }
      const { message } = assertThrows(
        "ZSPINE_INVALID_OPTIONS",
        () => create({ dephtMax: 60 } as never),
        "it",
      );
      assert(message.includes("dephtMax"), `the message names the option: ${message}`);
    },
  },
];
