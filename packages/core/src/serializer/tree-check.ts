import { BIGINT_COST, KEY_BUDGET, KEYS_EXPECTED, NUMBER_COST } from "./key-budget.ts";
import { EXTENSION_ID_MAX, MARK } from "./mark.ts";
import { isPlainUtf8 } from "./plain-text.ts";
import { refusedBytes } from "./refused-bytes.ts";
import { isTypedArrayCode } from "./typed-array.ts";
import type { Header, HeaderKind, ValueFormat } from "./value-format.ts";
import type { ExtensionTable } from "./value-extension.ts";

/** What {@link checkTree} goes by. */
export interface TreeLimits {
  readonly format: ValueFormat;
  readonly extensions: ExtensionTable;
  /** How many arrays, objects, Maps, Sets and extensions may lie in one another. */
  readonly depthMax: number;
  /** Whether the whole may be compressed. What was decompressed may not be, again. */
  readonly mayBeCompressed: boolean;
}

/**
 * Walks bytes that nobody trusts before a library reads them, and refuses what would harm: values too deep,
 * lengths beyond the bytes that remain, bytes behind the value, text that is not UTF-8, keys that are no
 * property, marks of others and marks with a content that is not theirs. Reads headers and text, allocates
 * nothing. Cost O(bytes).
 *
 * Every item takes a byte at least. So no array is longer than the input, and what is read is at most as
 * large as the smallest empty value, times the bytes.
 *
 * @returns whether there are marks.
 * @throws `ZSPINE_DECODE`.
 */
export function checkTree(bytes: Uint8Array, limits: TreeLimits): boolean {
  const check = new TreeCheck(bytes, limits);
  check.whole();
  return check.hasMarks;
}

const PROTO = new TextEncoder().encode("__proto__");

class TreeCheck {
  readonly #bytes: Uint8Array;
  readonly #limits: TreeLimits;
  readonly #header: Header = { kind: "null", length: 0, end: 0 };
  #at = 0;
  hasMarks = false;

  constructor(bytes: Uint8Array, limits: TreeLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  whole(): void {
    const isCompressed = this.#read() === "mark" && this.#header.length === MARK.COMPRESSED;
    if (isCompressed && this.#limits.mayBeCompressed) this.#compressed();
    else this.#value(0);
    if (this.#at !== this.#bytes.length) {
      throw this.#refused(`${this.#bytes.length - this.#at} bytes behind the value`);
    }
  }

  /** Reads a header and goes behind it. */
  #read(): HeaderKind {
    if (this.#at >= this.#bytes.length) throw this.#refused("the end, and more was announced");
    this.#limits.format.readHeader(this.#bytes, this.#at, this.#header);
    if (this.#header.end > this.#bytes.length) throw this.#refused("the end, within a value");
    this.#at = this.#header.end;
    return this.#header.kind;
  }

  /** Checks the value whose header was read. */
  #value(depth: number): void {
    const { kind, length } = this.#header;
    switch (kind) {
      case "array":
        return this.#items(length, depth);
      case "map":
        return this.#properties(length, depth);
      case "text":
        return this.#text(length);
      case "bytes":
        return this.#skip(length);
      case "mark":
        this.hasMarks = true;
        return this.#marked(length, depth);
      default:
    }
  }

  #items(length: number, depth: number): void {
    this.#enter(length, depth);
    for (let i = 0; i < length; i++) {
      this.#read();
      this.#value(depth + 1);
    }
  }

  #properties(length: number, depth: number): void {
    this.#enter(length * 2, depth);
    for (let i = 0; i < length; i++) {
      if (this.#read() !== "text") throw this.#refused(`a ${this.#header.kind} for a key, not text`);
      const start = this.#at;
      this.#text(this.#header.length);
      if (this.#isProto(start)) throw this.#refused("the key __proto__, which is not written so");
      this.#read();
      this.#value(depth + 1);
    }
  }

  #marked(code: number, depth: number): void {
    const kind = this.#read();
    const { length } = this.#header;
    if (code >= 0 && code <= EXTENSION_ID_MAX) this.#extension(code, depth);
    else if (code === MARK.UNDEFINED && kind === "null") return;
    else if (code === MARK.DATE && kind === "number") return;
    else if (code === MARK.SET && kind === "array") this.#keyed(length, 1, depth);
    else if (code === MARK.MAP && kind === this.#limits.format.mapContent) this.#entries(kind, length, depth);
    else if (code === MARK.OBJECT && kind === "array") this.#pairs(length, depth);
    else if (kind === "bytes" && isMarkOfBytes(code)) this.#skip(length);
    else throw this.#refused(`the mark ${code} with ${kind}, which has no meaning in this version`);
  }

  #extension(id: number, depth: number): void {
    if (this.#limits.extensions.byId(id) === undefined) {
      throw this.#refused(`a value of extension ${id}, which is not among those in the option "extensions"`);
    }
    this.#enter(0, depth);
    this.#value(depth + 1);
  }

  #entries(kind: HeaderKind, length: number, depth: number): void {
    if (kind === "array" && length % 2 !== 0) throw this.#refused("a key without a value");
    this.#keyed(kind === "array" ? length : length * 2, 2, depth);
  }

