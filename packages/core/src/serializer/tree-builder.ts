import { quote, quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { compareBytes } from "../column/binary-column.ts";
import { bigintToBytes } from "./bigint-bytes.ts";
import { BIGINT_COST, KEY_BUDGET, KEYS_EXPECTED, NUMBER_COST } from "./key-budget.ts";
import { MARK } from "./mark.ts";
import { isPlainKey, isPlainText, textToBytes } from "./plain-text.ts";
import { typedArrayParts } from "./typed-array.ts";
import type { ValueFormat } from "./value-format.ts";
import type { ExtensionTable, ValueExtension } from "./value-extension.ts";

/** What a {@link TreeBuilder} goes by. */
export interface TreeRules {
  readonly format: ValueFormat;
  readonly extensions: ExtensionTable;
  readonly depthMax: number;
  /** How many values may lie in a value: each takes a byte at least. */
  readonly countMax: number;
}

const PATH_SHOWN = 12;
/** Of the only one, whose order needs none. */
const NO_BYTES = new Uint8Array(0);
const BIGINT_LEAST = -(2n ** 63n);
const BIGINT_MOST = 2n ** 64n - 1n;

/**
 * Makes the tree of one value: the canonical form, of which a library writes the same bytes for equal values.
 * Objects come with their keys in the order of code units (and, as in every JavaScript object, keys that are
 * array indexes first), Maps and Sets in the order of the bytes of their keys and members. Parts that are in
 * canonical form already are used as they are: a plain record with sorted keys costs no copy.
 */
export class TreeBuilder {
  readonly #rules: TreeRules;
  readonly #format: ValueFormat;
  /** Where the value being built lies, and what it lies in; valid up to its depth. */
  readonly #path: PropertyKey[] = [];
  readonly #outer: object[] = [];
  #depth = 0;
  #count = 0;

  constructor(rules: TreeRules) {
    this.#rules = rules;
    this.#format = rules.format;
  }

  /** @throws `ZSPINE_ENCODE`, with the path, for a value that has no encoding. */
  build(value: unknown): unknown {
    try {
      return this.#build(value);
    } catch (cause) {
      // Getters, proxies and extensions are code of the user's.
      if (cause instanceof ZspineError) throw cause;
      throw this.#refused("a value that throws when it is read", "one that does not", cause);
    }
  }

  #build(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        return isPlainText(value) ? value : this.#format.mark(MARK.TEXT, textToBytes(value));
      case "number":
        // NaN of other bits becomes the one.
        return value === value ? value + 0 : NaN;
      case "boolean":
        return value;
      case "undefined":
        return this.#format.mark(MARK.UNDEFINED, null);
      case "bigint":
        return this.#bigint(value);
      case "object":
        return value === null ? null : this.#object(value);
      default:
        throw this.#refused(quote(value), "data");
    }
  }

  #bigint(value: bigint): unknown {
    if (value > BIGINT_MOST) return this.#format.mark(MARK.BIGINT, bigintToBytes(value));
    if (value < BIGINT_LEAST) return this.#format.mark(MARK.BIGINT_NEGATIVE, bigintToBytes(-1n - value));
    return value;
  }

  #object(value: object): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#within(value, this.#properties);
    if (prototype === Array.prototype) return this.#within(value as unknown[], this.#items);
    if (prototype === Map.prototype) return this.#within(value as Map<unknown, unknown>, this.#entries);
    if (prototype === Set.prototype) return this.#within(value as Set<unknown>, this.#members);
    if (prototype === Date.prototype) return this.#date(value as Date);
    const extension = this.#rules.extensions.find(value, prototype);
    if (extension !== undefined) return this.#within(value, () => this.#extended(value, extension));
    if (ArrayBuffer.isView(value)) return this.#view(value);
    throw this.#refused(quote(value), 'plain data, or a class that is in the option "extensions"');
  }

  #within<T extends object>(value: T, build: (value: T) => unknown): unknown {
    if (this.#depth >= this.#rules.depthMax) throw this.#tooDeep();
    if (++this.#count > this.#rules.countMax) throw this.#tooLarge();
    this.#path.length = this.#depth;
    this.#outer[this.#depth++] = value;
    const tree = build.call(this, value);
    this.#depth--;
    return tree;
  }

  /** Builds what lies at `key` of the innermost value. */
  #part(key: PropertyKey, value: unknown): unknown {
    this.#path[this.#depth - 1] = key;
    if (++this.#count > this.#rules.countMax) throw this.#tooLarge();
    return this.#build(value);
  }

  #items(array: readonly unknown[]): unknown {
    if (array.length > this.#rules.countMax) throw this.#tooLarge();
    let copy: unknown[] | undefined;
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      const tree = this.#part(i, item);
      if (copy === undefined && isOther(tree, item)) copy = array.slice(0, i);
      copy?.push(tree);
    }
    return copy ?? array;
  }

  #properties(object: object): unknown {
    if (Object.getOwnPropertySymbols(object).length > 0) {
      throw this.#refused("an object with a symbol for a key", "text for keys");
    }
    const keys = Object.keys(object);
    let isSorted = true;
    for (let i = 0; i < keys.length; i++) {
      if (!isPlainKey(keys[i]!)) return this.#pairs(object as Record<string, unknown>, keys);
      if (i > 0 && keys[i]! < keys[i - 1]!) isSorted = false;
    }
    if (!isSorted) keys.sort();
    const values = object as Record<string, unknown>;
    let copy: Record<string, unknown> | undefined = isSorted ? undefined : {};
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      // Before it is read, for a getter may throw.
      this.#path[this.#depth - 1] = key;
      const value = values[key];
      const tree = this.#part(key, value);
      if (copy === undefined && isOther(tree, value)) copy = firstOf(values, keys, i);
      if (copy !== undefined) copy[key] = tree;
    }
    return copy ?? object;
  }

  #pairs(object: Record<string, unknown>, keys: string[]): unknown {
    const pairs: unknown[] = [];
    for (const key of keys.sort()) pairs.push(this.#part(key, key), this.#part(key, object[key]));
    return this.#format.mark(MARK.OBJECT, pairs);
  }

  #entries(map: ReadonlyMap<unknown, unknown>): unknown {
    this.#checkKeys(map);
    const entries: Ordered<readonly [key: unknown, tree: unknown]>[] = [];
    for (const [key, value] of map) {
      const at = typeof key === "string" || typeof key === "number" ? key : entries.length;
      const tree = this.#part(at, key);
      const bytes = map.size === 1 ? NO_BYTES : this.#writeOwn(tree);
      entries.push({ bytes, item: [tree, this.#part(at, value)] });
    }
    entries.sort((a, b) => compareWhole(a.bytes, b.bytes) || this.#compareTrees(a.item[1], b.item[1]));
    return this.#format.mark(
      MARK.MAP,
      entries.flatMap(({ item }) => item),
    );
  }

  #members(set: ReadonlySet<unknown>): unknown {
    this.#checkKeys(set);
    const members: Ordered<unknown>[] = [];
    for (const member of set) {
      const item = this.#part(members.length, member);
      members.push({ bytes: set.size === 1 ? NO_BYTES : this.#writeOwn(item), item });
    }
    members.sort((a, b) => compareWhole(a.bytes, b.bytes));
    return this.#format.mark(
      MARK.SET,
      members.map(({ item }) => item),
    );
  }

  #checkKeys(keyed: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): void {
    let cost = 0;
    for (const key of keyed.keys()) {
      if (typeof key === "number") cost += NUMBER_COST;
      else if (typeof key === "bigint") cost += BIGINT_COST;
    }
    if (cost > KEY_BUDGET)
      throw this.#refused(`${keyed.size} keys, too many of them numbers`, `at most ${KEYS_EXPECTED}`);
  }

  /** Only for keys that are equal by content and two by identity. */
  #compareTrees(a: unknown, b: unknown): number {
    return compareWhole(this.#writeOwn(a), this.#format.write(b));
  }

  // Not `slice()`: that of a Node Buffer is a view.
  #writeOwn(tree: unknown): Uint8Array {
    return new Uint8Array(this.#format.write(tree));
  }

  #date(date: Date): unknown {
    const time = date.getTime();
    if (time !== time) throw this.#refused("a Date that is no date", "a valid one, or null");
    return this.#format.mark(MARK.DATE, time);
  }

  #view(view: ArrayBufferView): unknown {
    const name = (view as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    // A view of the base class: libraries know subclasses such as Buffer by other rules.
    if (name === "Uint8Array") return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const parts = typedArrayParts(view);
    if (parts === undefined) throw this.#refused(quote(view), "a typed array of integers or floats");
    return this.#format.mark(parts.code, parts.bytes);
  }

  #extended(value: object, extension: ValueExtension): unknown {
    const content = this.#part(`extension ${extension.id}`, extension.encode(value));
    return this.#format.mark(extension.id, content);
  }

  #tooDeep(): ZspineError {
    const first = this.#outer.findIndex((object, at) => this.#outer.indexOf(object) !== at);
    if (first === -1) {
      return this.#refused(
        "a value too deep",
        `at most ${this.#rules.depthMax} levels, the option "depthMax"`,
      );
    }
    this.#depth = first;
    return this.#refused("a value that lies within itself", "one that does not");
  }

  #tooLarge(): ZspineError {
    const limit = this.#rules.countMax;
    return this.#refused(`more than ${limit} values`, `at most ${limit} bytes, the option "bytesMax"`);
  }

  #refused(found: string, expected: string, cause?: unknown): ZspineError {
    const path = this.#path.slice(0, this.#depth);
    const shown = path.length > PATH_SHOWN ? `${quotePath(path.slice(0, PATH_SHOWN))}…` : quotePath(path);
    return new ZspineError(
      "ZSPINE_ENCODE",
      `${shown} cannot be encoded: found ${found}, expected ${expected}; nothing was written`,
      { path, cause },
    );
  }
}

interface Ordered<T> {
  readonly bytes: Uint8Array;
  readonly item: T;
}

/** Tells whether a value does not stand for itself in a tree; −0 does not, and NaN may have other bits. */
function isOther(tree: unknown, value: unknown): boolean {
  return tree !== value || (tree === 0 && Object.is(value, -0));
}

function compareWhole(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

function firstOf(
  values: Record<string, unknown>,
  keys: readonly string[],
  count: number,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) copy[keys[i]!] = values[keys[i]!];
  return copy;
}
