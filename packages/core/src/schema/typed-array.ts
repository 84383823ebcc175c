/**
 * What a typed array is in earnest: its name and length as the runtime keeps them, which no subclass, proxy or
 * prototype of the caller's can change, and which therefore hold while its elements are copied.
 */

type TypedArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

const PROTOTYPE = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const nameGetter = getter(Symbol.toStringTag);
const lengthGetter = getter("length");
const { subarray } = PROTOTYPE;

function getter(name: PropertyKey): (this: unknown) => unknown {
  // Both are there in every runtime: the language says so.
  return Object.getOwnPropertyDescriptor(PROTOTYPE, name)!.get!;
}

/** Names the type of a typed array: `"Int32Array"`; `undefined` for whatever else. */
export function typedArrayName(value: unknown): string | undefined {
  return nameGetter.call(value) as string | undefined;
}

/** Counts the elements of a typed array. */
export function typedArrayLength(value: ArrayBufferView): number {
  return lengthGetter.call(value) as number;
}

/** Gives elements `[from, end)` of a typed array as a view of the same type; `undefined` when it has fewer. */
export function typedArrayRange(value: ArrayBufferView, from: number, end: number): TypedArray | undefined {
  const range = subarray.call(value as Uint8Array, from, end);
  // A subclass says what it is made by.
  const isRange = typedArrayName(range) === typedArrayName(value) && typedArrayLength(range) === end - from;
  return isRange ? range : undefined;
}
