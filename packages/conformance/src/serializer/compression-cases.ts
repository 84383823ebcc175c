import { deflate, type Compression } from "@zspine/core";
import { assert, assertSame, assertSameBytes, assertThrows } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import type { FormatCase } from "./format-case.ts";
import { reorder } from "./random-value.ts";
import { SAMPLE_VALUES, samplesUpTo } from "./sample-values.ts";

const LONG = { list: Array.from({ length: 200 }, (_, at) => ({ name: "a name", at: at % 7 })) };
const BOMB_BYTES = 2 ** 22;

/** A compression that gives what it is told to, whatever it is given. */
function forged(bytes: Uint8Array, id = 1): Compression {
  return { ...deflate(), name: "forged", id, compress: () => bytes };
}

/** Compressed values, and what pretends to be some. */
export const compressionCases: readonly FormatCase[] = [
  {
    name: "H4 encode() makes long values shorter, and leaves those that are short or would grow as they are",
    run({ create, random }) {
      const [plain, compressing] = [create(), create({ compression: "deflate" })];
      const ratio = compressing.encode(LONG).length / plain.encode(LONG).length;
      assert(ratio < 0.5, `the long value has ${ratio} times its length`);
      for (const value of [7, "x".repeat(50), random.bytes(1000)]) {
        assertSameBytes(compressing.encode(value), plain.encode(value), "a value that does not get shorter");
      }
    },
  },
  {
    name: "H4 encode() compresses from compressionMinBytes on, 64 by default",
    run({ create }) {
      const text = (length: number) => "x".repeat(length);
      const plain = create();
      const at = (bytes: number) => {
        let length = bytes;
        while (plain.encode(text(length)).length > bytes) length--;
        return text(length);
      };
      const isCompressed = (value: unknown, compressionMinBytes?: number) => {
        const options = compressionMinBytes === undefined ? {} : { compressionMinBytes };
        const serializer = create({ compression: "deflate", ...options });
        return serializer.encode(value).length < plain.encode(value).length;
      };
      assertSame(isCompressed(at(63)), false, "63 bytes");
      assertSame(isCompressed(at(64)), true, "64 bytes");
      assertSame(isCompressed(at(63), 63), true, "63 bytes of at least 63");
      assertSame(isCompressed(LONG, 100_000), false, "fewer bytes than are asked for");
    },
  },
  {
    name: "H4 decode() reads plain and compressed values, whether it compresses or not",
    run({ create }) {
      const all = [create(), create({ compression: "deflate" }), create({ compression: deflate() })];
      for (const writer of all) {
        for (const reader of all) {
          for (const { name, make } of SAMPLE_VALUES) {
            const found = reader.decode(writer.encode(make()));
            assert(canonicalText(found) === canonicalText(make()), `${name} is another value`);
          }
        }
      }
    },
  },
  {
    name: "H4 H11 encode() that compresses gives equal values equal bytes",
    isSeeded: true,
    run({ create, random }) {
      const serializer = create({ compression: "deflate", compressionMinBytes: 0 });
      for (const { name, make } of samplesUpTo(4000)) {
        assertSameBytes(serializer.encode(reorder(random, make())), serializer.encode(make()), name);
      }
    },
  },
  {
    name: "H4 name tells the compression and from where on, for equal values have other bytes with it",
    run({ create }) {
      const names = [
        create(),
        create({ compression: "deflate" }),
        create({ compression: "deflate", compressionMinBytes: 9 }),
      ];
      assertSame(new Set(names.map(({ name }) => name)).size, 3, "different names");
      assertSame(new Set(names.map(({ id }) => id)).size, 1, "different ids");
    },
  },
  {
    name: "H4 decode() throws ZSPINE_DECODE, naming the id, for a compression that it does not know",
    run({ create }) {
      const reversing: Compression = {
        name: "reversing",
        id: 200,
        compress: (bytes) => deflate().compress(bytes).reverse(),
        decompress: (bytes, rawLength) => deflate().decompress(bytes.slice().reverse(), rawLength),
      };
      const writer = create({ compression: reversing });
      const bytes = writer.encode(LONG);
      assert(canonicalText(writer.decode(bytes)) === canonicalText(LONG), "its own value");
      const { message } = assertThrows("ZSPINE_DECODE", () => create().decode(bytes), "decode()");
      assert(/compression 200\b/.test(message), `the message names it: ${message}`);
    },
  },
  {
    name: "H5 decode() throws ZSPINE_DECODE for bytes that decompress to more, to fewer, or not at all",
    run({ create }) {
      const longer = new Uint8Array(100_000);
      const length = create().encode(longer).length;
      const { compress } = deflate();
      const lies = [
        compress(new Uint8Array(length + 1)),
        compress(new Uint8Array(length - 1)),
        compress(new Uint8Array(BOMB_BYTES)),
        compress(create().encode(longer)).slice(0, -1),
        compress(create().encode(longer)).slice(1),
        Uint8Array.of(),
        Uint8Array.of(0xff, 0xff),
        compress(new Uint8Array(length).fill(0xc1)),
      ];
      for (const [at, lie] of lies.entries()) {
        const bytes = create({ compression: forged(lie) }).encode(longer);
        assert(bytes.length < 10_000, `lie ${at} is compressed`);
        assertThrows("ZSPINE_DECODE", () => create().decode(bytes), `lie ${at}`);
      }
    },
  },
  {
    name: "H5 decode() throws ZSPINE_DECODE for what says it is beyond bytesMax, before it is decompressed",
    run({ create }) {
      const bytes = create({ compression: "deflate" }).encode(new Uint8Array(BOMB_BYTES));
      assert(bytes.length < 10_000, `the bomb has ${bytes.length} bytes`);
      const { message } = assertThrows(
        "ZSPINE_DECODE",
        () => create({ bytesMax: 2 ** 20 }).decode(bytes),
        "it",
      );
      assert(message.includes("bytesMax"), `the message names the option: ${message}`);
    },
  },
  {
    name: "H5 decode() throws ZSPINE_DECODE for a compressed value in a compressed value",
    run({ create }) {
      const inner = create({ compression: "deflate" }).encode(LONG);
      let length = inner.length;
      while (create().encode(new Uint8Array(length)).length > inner.length) length--;
      const outer = create({ compression: forged(deflate().compress(inner)), compressionMinBytes: 0 });
      const bytes = outer.encode(new Uint8Array(length));
      assertThrows("ZSPINE_DECODE", () => create().decode(bytes), "decode()");
    },
  },
  {
    name: "H4 options with a compression that is none are ZSPINE_INVALID_OPTIONS",
    run({ create }) {
      for (const compression of ["lz4", {}, { ...deflate(), id: 0 }, { ...deflate(), compress: 1 }]) {
        assertThrows(
          "ZSPINE_INVALID_OPTIONS",
          () => create({ compression: compression as never }),
          "create()",
        );
      }
      assertThrows("ZSPINE_INVALID_OPTIONS", () => create({ compressionMinBytes: -1 }), "create()");
    },
  },
];
