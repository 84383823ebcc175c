import { assert, assertSameBytes } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import { randomValue, reorder } from "./random-value.ts";
import { samplesUpTo } from "./sample-values.ts";
import type { SerializerCase } from "./serializer-case.ts";

const ORDERS = 5;
const RANDOM_VALUES = 300;
/** Samples short enough to be tried over and over. */
const BRIEF = samplesUpTo(4000);

/** Equal values, equal bytes; other values, other bytes. */
export const canonicalCases: readonly SerializerCase[] = [
  {
    name: "encode() gives the same bytes whatever the order of properties, entries and members",
    isSeeded: true,
    run({ serializer, random }) {
      for (const { name, make } of BRIEF) {
        const bytes = serializer.encode(make());
        for (let at = 0; at < ORDERS; at++) {
          assertSameBytes(serializer.encode(reorder(random, make())), bytes, name);
        }
      }
    },
  },
  {
    name: `encode() gives the same bytes for ${RANDOM_VALUES} random values in another order`,
    isSeeded: true,
    run({ serializer, random }) {
      for (let at = 0; at < RANDOM_VALUES; at++) {
        const value = randomValue(random, 4);
        assertSameBytes(
          serializer.encode(reorder(random, value)),
          serializer.encode(value),
          `random value ${at}`,
        );
      }
    },
  },
  {
    name: "encode() gives the same bytes for a value and for what was decoded of it",
    run({ serializer }) {
      for (const { name, make } of BRIEF) {
        const bytes = serializer.encode(make());
        assertSameBytes(serializer.encode(serializer.decode(bytes)), bytes, name);
      }
    },
  },
  {
    name: "encode() gives 0 and −0, which are equal, the same bytes, also inside of other values",
    run({ serializer }) {
      for (const wrap of [(x: number) => x, (x: number) => [x], (x: number) => ({ a: x })]) {
        assertSameBytes(serializer.encode(wrap(-0)), serializer.encode(wrap(0)), "−0");
      }
    },
  },
  {
    name: "encode() gives every NaN the same bytes",
    run({ serializer }) {
      const other = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer)[0];
      assertSameBytes(serializer.encode(other), serializer.encode(NaN), "a NaN of other bits");
    },
  },
  {
    name: "encode() gives different values different bytes",
    run({ serializer }) {
      const texts = new Map<string, string>();
      for (const { name, make } of BRIEF) {
        const value = make();
        const text = canonicalText(value);
        const bytes = serializer.encode(value).join(" ");
        assert((texts.get(bytes) ?? text) === text, `${name}: its bytes are those of another value`);
        texts.set(bytes, text);
      }
    },
  },
];
