import {
  defineSerializer,
  formatSerializer,
  type Serializer,
  refusedBytes,
  type Header,
  type HeaderKind,
  type Mark,
  type SerializerOptions,
  type SerializerPlugin,
  type ValueFormat,
} from "@zspine/core";

// A small correct format, against which the suite of options is proved: a tag, 8 bytes, the content.

const KINDS: readonly HeaderKind[] = [
  "null",
  "scalar",
  "scalar",
  "number",
  "bigint",
  "bigint",
  "text",
  "bytes",
  "array",
  "map",
  "mark",
];
const [NULL, FALSE, TRUE, NUMBER, SIGNED, UNSIGNED, TEXT, BYTES, ARRAY, MAP, MARKED] = KINDS.keys();

class Marked {
  readonly mark: Mark;
  constructor(mark: Mark) {
    this.mark = mark;
  }
}

/** Makes serializers of the format, with all options. */
export const taggedByFormat: SerializerPlugin<SerializerOptions> = defineSerializer({
  type: "tagged",
  create: (options?: SerializerOptions): Serializer =>
    formatSerializer({ name: "tagged", id: 201, format: new TaggedFormat() }, options),
});

class TaggedFormat implements ValueFormat {
  readonly mapContent = "array";

  write(tree: unknown): Uint8Array {
    const bytes: number[] = [];
    write(tree, bytes);
    return Uint8Array.from(bytes);
  }

  read(bytes: Uint8Array): unknown {
    return new Reader(bytes).read();
  }

  readHeader(bytes: Uint8Array, at: number, header: Header): void {
    const kind = KINDS[bytes[at] as number];
    if (kind === undefined) throw refusedBytes(at, "a tag that is none");
    header.kind = kind;
    header.end = at + 9;
    header.length = header.end <= bytes.length ? Number(word(bytes, at + 1).getBigInt64(0)) : 0;
    if (kind === "mark" || header.length >= 0 || (bytes[at] as number) < TEXT!) return;
    throw refusedBytes(at, "a length below 0");
  }

  mark(code: number, content: unknown): unknown {
    return new Marked({ code, content });
  }

  unmark(node: object): Mark | undefined {
    return node instanceof Marked ? node.mark : undefined;
  }
}

function word(bytes: Uint8Array, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8);
}

function head(tag: number | undefined, fill: (view: DataView) => void, bytes: number[]): void {
  const view = new DataView(new ArrayBuffer(8));
  fill(view);
  bytes.push(tag as number, ...new Uint8Array(view.buffer));
}

function counted(tag: number | undefined, length: number, bytes: number[]): void {
  head(tag, (view) => view.setBigInt64(0, BigInt(length)), bytes);
}

function filled(tag: number | undefined, found: Uint8Array, bytes: number[]): void {
  counted(tag, found.length, bytes);
  for (const byte of found) bytes.push(byte);
}

function write(tree: unknown, bytes: number[]): void {
  if (tree === null) return counted(NULL, 0, bytes);
  if (typeof tree === "boolean") return counted(tree ? TRUE : FALSE, 0, bytes);
  if (typeof tree === "number") return head(NUMBER, (view) => view.setFloat64(0, tree), bytes);
  if (typeof tree === "bigint") {
    return head(tree < 2n ** 63n ? SIGNED : UNSIGNED, (view) => view.setBigInt64(0, tree), bytes);
  }
  if (typeof tree === "string") return filled(TEXT, new TextEncoder().encode(tree), bytes);
  if (tree instanceof Uint8Array) return filled(BYTES, tree, bytes);
  if (tree instanceof Marked) {
    counted(MARKED, tree.mark.code, bytes);
    return write(tree.mark.content, bytes);
  }
  if (Array.isArray(tree)) {
    counted(ARRAY, tree.length, bytes);
    for (const item of tree) write(item, bytes);
    return;
  }
  const entries = Object.entries(tree as object);
  counted(MAP, entries.length, bytes);
  for (const part of entries.flat()) write(part, bytes);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): unknown {
    const tag = this.#bytes[this.#at];
    const view = word(this.#bytes, this.#at + 1);
    this.#at += 9;
    if (tag === NULL) return null;
    if (tag === FALSE || tag === TRUE) return tag === TRUE;
    if (tag === NUMBER) return view.getFloat64(0);
    if (tag === SIGNED) return view.getBigInt64(0);
    if (tag === UNSIGNED) return view.getBigUint64(0);
    const length = Number(view.getBigInt64(0));
    if (tag === MARKED) return new Marked({ code: length, content: this.read() });
    if (tag === ARRAY) return Array.from({ length }, () => this.read());
    if (tag === MAP)
      return Object.fromEntries(Array.from({ length }, () => [this.read(), this.read()] as const));
    this.#at += length;
    const found = this.#bytes.slice(this.#at - length, this.#at);
    return tag === BYTES ? found : new TextDecoder().decode(found);
  }
}
