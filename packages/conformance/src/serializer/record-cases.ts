import { assert, assertSame, assertSameBytes } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import type { FormatCase } from "./format-case.ts";
import { SAMPLE_VALUES, samplesUpTo } from "./sample-values.ts";

const record = (id: number) => ({ id, name: `name ${id}`, price: id * 1.5 });
const BRIEF = samplesUpTo(4000);

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [canonicalText(actual), canonicalText(expected)];
  assert(found === wanted, `${what}: expected ${wanted.slice(0, 200)}, found ${found.slice(0, 200)}`);
}

/** Records as applications have them, and who owns what. */
export const recordCases: readonly FormatCase[] = [
  {
    name: "H1 T14 decode() gives back a record of an integer, text and a float",
    run({ create }) {
      const serializer = create();
      assertEqual(serializer.decode(serializer.encode(record(7))), record(7), "the record");
    },
  },
  {
    name: "H1 T15 estimateSize() is exactly the length of encode(), compressed or not",
    run({ create }) {
      for (const serializer of [create(), create({ compression: "deflate", compressionMinBytes: 0 })]) {
        for (const { name, make } of SAMPLE_VALUES) {
          assertSame(serializer.estimateSize(make()), serializer.encode(make()).length, name);
        }
      }
    },
  },
  {
    name: "H3 T18 decode() tells undefined, null and what is missing apart",
    run({ create }) {
      const serializer = create();
      const options = [
        undefined,
        null,
        {},
        { a: undefined },
        { a: null },
        [],
        [undefined],
        [null],
        [undefined, 1],
      ];
      const encodings = options.map((value) => serializer.encode(value));
      for (const [at, bytes] of encodings.entries()) {
        assertEqual(serializer.decode(bytes), options[at], `option ${at}`);
        const found = encodings.filter((other) => other.join(" ") === bytes.join(" "));
        assertSame(found.length, 1, `encodings like that of option ${at}`);
      }
      assert(!Object.hasOwn(serializer.decode(serializer.encode({})) as object, "a"), "what is missing");
      assert(
        Object.hasOwn(serializer.decode(serializer.encode({ a: undefined })) as object, "a"),
        "undefined",
      );
    },
  },
  {
    name: "H3 T19 decode() gives back a list of records, and a union of them",
    run({ create }) {
      const serializer = create();
      const list = [record(1), record(2), record(3)];
      assertEqual(serializer.decode(serializer.encode(list)), list, "the list");
      const union = [{ kind: "circle", radius: 1 }, { kind: "square", side: 2n }, ["pair", 1]];
      assertEqual(serializer.decode(serializer.encode(union)), union, "the union");
    },
  },
  {
    name: "H3 encode() takes the holes of an array for undefined",
    run({ create }) {
      const serializer = create();
      const sparse = Array.from<unknown>({ length: 4 });
      delete sparse[1];
      sparse[3] = "end";
      assertSameBytes(
        serializer.encode(sparse),
        serializer.encode([undefined, undefined, undefined, "end"]),
        "it",
      );
    },
  },
  {
    name: "H3 encode() gives typed arrays of −0 and of any NaN the bytes of 0 and of NaN, without changing them",
    run({ create }) {
      const serializer = create();
      for (const View of [Float32Array, Float64Array]) {
        const odd = new View([-0, NaN, 1]);
        new Uint8Array(odd.buffer)[odd.BYTES_PER_ELEMENT] = 1;
        const before = new Uint8Array(odd.buffer.slice(0));
        assertSameBytes(serializer.encode(odd), serializer.encode(new View([0, NaN, 1])), View.name);
        assertSameBytes(new Uint8Array(odd.buffer), before, `${View.name}, which is the caller's`);
      }
    },
  },
  {
    name: "H6 decode() gives a record that was written with fewer or more fields as it was written",
    run({ create }) {
      const serializer = create();
      const old = serializer.encode({ id: 1, name: "ann" });
      const recent = serializer.encode({ id: 1, name: "ann", note: "new", more: { a: [1] } });
      assertEqual(serializer.decode(old), { id: 1, name: "ann" }, "the old record");
      const { id, name } = serializer.decode(recent) as Record<string, unknown>;
      assertEqual([id, name], [1, "ann"], "what an old reader asks of the new record");
    },
  },
  {
    name: "H8 encode() and decode() give bytes in buffers of their own, with no other bytes in them",
    run({ create }) {
      for (const serializer of [create(), create({ compression: "deflate" })]) {
        for (const { name, make } of BRIEF) {
          const bytes = serializer.encode(make());
          assertSame(bytes.constructor, Uint8Array, `${name}: the type of the encoding`);
          assertSame(bytes.buffer.byteLength, bytes.length, `${name}: the buffer of the encoding`);
          const value = serializer.decode(bytes);
          if (!ArrayBuffer.isView(value)) continue;
          assertSame(value.buffer.byteLength, value.byteLength, `${name}: the buffer of the value`);
          assert(value.buffer !== bytes.buffer, `${name}: the value lies in the encoding`);
        }
      }
    },
  },
  {
    name: "H8 encode() goes on rightly after values of megabytes, which a library keeps a buffer of",
    run({ create }) {
      const serializer = create();
      const before = serializer.encode(record(1));
      const large = new Uint8Array(3_000_000).fill(7);
      const value = serializer.decode(serializer.encode({ large, text: "é".repeat(1_000_000) }));
      assertSameBytes((value as { large: Uint8Array }).large, large, "the large bytes");
      assertSameBytes(serializer.encode(record(1)), before, "the record after them");
      const text = "ä".repeat(5000);
      assertSame(serializer.decode(serializer.encode(text)), text, "the text after them");
    },
  },
];
