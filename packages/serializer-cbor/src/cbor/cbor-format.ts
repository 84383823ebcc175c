import { MARK, smallerPool, type Header, type Mark, type ValueFormat } from "@zspine/core";
import { Decoder, Tag } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { readCborHeader } from "./cbor-header.ts";
import { codeOf, KNOWN_BIGINT_BYTES, ownTagOf, TAG, tagOf } from "./cbor-tag.ts";

/** A method that cbor-x has and its types have not. */
interface Pooled {
  useBuffer(buffer: Uint8Array): void;
}

/**
 * CBOR, version 1. A mark (see `MARK` in `@zspine/core`) is a tag and its content, a tag that others know where
 * there is one:
 *
 * | value | written as |
 * |---|---|
 * | null, undefined, booleans | the simple values 22, 23, 20 and 21 |
 * | number | the shortest of the integers when it is one of 32 bits, −0 as 0; else a double |
 * | bigint of −2⁶³ … 2⁶⁴ − 1 | an integer of 64 bits |
 * | text, `Uint8Array`, array | a text string, a byte string, an array, of the shortest length |
 * | object | a map, keys that are array indexes first, then by code units |
 * | other bigints | tag 2 or 3 up to 1,024 bytes, 45061 or 45062 beyond |
 * | Date | tag 1 and its seconds, or 45060 and its milliseconds where seconds do not give them back |
 * | Map, Set | tag 259 and a map, 258 and an array |
 * | typed arrays | tags 68–72, 77–79, 85 and 86 (RFC 8746), little-endian |
 * | text that UTF-8 cannot hold | tag 273 (WTF-8) |
 * | every other mark of the code −n | tag 45056 + n |
 * | an extension | tag 45089 + its id |
 *
 * Tags of our own are below 57337, from where on cbor-x looks for records, and apart from its packed values.
 * It registers nothing with cbor-x, whose table of tags is one for the whole process; of what that table makes
 * of a tag, `TreeReader` checks the type.
 */
export class CborFormat implements ValueFormat {
  readonly mapContent = "map";
  readonly #encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
  readonly #decoder = new Decoder({ useRecords: false, mapsAsObjects: true, copyBuffers: true });

  write(tree: unknown): Uint8Array {
    const bytes: Uint8Array = this.#encoder.encode(tree);
    const pool = smallerPool(bytes);
    if (pool !== undefined) (this.#encoder as unknown as Pooled).useBuffer(pool);
    return bytes;
  }

  read(bytes: Uint8Array): unknown {
    return this.#decoder.decode(bytes);
  }

  readHeader(bytes: Uint8Array, at: number, header: Header): void {
    readCborHeader(bytes, at, header);
  }

  mark(code: number, content: unknown): unknown {
    if (code === MARK.UNDEFINED) return undefined;
    // The encoder writes the tag of a Map itself.
    if (code === MARK.MAP) return mapOf(content as readonly unknown[]);
    if (code === MARK.DATE) return markTime(content as number);
    const isBigint = code === MARK.BIGINT || code === MARK.BIGINT_NEGATIVE;
    const isLarge = isBigint && (content as Uint8Array).length > KNOWN_BIGINT_BYTES;
    return new Tag(content, isLarge ? ownTagOf(code) : tagOf(code));
  }

  unmark(node: object): Mark | undefined {
    if (node instanceof Tag) {
      const code = codeOf(node.tag);
      return code === undefined ? undefined : { code, content: node.value as unknown };
    }
    if (node instanceof Date) return { code: MARK.DATE, content: node };
    if (node instanceof Map) return { code: MARK.MAP, content: node };
    if (node instanceof Set) return { code: MARK.SET, content: node };
    return undefined;
  }
}

function mapOf(parts: readonly unknown[]): unknown {
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < parts.length; i += 2) map.set(parts[i], parts[i + 1]);
  return map;
}

/** Asks what cbor-x will make of the seconds: it multiplies and rounds. Few do not come back, of some 140,000 years on. */
function markTime(time: number): unknown {
  const seconds = time / 1000;
  const isKept = Math.round(seconds * 1000) === time;
  return isKept ? new Tag(seconds, TAG.TIME) : new Tag(time, ownTagOf(MARK.DATE));
}
