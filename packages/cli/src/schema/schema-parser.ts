import { quote, ZspineError, type Schema } from "@zspine/core";
import { z } from "zod";

/** What a text of a schema says. */
export interface ParsedSchemas {
  readonly key: Schema;
  /** `undefined` where all is key. */
  readonly value: Schema | undefined;
  /** The serializers that opaque parts name, each once. */
  readonly serializers: readonly NamedSerializer[];
}

/** A serializer as fingerprints name it. */
export interface NamedSerializer {
  readonly name: string;
  readonly id: number;
}

/** The types of one column by their names in fingerprints. */
const LEAVES: Readonly<Record<string, () => Schema>> = {
  int32: () => z.int32(),
  uint32: () => z.uint32(),
  int: () => z.int(),
  number: () => z.number(),
  float32: () => z.float32(),
  boolean: () => z.boolean(),
  date: () => z.date(),
  int64: () => z.int64(),
  uint64: () => z.uint64(),
  text: () => z.string(),
  bytes: () => z.instanceof(Uint8Array),
};

/** The names of types that a text may have. */
const TYPE_NAMES: readonly string[] = Object.keys(LEAVES);

/**
 * Makes the zod schemas of a fingerprint, as `store.describe()` gives it: the layout of what is made has the same
 * fingerprint, so that a trace is opened by it whose schemas nobody has at hand. By hand it may be written with spaces, and
 * names without quotes:
 *
 * ```text
 * schemas = shape " -> " shape
 * shape   = [ base ] [ "?null" ] [ "?undefined" ]
 * base    = type | "{" [ name ":" shape { "," name ":" shape } ] "}" | "[" [ shape { "," shape } ] "]"
 *         | "opaque(" kind "," serializer "," id ")" | "()"
 * ```
 *
 * What checks a value inside of a column (an enum, a refinement) is not in a fingerprint, and not in what is made.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the place where it stops making sense.
 */
export function parseSchemas(text: string): ParsedSchemas {
  const parser = new SchemaParser(text);
  const key = parser.shape();
  parser.take("->", '" -> " between the key and the value');
  const value = parser.isNothing() ? undefined : parser.shape();
  parser.end();
  return { key, value, serializers: parser.serializers };
}

const WORD = /[A-Za-z_$][\w$]*/y;
const DIGITS = /\d+/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const SPACES = /\s*/y;

const DEPTH_MAX = 200;

/** Descends through a text, once. */
class SchemaParser {
  readonly serializers: NamedSerializer[] = [];
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  shape(): Schema {
    if (++this.depth > DEPTH_MAX) throw this.expected(`at most ${DEPTH_MAX} levels`);
    const base = this.startsWith("?") ? undefined : this.base();
    this.depth--;
    const allowsNull = this.takeIf("?null");
    const allowsUndefined = this.takeIf("?undefined");
    if (base === undefined && !allowsNull) {
      if (!allowsUndefined) throw this.expected('"?null" or "?undefined"');
      return z.undefined();
    }
    const present = base === undefined ? z.null() : allowsNull ? z.nullable(base) : base;
    return allowsUndefined ? z.optional(present) : present;
  }

  /** Takes the sign of what has only keys. */
  isNothing(): boolean {
    return this.takeIf("()");
  }

  end(): void {
    this.skip();
    if (this.at < this.text.length) throw this.expected("nothing more");
  }

  take(token: string, what = quote(token)): void {
    if (!this.takeIf(token)) throw this.expected(what);
  }

  private base(): Schema {
    if (this.takeIf("{")) return this.object();
    if (this.takeIf("[")) return z.tuple(this.items() as unknown as []);
    const at = this.at;
    const word = this.match(WORD);
    if (word === "opaque") return this.opaque();
    const leaf = word !== undefined && Object.hasOwn(LEAVES, word) ? LEAVES[word] : undefined;
    if (leaf !== undefined) return leaf();
    this.at = at;
    throw this.expected(`a type (${TYPE_NAMES.join(", ")}), "{" or "["`);
  }

  private object(): Schema {
    const shape: Record<string, Schema> = {};
    while (!this.takeIf("}")) {
      if (Object.keys(shape).length > 0) this.take(",", '"," or "}"');
      const at = this.at;
      const name = this.name("the name of a field");
      if (Object.hasOwn(shape, name)) {
        this.at = at;
        throw this.expected("a name that is not there yet");
      }
      this.take(":");
      // Assigning to `__proto__` would set the prototype.
      Object.defineProperty(shape, name, { value: this.shape(), enumerable: true });
    }
    return z.object(shape);
  }

  private items(): Schema[] {
    const items: Schema[] = [];
    while (!this.takeIf("]")) {
      if (items.length > 0) this.take(",", '"," or "]"');
      items.push(this.shape());
    }
    return items;
  }

  private opaque(): Schema {
    this.take("(");
    const type = this.match(WORD);
    if (type === undefined) throw this.expected("what is opaque, such as array or record");
    this.take(",");
    const name = this.name("the name of a serializer, such as msgpack");
    this.take(",");
    const id = this.match(DIGITS);
    if (id === undefined) throw this.expected("the number of the serializer");
    this.take(")");
    const found = { name, id: Number(id) };
    if (!this.serializers.some((known) => known.name === found.name && known.id === found.id))
      this.serializers.push(found);
    return opaqueSchema(type);
  }

  private name(what: string): string {
    const word = this.match(WORD);
    if (word !== undefined) return word;
    const quoted = this.match(TEXT);
    if (quoted === undefined) throw this.expected(what);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      this.at -= quoted.length;
      throw this.expected("a text in quotes as in JSON");
    }
  }

  private match(pattern: RegExp): string | undefined {
    this.skip();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private startsWith(token: string): boolean {
    this.skip();
    return this.text.startsWith(token, this.at);
  }

  private takeIf(token: string): boolean {
    if (!this.startsWith(token)) return false;
    this.at += token.length;
    return true;
  }

  private skip(): void {
    SPACES.lastIndex = this.at;
    this.at += SPACES.exec(this.text)![0].length;
  }

  private expected(what: string): ZspineError {
    this.skip();
    const found = this.at < this.text.length ? quote(this.text.slice(this.at, this.at + 30)) : "its end";
    return new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `the schema ${quote(this.text)}: expected ${what} at character ${this.at + 1}, found ${found}`,
      { path: ["schema"] },
    );
  }
}

/**
 * The schema of a part that is opaque bytes of a serializer. Of what was inside, the fingerprint keeps the kind alone: so
 * this is a definition without a parser, which says that kind and accepts what the serializer gives.
 */
function opaqueSchema(type: string): Schema {
  const inside = z.unknown();
  const more: Readonly<Record<string, object>> = {
    tuple: { items: [], rest: inside },
    object: { shape: {}, catchall: inside },
  };
  return { _zod: { def: { type, ...(Object.hasOwn(more, type) ? more[type] : {}) } } } as unknown as Schema;
}
