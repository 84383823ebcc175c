import { MARK } from "./mark.ts";

type TypedArrayType = { new (buffer: ArrayBuffer): ArrayBufferView; readonly BYTES_PER_ELEMENT: number };

// In the order of their codes; a Uint8Array is bytes, which every format has.
const TYPES: readonly (readonly [name: string, type: TypedArrayType])[] = [
  ["Int8Array", Int8Array],
  ["Uint8ClampedArray", Uint8ClampedArray],
  ["Int16Array", Int16Array],
  ["Uint16Array", Uint16Array],
  ["Int32Array", Int32Array],
  ["Uint32Array", Uint32Array],
  ["Float32Array", Float32Array],
  ["Float64Array", Float64Array],
  ["BigInt64Array", BigInt64Array],
  ["BigUint64Array", BigUint64Array],
];

/** Tells whether a code marks a typed array. */
export function isTypedArrayCode(code: number): boolean {
  return code <= MARK.FIRST_VIEW && code > MARK.FIRST_VIEW - TYPES.length;
}

/** Gives code and bytes of a typed array; `undefined` for views of other types. Copies only what it must change. */
export function typedArrayParts(view: ArrayBufferView): { code: number; bytes: Uint8Array } | undefined {
  const name = (view as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  const at = TYPES.findIndex((type) => type[0] === name);
  if (at === -1) return undefined;
  const from = isUnsettled(view) ? settleFloats(view.slice()) : view;
  const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  return { code: MARK.FIRST_VIEW - at, bytes };
}

/** Makes the typed array over the buffer of `bytes`, which nobody else has; `undefined` for half an element. */
export function typedArrayOf(code: number, bytes: Uint8Array): ArrayBufferView | undefined {
  const type = TYPES[MARK.FIRST_VIEW - code]?.[1];
  if (type === undefined || bytes.byteLength % type.BYTES_PER_ELEMENT !== 0) return undefined;
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  const own = isWhole ? bytes : new Uint8Array(bytes);
  return settleFloats(new type(own.buffer as ArrayBuffer));
}

/** Writes the one form of 0 and of NaN over any other, where the elements are floats. Gives `view` back. */
export function settleFloats<T extends ArrayBufferView>(view: T): T {
  if (!isFloats(view)) return view;
  for (let i = 0; i < view.length; i++) {
    const value = view[i]!;
    if (value === 0) view[i] = 0;
    else if (value !== value) view[i] = NaN;
  }
  return view;
}

function isFloats(view: ArrayBufferView): view is Float32Array | Float64Array {
  return view instanceof Float64Array || view instanceof Float32Array;
}

function isUnsettled(view: ArrayBufferView): view is Float32Array | Float64Array {
  return isFloats(view) && view.some((value) => value !== value || Object.is(value, -0));
}
