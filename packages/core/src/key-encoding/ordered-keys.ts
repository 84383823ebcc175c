import type { Serializer } from "../serializer/serializer.ts";
import { decodeKey } from "./decode-key.ts";
import { encodeKey, sizeOfKey } from "./encode-key.ts";

/**
 * Makes a serializer whose bytes are in the order of the values, so that opaque columns are ordered by what
 * they hold: `layoutOf(z.union([z.string(), z.number()]), value, { serializer: orderedKeys() })` has all
 * numbers in numeric order before all text. It is a plugin too: `createRegistry([orderedKeys])` knows it by
 * the name `ordered`.
 *
 * Use it where opaque **keys** are read in order or by ranges: unions, arrays of any length, bigints of any
 * size. Use another serializer where opaque parts only have to be there and equal: the bytes of those are
 * fewer (9 for each number here) and they know classes of your own. One serializer serves all of a layout,
 * and this one holds everything that the contract of a `Serializer` names.
 *
 * | bytes | in ascending order |
 * |---|---|
 * | those of `encodeKey(value)`, whose comment has the layout | undefined, null, booleans, numbers, bigints, Dates, text, bytes, typed arrays, arrays, objects, Maps, Sets |
 */
export const orderedKeys: (() => Serializer) & {
  readonly kind: "serializer";
  readonly type: "ordered";
} = /* @__PURE__ */ Object.assign(
  (): Serializer => ({
    name: "ordered",
    id: 3,
    encode: encodeKey,
    decode: decodeKey,
    estimateSize: sizeOfKey,
  }),
  { kind: "serializer", type: "ordered" } as const,
);
