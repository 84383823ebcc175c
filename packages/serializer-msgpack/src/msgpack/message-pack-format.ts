import { smallerPool, type Header, type Mark, type ValueFormat } from "@zspine/core";
import { Packr, RESET_BUFFER_MODE } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import { readMessagePackHeader } from "./message-pack-header.ts";

/**
 * MessagePack, version 1:
 *
 * | value | written as |
 * |---|---|
 * | null, booleans | nil, false, true |
 * | number | the shortest of the integers when it is one of 32 bits, −0 as 0; else float 64 |
 * | bigint of −2⁶³ … 2⁶³ − 1 | int 64 |
 * | bigint of 2⁶³ … 2⁶⁴ − 1 | uint 64 |
 * | text, `Uint8Array`, array | str, bin, array, of the shortest length |
 * | object | map, keys that are array indexes first, then by code units |
 * | a mark (see `MARK` in `@zspine/core`) | a map of one entry: from its code, an integer of one byte, to its content |
 *
 * Marks are not extension types of MessagePack: those are opaque to other readers and cannot nest but by length,
 * and msgpackr looks them up by number in one table for the whole process, where another module's would change
 * what stored data means. So no extension is used, none registered, and none let through to the library.
 */
export class MessagePackFormat implements ValueFormat {
  readonly mapContent = "array";
  // moreTypes would write a Uint8Array as an extension; toJSON belongs to nobody here.
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false });
  readonly #plain = new Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: true });
  /** Keys as they are, so that a mark's code is told from a key of that text. */
  readonly #marked = new Unpackr({ useRecords: false, mapsAsObjects: false, copyBuffers: true });

  write(tree: unknown): Uint8Array {
    const bytes: Uint8Array = this.#packr.pack(tree, RESET_BUFFER_MODE);
    const pool = smallerPool(bytes);
    if (pool !== undefined) this.#packr.useBuffer(pool);
    return bytes;
  }

  read(bytes: Uint8Array, hasMarks: boolean): unknown {
    return (hasMarks ? this.#marked : this.#plain).unpack(bytes);
  }

  readHeader(bytes: Uint8Array, at: number, header: Header): void {
    readMessagePackHeader(bytes, at, header);
  }

  mark(code: number, content: unknown): unknown {
    return new Map([[code, content]]);
  }

  unmark(node: object): Mark | undefined {
    if (!(node instanceof Map) || node.size !== 1) return undefined;
    const [[code, content]] = node as unknown as [[unknown, unknown]];
    return typeof code === "number" ? { code, content } : undefined;
  }
}
