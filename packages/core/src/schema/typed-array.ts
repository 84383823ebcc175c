/**
 * What a typed array is in earnest: its name, length and memory as the runtime keeps them, which no subclass, proxy
 * or prototype of the caller's can change, and which therefore hold while its elements are copied.
 */

/** A typed array of integers that a double holds. */
type IntegerArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

interface IntegerArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): IntegerArray;
}

const INTEGERS: readonly (readonly [name: string, type: IntegerArrayType])[] = [
  ["Int8Array", Int8Array],
  ["Uint8Array", Uint8Array],
  ["Int16Array", Int16Array],
  ["Uint16Array", Uint16Array],
  ["Int32Array", Int32Array],
  ["Uint32Array", Uint32Array],
];

const PROTOTYPE = Object.getPrototypeOf(Uint8Array.prototype) as object;
const nameOf = getterOf(Symbol.toStringTag);
const lengthOf = getterOf("length");
const bufferOf = getterOf("buffer");
const offsetOf = getterOf("byteOffset");

function getterOf(name: PropertyKey): (this: unknown) => unknown {
  // They are there in every runtime: the language says so.
  return Object.getOwnPropertyDescriptor(PROTOTYPE, name)!.get!;
}

/** Names the type of a typed array: `"Int32Array"`; `undefined` for whatever else. */
export function typedArrayName(value: unknown): string | undefined {
  return nameOf.call(value) as string | undefined;
}

/** Counts the elements of a typed array. */
export function typedArrayLength(value: ArrayBufferView): number {
  return lengthOf.call(value) as number;
}

/**
 * Gives elements `[from, end)` of a typed array as a view; `undefined` when it has fewer, or is not of integers that
 * a double holds.
 */
export function integerRange(value: unknown, from: number, end: number): IntegerArray | undefined {
  const name = typedArrayName(value);
  const type = INTEGERS.find((known) => known[0] === name)?.[1];
  if (type === undefined || typedArrayLength(value as ArrayBufferView) < end) return undefined;
  const offset = (offsetOf.call(value) as number) + from * type.BYTES_PER_ELEMENT;
  return new type(bufferOf.call(value) as ArrayBuffer, offset, end - from);
}
