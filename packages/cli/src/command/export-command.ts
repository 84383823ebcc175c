import { createWriteStream } from "node:fs";
import { rename, stat, unlink } from "node:fs/promises";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import { quote } from "@zspine/core";
import { exportNdjson, type RowSource } from "@zspine/data";
import { UsageError } from "../console/failure.ts";
import { Progress } from "../console/progress.ts";
import type { Terminal } from "../console/terminal.ts";
import { counted, grouped } from "../console/text-table.ts";
import { columnsOf, fieldsOf } from "../input/row-names.ts";
import { exportCsv } from "../output/csv-lines.ts";
import { rangeOf, type RangeTexts } from "../schema/key-text.ts";
import { withTrace, type TraceCommandOptions } from "./read-commands.ts";

/** What `zspine export` is told. */
export interface ExportCommandOptions extends TraceCommandOptions, RangeTexts {
  readonly format?: "ndjson" | "csv" | undefined;
  readonly flat?: boolean | undefined;
  readonly force?: boolean | undefined;
}

const EXTENSIONS: Readonly<Record<string, "ndjson" | "csv">> = {
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".csv": "csv",
};

/** Writes rows to a file, or to the output: `zspine export LOCATION [FILE]`. */
export async function exportCommand(
  terminal: Terminal,
  location: string,
  path: string | undefined,
  options: ExportCommandOptions,
): Promise<void> {
  const format = options.format ?? formatOf(path);
  await withTrace(terminal, location, options, async (trace) => {
    const source: RowSource<unknown, unknown> = trace;
    const range = rangeOf(trace.layout, options);
    using progress = new Progress(terminal, "exporting");
    let rows = 0;
    const { size } = trace;
    const isFlat = format === "csv" || options.flat === true;
    const fields = fieldsOf(trace, {}, { isFlat, isTimed: "asOf" in trace });
    const common = {
      fields,
      range,
      signal: terminal.signal,
      onProgress: (done: { readonly rows: number }) => {
        ({ rows } = done);
        if (path !== undefined) progress.at(rows, size, `${grouped(rows)} rows`);
      },
    };
    const pieces: AsyncIterable<string | Uint8Array> =
      format === "csv"
        ? exportCsv(source, columnsOf(trace, fields), common)
        : exportNdjson(source, { ...common, flat: isFlat });
    if (path === undefined || path === "-") {
      for await (const piece of pieces) await terminal.write(piece);
      return;
    }
    await writeFile(path, pieces, options.force === true);
    progress.end();
    terminal.tell(`wrote ${counted(rows, "row")} of ${quote(trace.name)} to ${quote(path)}`);
  });
}

function formatOf(path: string | undefined): "ndjson" | "csv" {
  if (path === undefined || path === "-") return "ndjson";
  const found = EXTENSIONS[extname(path).toLowerCase()];
  if (found !== undefined) return found;
  throw new UsageError(
    `${quote(path)}: nothing tells how it is to be written; say --format ndjson or --format csv`,
  );
}

/** Writes a file beside the one that it is to be, and puts it in its place when it is whole. */
async function writeFile(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
  isForced: boolean,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // A pipe, or a device, is written to as it is.
  if (found !== undefined && !found.isFile()) {
    await pipeline(pieces, createWriteStream(path));
    return;
  }
  if (found !== undefined && !isForced)
    throw new UsageError(
      `${quote(path)} is there already, and was left as it is; to write over it, add --force`,
    );
  const partial = `${path}.${process.pid}.partial`;
  try {
    await pipeline(pieces, createWriteStream(partial, { flags: "wx" }));
    await rename(partial, path);
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    // Nobody knows of the file beside it.
    if (error instanceof Error && "path" in error && error.path === partial) error.path = path;
    throw error;
  }
}