  /** Keys of any kind, each `step`th; see `KEY_BUDGET`. */
  #keyed(length: number, step: number, depth: number): void {
    this.#enter(length, depth);
    let cost = 0;
    for (let i = 0; i < length; i++) {
      this.#read();
      if (i % step === 0) cost += this.#keyCost();
      if (cost > KEY_BUDGET) throw this.#refused(`a Map or Set with more than ${KEYS_EXPECTED}`);
      this.#value(depth + 1);
    }
  }

  #keyCost(): number {
    if (this.#header.kind === "number") return NUMBER_COST;
    if (this.#header.kind === "bigint") return BIGINT_COST;
    return this.#isMark(MARK.BIGINT) || this.#isMark(MARK.BIGINT_NEGATIVE) ? BIGINT_COST : 0;
  }

  /** Keys and values in turn, of an object with keys that are not plain. */
  #pairs(length: number, depth: number): void {
    if (length % 2 !== 0) throw this.#refused("a key without a value");
    this.#enter(length, depth);
    for (let i = 0; i < length; i += 2) {
      const isText = this.#read() === "text";
      if (!isText && !this.#isMark(MARK.TEXT)) throw this.#refused("a key that is not text");
      this.#value(depth + 1);
      this.#read();
      this.#value(depth + 1);
    }
  }

  /** The frame of a compressed value. */
  #compressed(): void {
    this.hasMarks = true;
    if (this.#read() === "array" && this.#header.length === 3) {
      if (this.#read() === "number" && this.#read() === "number" && this.#read() === "bytes") {
        return this.#skip(this.#header.length);
      }
    }
    throw this.#refused("the beginning of a compressed value, without what belongs to it");
  }

  #enter(itemCount: number, depth: number): void {
    if (depth >= this.#limits.depthMax) {
      throw this.#refused(`values more than ${this.#limits.depthMax} deep, the option "depthMax"`);
    }
    this.#claim(itemCount);
  }

  #claim(length: number): void {
    const left = this.#bytes.length - this.#at;
    if (length > left) throw this.#refused(`a claim of ${length} where ${left} bytes are left`);
  }

  #text(length: number): void {
    const start = this.#at;
    this.#skip(length);
    if (!isPlainUtf8(this.#bytes, start, this.#at)) {
      throw this.#refused("text before it that is not UTF-8, or begins with a byte order mark");
    }
  }

  #skip(length: number): void {
    this.#claim(length);
    this.#at += length;
  }

  #isProto(start: number): boolean {
    return this.#at - start === PROTO.length && PROTO.every((byte, i) => this.#bytes[start + i] === byte);
  }

  #isMark(code: number): boolean {
    return this.#header.kind === "mark" && this.#header.length === code;
  }

  #refused(found: string): Error {
    return refusedBytes(this.#at, found);
  }
}

function isMarkOfBytes(code: number): boolean {
  const isNumberOrText = code === MARK.BIGINT || code === MARK.BIGINT_NEGATIVE || code === MARK.TEXT;
  return isNumberOrText || isTypedArrayCode(code);
}
