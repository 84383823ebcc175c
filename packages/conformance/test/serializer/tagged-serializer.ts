import { ZspineError, type Serializer } from "@zspine/core";

// A small correct serializer, against which the serializer suite is proved: a tag, a length, the content.

const DEPTH_MAX = 200;
const VIEWS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
const CONSTANTS = [undefined, null, true, false];
const [NUMBER, BIGINT, TEXT, DATE, ARRAY, OBJECT, MAP, SET, VIEW] = [4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

/** What a mutant of the serializer does otherwise. */
export interface TaggedOptions {
  readonly keepsOrder?: boolean;
  readonly keepsMinusZero?: boolean;
  readonly takesClasses?: boolean;
  readonly depthMax?: number;
  readonly passesOverTail?: boolean;
  readonly assignsKeys?: boolean;
  readonly sharesViews?: boolean;
  readonly padsViews?: boolean;
}

export function taggedSerializer(options: TaggedOptions = {}): Serializer {
  const encode = (value: unknown): Uint8Array => Uint8Array.from(encodeValue(value, 0, new Set(), options));
  return {
    name: "tagged",
    id: 200,
    encode,
    decode: (bytes) => new Reader(bytes, options).readAll(),
    estimateSize: (value) => encode(value).length,
  };
}

function encodeFail(why: string): never {
  throw new ZspineError("ZSPINE_ENCODE", why);
}

function decodeFail(why: string): never {
  throw new ZspineError("ZSPINE_DECODE", why);
}

function lengthBytes(length: number): number[] {
  return [...new Uint8Array(new Uint32Array([length]).buffer)];
}

function doubleBytes(number: number): number[] {
  return [...new Uint8Array(new Float64Array([number]).buffer)];
}

function textBytes(text: string): number[] {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return [...lengthBytes(text.length), ...units.flatMap((unit) => [unit & 0xff, unit >> 8])];
}

function append(target: number[], source: readonly number[]): void {
  for (const byte of source) target.push(byte);
}

function encodeValue(value: unknown, depth: number, outer: Set<object>, options: TaggedOptions): number[] {
  const constant = CONSTANTS.indexOf(value as never);
  if (constant !== -1) return [constant];
  switch (typeof value) {
    case "number":
      return [NUMBER, ...doubleBytes(Number.isNaN(value) ? NaN : options.keepsMinusZero ? value : value + 0)];
    case "bigint":
      return [BIGINT, ...textBytes(String(value))];
    case "string":
      return [TEXT, ...textBytes(value)];
    case "object":
      break;
    default:
      return encodeFail(`no ${typeof value}`);
  }
  const object = value as object;
  if (depth >= (options.depthMax ?? DEPTH_MAX) || outer.has(object)) encodeFail("too deep, or cyclic");
  outer.add(object);
  const bytes = encodeObject(object, (inner) => encodeValue(inner, depth + 1, outer, options), options);
  outer.delete(object);
  return bytes;
}

function encodeObject(value: object, encode: (inner: unknown) => number[], options: TaggedOptions): number[] {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) encodeFail("no date");
    return [DATE, ...doubleBytes(value.getTime())];
  }
  if (ArrayBuffer.isView(value)) {
    const type = VIEWS.findIndex((View) => value instanceof View);
    const content = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return [VIEW, type, ...lengthBytes(content.length), ...content];
  }
  if (Array.isArray(value)) return sequence(ARRAY, value.map(encode), true);
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [...encode(key), ...encode(item)]);
    return sequence(MAP, entries, options.keepsOrder === true);
  }
  if (value instanceof Set) return sequence(SET, [...value].map(encode), options.keepsOrder === true);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !options.takesClasses) encodeFail("a class");
  const entries = Object.entries(value).map(([key, item]) => [...textBytes(key), ...encode(item)]);
  return sequence(OBJECT, entries, options.keepsOrder === true);
}

function sequence(tag: number, items: number[][], isOrdered: boolean): number[] {
  const bytes = [tag, ...lengthBytes(items.length)];
  if (!isOrdered) items.sort(compareBytes);
  for (const item of items) append(bytes, item);
  return bytes;
}

function compareBytes(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #options: TaggedOptions;
  #at = 0;

  constructor(bytes: Uint8Array, options: TaggedOptions) {
    this.#bytes = options.sharesViews ? bytes : bytes.slice();
    this.#options = options;
  }

  readAll(): unknown {
    const value = this.#value(0);
    if (this.#at !== this.#bytes.length && !this.#options.passesOverTail)
      decodeFail("more bytes than a value");
    return value;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) decodeFail("fewer bytes than were claimed");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #length(bytesEach: number): number {
    const length = new Uint32Array(this.#take(4).slice().buffer)[0] as number;
    return length * bytesEach > this.#bytes.length - this.#at
      ? decodeFail("fewer than were claimed")
      : length;
  }

  #double(): number {
    return new Float64Array(this.#take(8).slice().buffer)[0] as number;
  }

  #text(): string {
    const units = this.#take(this.#length(2) * 2);
    let text = "";
    for (let at = 0; at < units.length; at += 2) {
      text += String.fromCharCode((units[at] as number) | ((units[at + 1] as number) << 8));
    }
    return text;
  }

  #value(depth: number): unknown {
    if (depth > (this.#options.depthMax ?? DEPTH_MAX)) decodeFail("too deep");
    const tag = this.#take(1)[0] as number;
    if (tag < CONSTANTS.length) return CONSTANTS[tag];
    if (tag === NUMBER) return this.#double();
    if (tag === BIGINT) return this.#bigint();
    if (tag === TEXT) return this.#text();
    if (tag === DATE) return this.#date();
    if (tag === VIEW) return this.#view();
    const item = (): unknown => this.#value(depth + 1);
    if (tag === ARRAY) return Array.from({ length: this.#length(1) }, item);
    if (tag === OBJECT) return this.#object(item);
    if (tag === MAP) return new Map(Array.from({ length: this.#length(2) }, () => [item(), item()] as const));
    if (tag === SET) return new Set(Array.from({ length: this.#length(1) }, item));
    return decodeFail("no such tag");
  }

  #bigint(): bigint {
    const text = this.#text();
    return /^(0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : decodeFail("no bigint");
  }

  #date(): Date {
    const date = new Date(this.#double());
    return Number.isNaN(date.getTime()) ? decodeFail("no date") : date;
  }

  #view(): unknown {
    const View = VIEWS[this.#take(1)[0] as number] ?? decodeFail("no such view");
    const content = this.#options.padsViews ? this.#padded() : this.#take(this.#length(1));
    if (content.length % View.BYTES_PER_ELEMENT !== 0) decodeFail("half an element");
    if (this.#options.sharesViews && View === Uint8Array) return content;
    return new View(content.slice().buffer);
  }

  #padded(): Uint8Array {
    const length = new Uint32Array(this.#take(4).slice().buffer)[0] as number;
    const content = new Uint8Array(Math.min(length, 2 ** 24) & ~7 || length & 7);
    content.set(this.#take(Math.min(content.length, this.#bytes.length - this.#at)));
    return content;
  }

  #object(item: () => unknown): unknown {
    const entries = Array.from({ length: this.#length(5) }, () => [this.#text(), item()] as const);
    // `fromEntries` defines, so that `__proto__` is a property as others.
    if (!this.#options.assignsKeys) return Object.fromEntries(entries);
    const object: Record<string, unknown> = {};
    for (const [key, value] of entries) object[key] = value;
    return object;
  }
}
