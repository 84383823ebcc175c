import { ByteWriter } from "../block/byte-writer.ts";
import { crc32 } from "../block/crc32.ts";
import { corrupt } from "../block/damage.ts";
import { HEADER_BYTES, seal, unseal } from "../block/header.ts";
import { hasFields } from "./fields.ts";
import { areNames, areTraces } from "./head-fields.ts";
import type { HeadTable, HeadTrace } from "./head.ts";
import { identityOfTable, TABLE_PREFIX } from "./table-name.ts";

/** What a table tells: traces, and names of traces that older tables tell of and that have been dropped since. */
export interface TableEntries {
  /** Ascending by name. */
  readonly traces: readonly HeadTrace[];
  /** Ascending; none of them is the name of one of the traces. */
  readonly dropped: readonly string[];
}

/** A table that is to be written: its bytes are the whole of its value. */
export interface EncodedTable {
  readonly head: HeadTable;
  readonly bytes: Uint8Array;
}

/**
 * Encodes a table of traces: an immutable value that heads name, so that they need not name its traces one by one.
 * What is in it:
 *
 * | part | holds |
 * |---|---|
 * | header, magic `ZSPT`, not compressed | see header.ts; its rows are the entries, traces and dropped names together |
 * | the rest | `{ traces, dropped }` as UTF-8 JSON, the fields of `TableEntries` and no others |
 *
 * @param id The table's own name, as of a batch: the writer and a number that it has used for nothing else.
 */
export function encodeTable(id: string, { traces, dropped }: TableEntries): EncodedTable {
  const value = `${TABLE_PREFIX}${id}`;
  const json = new TextEncoder().encode(JSON.stringify({ traces, dropped }));
  const writer = new ByteWriter(HEADER_BYTES + json.length, HEADER_BYTES);
  writer.raw(json);
  const entries = traces.length + dropped.length;
  const bytes = seal(writer, "ZSPT", identityOfTable(value), entries, 0);
  const checksum = crc32(bytes, 0, bytes.length);
  return { head: { value, offset: 0, length: bytes.length, checksum, entries }, bytes };
}

/**
 * Decodes the table that a head names, whose bytes have the checksum that the head has of them.
 *
 * @throws `ZSPINE_CORRUPT`, naming the table, when the bytes are damaged or another table's; `ZSPINE_FORMAT` when a
 *   newer version wrote them.
 */
export function decodeTable(bytes: Uint8Array, head: HeadTable): TableEntries {
  const where = describeTable(head);
  const { rows, columns, compression, body } = unseal(bytes, "ZSPT", identityOfTable(head.value), where);
  if (columns !== 0 || compression !== 0) throw corrupt(where, "a table has neither columns nor compression");
  const entries = parse(body);
  if (entries === undefined) throw corrupt(where, "it does not hold what a table holds");
  const found = entries.traces.length + entries.dropped.length;
  if (found !== rows || found !== head.entries)
    throw corrupt(
      where,
      `it has ${found} entries, its header tells of ${rows} and the head of ${head.entries}`,
    );
  return entries;
}

/** Names a table in messages. */
export function describeTable({ value }: HeadTable): string {
  return `the table of traces ${value}`;
}

function parse(json: Uint8Array): TableEntries | undefined {
  try {
    const entries: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (!hasFields(entries, { traces: areTraces, dropped: areNames })) return undefined;
    const { traces, dropped } = entries as unknown as TableEntries;
    const names = new Set(dropped);
    return traces.some(({ name }) => names.has(name)) ? undefined : { traces, dropped };
  } catch {
    return undefined;
  }
}
