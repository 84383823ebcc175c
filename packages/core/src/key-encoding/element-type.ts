/** How the elements of a typed array lie in a key: big-endian, and so turned that bytes are in numeric order. */
interface ElementType {
  /** Its byte in keys, for ever. */
  readonly id: number;
  readonly type: { new (length: number): AnyElements; readonly BYTES_PER_ELEMENT: number };
  readonly order: "unsigned" | "signed" | "float";
  /** What the methods of `DataView` call it. */
  readonly name: `${"Int" | "Uint"}${8 | 16 | 32}` | `Float${32 | 64}` | `Big${"Int" | "Uint"}64`;
}

/** A typed array, seen as what all of them have. */
interface AnyElements {
  readonly length: number;
  [index: number]: number | bigint;
}

// Bytes themselves are not among them: they are a type of their own.
const ELEMENT_TYPES: readonly ElementType[] = [
  { id: 1, type: Int8Array, order: "signed", name: "Int8" },
  { id: 2, type: Uint8ClampedArray, order: "unsigned", name: "Uint8" },
  { id: 3, type: Int16Array, order: "signed", name: "Int16" },
  { id: 4, type: Uint16Array, order: "unsigned", name: "Uint16" },
  { id: 5, type: Int32Array, order: "signed", name: "Int32" },
  { id: 6, type: Uint32Array, order: "unsigned", name: "Uint32" },
  { id: 7, type: Float32Array, order: "float", name: "Float32" },
  { id: 8, type: Float64Array, order: "float", name: "Float64" },
  { id: 9, type: BigInt64Array, order: "signed", name: "BigInt64" },
  { id: 10, type: BigUint64Array, order: "unsigned", name: "BigUint64" },
];

/** Gives the id of the type of `view` and its elements as bytes; `undefined` for views of another type. */
export function elementBytes(
  view: ArrayBufferView,
): { readonly id: number; readonly bytes: Uint8Array } | undefined {
  const found = ELEMENT_TYPES.find(({ type }) => view instanceof type);
  if (found === undefined) return undefined;
  const { id, name, order } = found;
  const size = found.type.BYTES_PER_ELEMENT;
  const elements = view as unknown as AnyElements;
  const bytes = new Uint8Array(elements.length * size);
  const to = new DataView(bytes.buffer);
  for (let i = 0; i < elements.length; i++) {
    const at = i * size;
    const value = elements[i]!;
    // One type stands for all ten: what is read is what the array holds.
    to[`set${name}` as "setFloat64"](at, value as number);
    if (order === "unsigned") continue;
    if (order === "float") settle(to, at, size, value as number);
    const isNegative = bytes[at]! >= 0x80;
    bytes[at]! ^= 0x80;
    if (order === "float" && isNegative) turnMagnitude(bytes, at, size);
  }
  return { id, bytes };
}

/** Makes the typed array that {@link elementBytes} gave `id` and `bytes` of; `undefined` where it did not. */
export function typedArrayOf(id: number, bytes: Uint8Array): unknown {
  const found = ELEMENT_TYPES.find((candidate) => candidate.id === id);
  if (found === undefined) return undefined;
  const { name, order } = found;
  const size = found.type.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) return undefined;
  const copy = new Uint8Array(bytes);
  const from = new DataView(copy.buffer);
  const elements = new found.type(copy.length / size);
  for (let at = 0; at < copy.length; at += size) {
    if (order !== "unsigned") copy[at]! ^= 0x80;
    if (order === "float" && copy[at]! >= 0x80) turnMagnitude(copy, at, size);
    const value: number | bigint = from[`get${name}` as "getFloat64"](at);
    if (order === "float" && !isSettled(from, at, size, value)) return undefined;
    elements[at / size] = value;
  }
  return elements;
}

function turnMagnitude(bytes: Uint8Array, at: number, size: number): void {
  bytes[at]! ^= 0x7f;
  for (let i = at + 1; i < at + size; i++) bytes[i]! ^= 0xff;
}

/** Writes the one form of 0 and of NaN over any other. */
function settle(to: DataView, at: number, size: number, value: number): void {
  if (value === 0) to.setUint8(at, 0);
  if (value === value) return;
  to.setUint32(at, size === 4 ? 0x7fc00000 : 0x7ff80000);
  if (size === 8) to.setUint32(at + 4, 0);
}

function isSettled(from: DataView, at: number, size: number, value: number): boolean {
  if (value === 0) return from.getUint8(at) === 0;
  if (value === value) return true;
  return size === 4
    ? from.getUint32(at) === 0x7fc00000
    : from.getUint32(at) === 0x7ff80000 && from.getUint32(at + 4) === 0;
}
