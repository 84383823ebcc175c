import { throwIfAborted, ZspineError } from "@zspine/core";
import type { Store } from "@zspine/store";
import { environmentOf } from "@zspine/store/trace-kind";
import { Slices } from "../commit/slices.ts";
import { checkTarget, isTimed, type TargetTrace } from "../commit/target.ts";
import type { ImportReport } from "../import/import-options.ts";
import { Importing } from "../import/importing.ts";
import { LineSplitter, type Line } from "../stream/line-splitter.ts";
import { piecesOf, type ByteSource } from "../stream/pieces.ts";
import { checkImportNdjson, type ImportNdjsonOptions } from "./import-ndjson-options.ts";
import { LineFormat, parseLine, type LineRow } from "./line-format.ts";

/** What is imported: bytes or text; or a function that gives them from an offset on, for an import that goes on. */
export type NdjsonInput =
  ByteSource | ((from: { readonly offset: number }) => ByteSource | Promise<ByteSource>);

const LONGEST_LINE = 64 * 1024 * 1024;
const BLANK = /^\s*$/;

/**
 * Reads NDJSON into a trace and commits it: each line that is not blank a row, as {@link exportNdjson} writes them, whatever
 * other NDJSON there is by `fields`, `flat` and `row`. Rows are not seen before they are committed, and come in one commit, all
 * of them or none; or with `{ name, commitEvery }` in several, of which each has how far it has come: called again after
 * whatever end, it goes on there, and no row is lost or there twice.
 *
 * Of the input is asked what was dealt with before; it may be the same again from its beginning, of which is passed over what
 * is in, or a function that gives it from an offset on. Costs, of a row, about what an insert costs and reading its JSON.
 *
 * ```ts
 * const { rows, badRows, bad } = await importNdjson(store, orders, response.body, { onBadRow: "skip" });
 * ```
 *
 * @throws (rejects with) the error of the first line that is refused, with `path` `["line", 3, …]`, unless `onBadRow` leaves it
 *   out; `ZSPINE_INVALID_OPTIONS`; `ZSPINE_WEIGHT_RANGE` when weights add up to what is out of range; `ZSPINE_CONFLICT` while
 *   one of its name is under way, and where that was into another trace, or one that was made anew since; `ZSPINE_ABORTED`; as `store.commit()`; what the input fails with. What was committed before
 *   stays; nothing else has changed.
 */
export async function importNdjson<K, V>(
  store: Store,
  trace: TargetTrace<K, V>,
  input: NdjsonInput,
  options: ImportNdjsonOptions = {},
): Promise<ImportReport> {
  checkTarget("importNdjson", store, trace);
  const checked = checkImportNdjson(options);
  const { row, signal, unknown, longestLine = LONGEST_LINE } = checked;
  const format = row === undefined ? new LineFormat(trace.layout, checked, isTimed(trace)) : undefined;
  const read = (line: Line): LineRow | undefined => {
    const parsed = parseLine(textOfLine(line));
    return row === undefined ? format!.read(parsed, unknown === "ignore") : row(parsed, line.number);
  };
  return Importing.run({ what: "importNdjson", unit: "line" }, store, trace, checked, async (importing) => {
    const isFunction = typeof input === "function";
    const source = isFunction ? await input({ offset: importing.from.offset }) : input;
    const splitter = new LineSplitter(importing.from, isFunction, longestLine);
    const slices = new Slices(environmentOf(store));
    const takeAll = async (lines: Iterable<Line>): Promise<void> => {
      for (const line of lines) {
        if (line.text === undefined || !BLANK.test(line.text))
          importing.take(line.number, line.text ?? "", () => read(line));
        importing.passed(line.number, line.end);
        if (importing.isFull) await importing.commit();
        if (!slices.step()) continue;
        await slices.rest();
        throwIfAborted(signal, "importNdjson");
      }
    };
    const pieces = typeof source === "string" || source instanceof Uint8Array ? [source] : source;
    for await (const piece of piecesOf(pieces, "importNdjson", EXPECTED, signal)) {
      await takeAll(splitter.split(piece));
      importing.tell();
    }
    await takeAll(splitter.end());
  });
}

const EXPECTED = "text or bytes, whole, in an iterable or an async iterable, or a stream";

/** @throws `ZSPINE_DECODE` for a line that has no text. */
function textOfLine({ text, fault }: Line): string {
  if (text !== undefined) return text;
  const advice = fault === "too long" ? "; for longer ones, pass longestLine" : "";
  throw new ZspineError("ZSPINE_DECODE", `the line is ${fault}${advice}`);
}
