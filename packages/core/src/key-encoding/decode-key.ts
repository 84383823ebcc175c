import { compareBytes } from "../column/binary-column.ts";
import { quote } from "../error/quote.ts";
import type { ZspineError } from "../error/zspine-error.ts";
import { typedArrayOf } from "./element-type.ts";
import { KeyReader } from "./key-reader.ts";
import { KEY_DEPTH_MAX, TAG } from "./key-tag.ts";

/**
 * Decodes what {@link encodeKey} gave, all of it; the layout stands there. The value is new and shares nothing
 * with `bytes`. Objects have the prototype of objects, and a property `__proto__` is one like any other.
 *
 * The bytes need not be trusted. Only those are accepted that `encodeKey` gives for some value:
 *
 * | refused | because |
 * |---|---|
 * | other tags, bytes that are missing or left over | nobody wrote them |
 * | −0, other NaNs, leading zeros, long forms of short lengths | there would be two keys of one value |
 * | bytes of text that are not UTF-8 (WTF-8) | the same |
 * | names, keys and members that are out of order or twice there | the same |
 * | more than 128 in one another | the stack has an end |
 *
 * Cost O(bytes); what is allocated is a small multiple of them.
 *
 * @throws `ZSPINE_DECODE` for bytes that `encodeKey` does not give.
 */
export function decodeKey(bytes: Uint8Array): unknown {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`decodeKey: expected a Uint8Array, found ${quote(bytes)}`);
  const reader = new KeyReader(bytes);
  const value = readValue(reader, 0);
  if (reader.at !== bytes.length) throw reader.malformed("the end", `${bytes.length - reader.at} bytes more`);
  return value;
}

function readValue(reader: KeyReader, depth: number): unknown {
  const tag = reader.byte();
  switch (tag) {
    case TAG.UNDEFINED:
      return undefined;
    case TAG.NULL:
      return null;
    case TAG.FALSE:
      return false;
    case TAG.TRUE:
      return true;
    case TAG.NUMBER:
      return reader.double();
    case TAG.BIGINT_NEGATIVE:
    case TAG.BIGINT:
      return reader.bigint(tag === TAG.BIGINT_NEGATIVE);
    case TAG.DATE:
      return readDate(reader);
    case TAG.TEXT:
      return reader.text();
    case TAG.BYTES:
      // Not by `slice`, which would give a Buffer where the key is one.
      return new Uint8Array(reader.escaped());
    case TAG.TYPED_ARRAY:
      return readTypedArray(reader);
    default:
      return readNested(reader, tag, depth);
  }
}

function readDate(reader: KeyReader): Date {
  const time = reader.double();
  const date = new Date(time);
  if (date.getTime() !== time) throw reader.malformed("the time of a Date before", String(time));
  return date;
}

function readTypedArray(reader: KeyReader): unknown {
  const id = reader.byte();
  const array = typedArrayOf(id, reader.escaped());
  if (array === undefined) throw reader.malformed("a typed array before", `one of type ${id}`);
  return array;
}

function readNested(reader: KeyReader, tag: number, depth: number): unknown {
  if (depth >= KEY_DEPTH_MAX)
    throw reader.malformed(`at most ${KEY_DEPTH_MAX} values in one another`, "more");
  switch (tag) {
    case TAG.ARRAY:
      return readArray(reader, depth + 1);
    case TAG.OBJECT:
      return readObject(reader, depth + 1);
    case TAG.MAP:
      return readMap(reader, depth + 1);
    case TAG.SET:
      return readSet(reader, depth + 1);
    default:
      throw reader.malformed("a value before", `the tag 0x${tag.toString(16)}`);
  }
}

function readArray(reader: KeyReader, depth: number): unknown[] {
  const items: unknown[] = [];
  while (!reader.tryEnd()) items.push(readValue(reader, depth));
  return items;
}

function readObject(reader: KeyReader, depth: number): unknown {
  const object: Record<string, unknown> = {};
  const names = new Ascending(reader);
  while (!reader.tryEnd()) {
    const name = names.next(() => {
      if (reader.byte() !== TAG.TEXT)
        throw reader.malformed("the name of a property before", "another value");
      return reader.text();
    });
    const value = readValue(reader, depth);
    // Assigning to `__proto__` would set the prototype instead of a property.
    if (name !== "__proto__") object[name] = value;
    else {
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return object;
}

function readMap(reader: KeyReader, depth: number): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  const keys = new Ascending(reader);
  while (!reader.tryEnd()) {
    const key = keys.next(() => readValue(reader, depth));
    map.set(key, readValue(reader, depth));
  }
  return map;
}

function readSet(reader: KeyReader, depth: number): Set<unknown> {
  const set = new Set<unknown>();
  const members = new Ascending(reader);
  while (!reader.tryEnd()) set.add(members.next(() => readValue(reader, depth)));
  return set;
}

/** Checks that what is read comes in ascending order of bytes. */
class Ascending {
  private readonly reader: KeyReader;
  private start = 0;
  private end = 0;

  constructor(reader: KeyReader) {
    this.reader = reader;
  }

  next<T>(read: () => T): T {
    const { reader, start: lastStart, end: lastEnd } = this;
    const start = reader.at;
    const value = read();
    const { bytes, at: end } = reader;
    if (lastEnd > 0 && compareBytes(bytes, lastStart, lastEnd, bytes, start, end) >= 0) {
      throw this.disorder();
    }
    this.start = start;
    this.end = end;
    return value;
  }

  private disorder(): ZspineError {
    return this.reader.malformed("names, keys and members in ascending order before", "others");
  }
}
