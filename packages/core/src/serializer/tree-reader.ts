import { ZspineError } from "../error/zspine-error.ts";
import { bigintOfBytes } from "./bigint-bytes.ts";
import { MARK } from "./mark.ts";
import { textOfBytes } from "./plain-text.ts";
import { refusedBytes } from "./refused-bytes.ts";
import { isTypedArrayCode, settleFloats, typedArrayOf } from "./typed-array.ts";
import type { ExtensionTable } from "./value-extension.ts";
import type { ValueFormat } from "./value-format.ts";

const TIME_MAX = 8.64e15;

/**
 * Makes values of trees that have marks. Trees belong to nobody else, so arrays and objects are changed in place.
 * Contents are checked once more: a library has extensions by number for the whole process, and another module
 * may have changed them.
 */
export class TreeReader {
  readonly #format: ValueFormat;
  readonly #extensions: ExtensionTable;

  constructor(format: ValueFormat, extensions: ExtensionTable) {
    this.#format = format;
    this.#extensions = extensions;
  }

  /** @throws `ZSPINE_DECODE` for contents that no value has. */
  value(tree: unknown): unknown {
    if (typeof tree !== "object" || tree === null) return tree;
    if (Array.isArray(tree)) return this.#items(tree);
    if (ArrayBuffer.isView(tree)) return settleFloats(tree);
    const mark = this.#format.unmark(tree);
    if (mark !== undefined) return this.#marked(mark.code, mark.content);
    if (tree instanceof Map) return this.#object(tree);
    const prototype: unknown = Object.getPrototypeOf(tree);
    if (prototype !== Object.prototype) throw foreign("an object of a class");
    const properties = tree as Record<string, unknown>;
    for (const key of Object.keys(properties)) properties[key] = this.value(properties[key]);
    return properties;
  }

  #items(items: unknown[]): unknown[] {
    for (let i = 0; i < items.length; i++) items[i] = this.value(items[i]);
    return items;
  }

  #object(entries: ReadonlyMap<unknown, unknown>): unknown {
    const object: Record<string, unknown> = {};
    // The check has seen to it that keys are text and none is __proto__.
    for (const [key, value] of entries) object[key as string] = this.value(value);
    return object;
  }

  #marked(code: number, content: unknown): unknown {
    if (code >= 0) return this.#extended(code, content);
    if (code === MARK.UNDEFINED) return undefined;
    if (code === MARK.DATE) return dateOf(content);
    if (code === MARK.MAP && isMany(content)) return this.#map(content);
    if (code === MARK.SET && isMany(content)) return new Set(this.#items([...content]));
    if (code === MARK.OBJECT && Array.isArray(content)) return this.#pairs(content);
    if (code === MARK.BIGINT) return bigintOf(content);
    if (code === MARK.BIGINT_NEGATIVE) return -1n - bigintOf(content);
    if (code === MARK.TEXT && content instanceof Uint8Array) return textOf(content);
    if (isTypedArrayCode(code) && content instanceof Uint8Array) {
      const view = typedArrayOf(code, content);
      if (view !== undefined) return view;
      throw refusedBytes(0, "a typed array that ends within an element");
    }
    throw foreign(`the mark ${code}`);
  }

  #map(content: Iterable<unknown>): unknown {
    const parts = this.#items(content instanceof Map ? [...content].flat(1) : [...content]);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i + 1 < parts.length; i += 2) map.set(parts[i], parts[i + 1]);
    return map;
  }

  #pairs(pairs: readonly unknown[]): unknown {
    const object = {};
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      // Defined, not assigned: __proto__ is a property as others.
      Object.defineProperty(object, this.value(pairs[i]) as string, {
        value: this.value(pairs[i + 1]),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return object;
  }

  #extended(id: number, content: unknown): unknown {
    const extension = this.#extensions.byId(id);
    if (extension === undefined) throw foreign(`extension ${id}`);
    const value = this.value(content);
    try {
      return extension.decode(value);
    } catch (cause) {
      throw new ZspineError("ZSPINE_DECODE", `extension ${id} did not decode its content: it threw`, {
        cause,
      });
    }
  }
}

function isMany(content: unknown): content is Iterable<unknown> {
  return Array.isArray(content) || content instanceof Set || content instanceof Map;
}

function dateOf(content: unknown): Date {
  const time = content instanceof Date ? content.getTime() : content;
  if (typeof time === "number" && Math.abs(time) <= TIME_MAX && Number.isInteger(time)) return new Date(time);
  throw refusedBytes(0, "a Date whose time is none");
}

function bigintOf(content: unknown): bigint {
  if (typeof content === "bigint") return content;
  if (content instanceof Uint8Array) return bigintOfBytes(content);
  throw foreign("a bigint");
}

function textOf(content: Uint8Array): string {
  const text = textOfBytes(content);
  if (text === undefined) throw refusedBytes(0, "text whose bytes are no text");
  return text;
}

function foreign(what: string): ZspineError {
  return refusedBytes(
    0,
    `${what} that the library beneath made something else of; another module may have changed its extensions`,
  );
}
