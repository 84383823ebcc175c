import { BOOLEAN, checkOptions, FUNCTION, SIGNAL, throwIfAborted, type OptionKinds } from "@zspine/core";
import { ANY, rowReader } from "@zspine/core/engine";
import {
  checkSource,
  readRows,
  valueShapeOf,
  type ReadingOptions,
  type RowSource,
} from "../rows/row-source.ts";
import { checkFields, LineFormat, type LineOptions } from "./line-format.ts";

/** How rows are written as lines. */
export interface ExportNdjsonOptions<K> extends LineOptions, ReadingOptions<K> {
  /** Told after each piece how many rows have been written. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined;
}

const KINDS: OptionKinds = {
  fields: ANY,
  flat: BOOLEAN,
  range: ANY,
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/** Bytes of a piece, about. */
const PIECE_BYTES = 65_536;

/**
 * Writes rows as NDJSON: a line of JSON for each, in their order, as bytes of UTF-8 in pieces of about 64 KiB. What JSON has no
 * form for is written so that {@link importNdjson} reads it as it was (docs/guides/moving-data.md has the table). Of a
 * temporal trace every line has its time.
 *
 * Rows are read as they are asked for, as of the moment when the first was: of a trace its uncommitted rows too, of
 * `store.at(token).of(trace)` those of the commit. Takes memory for some thousand rows.
 *
 * ```ts
 * for await (const bytes of exportNdjson(orders)) await handle.write(bytes);
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS`; (rejects with) `ZSPINE_ABORTED`, and what reading fails with.
 */
export function exportNdjson<K, V>(
  source: RowSource<K, V>,
  options: ExportNdjsonOptions<K> = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  checkSource("exportNdjson", source);
  const checked = checkOptions(options, "exportNdjson", KINDS);
  checkFields(checked.fields);
  return writeLines(source, checked);
}

async function* writeLines<K, V>(
  source: RowSource<K, V>,
  options: ExportNdjsonOptions<K>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal, onProgress } = options;
  throwIfAborted(signal, "the export");
  const encoder = new TextEncoder();
  let format: LineFormat | undefined;
  let text = "";
  let rows = 0;
  for await (const { chunk, time } of readRows(source, options)) {
    const { layout, part, length } = chunk;
    const value = valueShapeOf(layout);
    format ??= new LineFormat({ key: layout.key, value }, options, time !== undefined);
    const readKey = rowReader(layout.key, part.columns);
    const readValue = rowReader(value, part.columns);
    for (let row = 0; row < length; row++) {
      const at = typeof time === "number" || time === undefined ? time : time[row]!;
      text += `${format.write(readKey(row), readValue(row), part.weights[row]!, at)}\n`;
      rows++;
      if (text.length < PIECE_BYTES) continue;
      yield encoder.encode(text);
      text = "";
      onProgress?.({ rows });
      throwIfAborted(signal, "the export");
    }
  }
  if (text !== "") yield encoder.encode(text);
  onProgress?.({ rows });
}
