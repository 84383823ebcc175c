import type { Compression } from "../compression/compression.ts";
import { deflate } from "../compression/deflate.ts";
import { quote } from "../error/quote.ts";
import { isZspineError, ZspineError } from "../error/zspine-error.ts";
import { MARK } from "./mark.ts";
import { refusedBytes } from "./refused-bytes.ts";
import type { Serializer } from "./serializer.ts";
import { serializerSettings, type SerializerOptions, type SerializerSettings } from "./serializer-options.ts";
import { TreeBuilder, type TreeRules } from "./tree-builder.ts";
import { checkTree } from "./tree-check.ts";
import { TreeReader } from "./tree-reader.ts";
import { ExtensionTable } from "./value-extension.ts";
import type { ValueFormat } from "./value-format.ts";

/** What a serializer is besides its options; its name is that of the plugin. */
export interface FormatDescription {
  readonly name: string;
  readonly id: number;
  readonly format: ValueFormat;
}

/**
 * Makes a serializer of a format: values become canonical trees and trees bytes; bytes are checked before a
 * library reads them, and trees become values. See {@link ValueFormat} for what a format has to do.
 *
 * Its name tells the compression, `msgpack+deflate>=64`: with another, equal values have other bytes, and a
 * store must notice. Whatever it writes itself, it reads plain values and those compressed by `deflate()` or its
 * own compression.
 *
 * Bytes to decode are copied once, so that nobody changes them meanwhile and nothing of them is kept; bytes
 * that were encoded are copied out of the library's buffer once.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path, which begins with the name of the format.
 */
export function formatSerializer(description: FormatDescription, options?: SerializerOptions): Serializer {
  return new FormatSerializer(description, serializerSettings(description.name, options));
}

class FormatSerializer implements Serializer {
  readonly name: string;
  readonly id: number;
  readonly #format: ValueFormat;
  readonly #extensions: ExtensionTable;
  readonly #rules: TreeRules;
  readonly #reader: TreeReader;
  readonly #compression: Compression | undefined;
  readonly #compressionMinBytes: number;
  readonly #known: readonly Compression[];
  readonly #bytesMax: number;

  constructor({ name, id, format }: FormatDescription, settings: SerializerSettings) {
    const { compression, compressionMinBytes, depthMax, bytesMax } = settings;
    this.#compression = compression === "deflate" ? deflate() : compression;
    this.#known = this.#compression === undefined ? [deflate()] : [this.#compression, deflate()];
    this.name =
      this.#compression === undefined ? name : `${name}+${this.#compression.name}>=${compressionMinBytes}`;
    this.id = id;
    this.#format = format;
    this.#extensions = new ExtensionTable(settings.extensions);
    this.#rules = { format, extensions: this.#extensions, depthMax, countMax: bytesMax };
    this.#reader = new TreeReader(format, this.#extensions);
    this.#compressionMinBytes = compressionMinBytes;
    this.#bytesMax = bytesMax;
  }

  encode(value: unknown): Uint8Array {
    const bytes = this.#write(value);
    return this.#compression === undefined ? new Uint8Array(bytes) : this.#shorter(new Uint8Array(bytes));
  }

  estimateSize(value: unknown): number {
    const bytes = this.#write(value);
    return this.#compression === undefined ? bytes.length : this.#shorter(new Uint8Array(bytes)).length;
  }

  decode(bytes: Uint8Array): unknown {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`decode() takes a Uint8Array, found ${quote(bytes)}`);
    }
    if (bytes.length > this.#bytesMax) {
      throw refusedBytes(
        0,
        `${bytes.length} bytes, more than the ${this.#bytesMax} of the option "bytesMax"`,
      );
    }
    try {
      return this.#decode(new Uint8Array(bytes), true);
    } catch (cause) {
      // The library's own refusals; and where a runtime has narrower limits than the bytes, as for bigints.
      if (isZspineError(cause, "ZSPINE_DECODE")) throw cause;
      throw refusedBytes(0, "a value that cannot be made here", cause);
    }
  }

  /** Gives bytes that lie where the format's next call may write. */
  #write(value: unknown): Uint8Array {
    const tree = new TreeBuilder(this.#rules).build(value);
    let bytes: Uint8Array;
    try {
      bytes = this.#format.write(tree);
    } catch (cause) {
      throw unwritten("a value for which stack or memory do not suffice", "a smaller one", cause);
    }
    if (bytes.length <= this.#bytesMax) return bytes;
    throw unwritten(`${bytes.length} bytes`, `at most ${this.#bytesMax}, the option "bytesMax"`);
  }

  #shorter(plain: Uint8Array): Uint8Array {
    const compression = this.#compression;
    if (compression === undefined || plain.length < this.#compressionMinBytes) return plain;
    const content = [compression.id, plain.length, compression.compress(plain)];
    const framed = this.#format.write(this.#format.mark(MARK.COMPRESSED, content));
    return framed.length < plain.length ? new Uint8Array(framed) : plain;
  }

  #decode(bytes: Uint8Array, mayBeCompressed: boolean): unknown {
    const { depthMax } = this.#rules;
    const limits = { format: this.#format, extensions: this.#extensions, depthMax, mayBeCompressed };
    const hasMarks = checkTree(bytes, limits);
    const tree = this.#format.read(bytes, hasMarks);
    if (!hasMarks) return tree;
    const mark = typeof tree === "object" && tree !== null ? this.#format.unmark(tree) : undefined;
    if (mark?.code === MARK.COMPRESSED) return this.#decode(this.#decompress(mark.content), false);
    return this.#reader.value(tree);
  }

  #decompress(content: unknown): Uint8Array {
    const [id, rawLength, bytes] = content as readonly [number, number, Uint8Array];
    const compression = this.#known.find((candidate) => candidate.id === id);
    if (compression === undefined) {
      throw refusedBytes(0, `a value compressed by compression ${id}; pass it as the option "compression"`);
    }
    if (!Number.isInteger(rawLength) || rawLength < 0 || rawLength > this.#bytesMax) {
      const most = `at most ${this.#bytesMax}, the option "bytesMax"`;
      throw refusedBytes(0, `a compressed value that says it is ${rawLength} bytes long, and may be ${most}`);
    }
    return compression.decompress(bytes, rawLength);
  }
}

function unwritten(found: string, expected: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_ENCODE",
    `the value cannot be encoded: found ${found}, expected ${expected}; nothing was written`,
    { cause },
  );
}
