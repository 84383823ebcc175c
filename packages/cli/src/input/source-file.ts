import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { quote } from "@zspine/core";
import { FailedError, UsageError } from "../console/failure.ts";

export const FORMATS = ["ndjson", "csv", "parquet"] as const;
type Format = (typeof FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, Format>> = {
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".csv": "csv",
  ".tsv": "csv",
  ".parquet": "parquet",
};

/** A file that is imported, or `-` for what is piped in. */
export interface SourceFile {
  readonly path: string;
  /** How messages call it. */
  readonly name: string;
  readonly format: Format;
  /** Its bytes; `undefined` where nobody knows. */
  readonly size: number | undefined;
  readonly delimiter: string;
  /** Gives its bytes. @param onBytes is told how many there have been. */
  read(onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined>;
}

/** What is known of how a file is written before it is read. */
export interface SourceOptions {
  readonly format?: Format | undefined;
  readonly delimiter?: string | undefined;
}

/**
 * Finds a file and how it is written: as was said, or as its name says.
 *
 * @throws (rejects with) `UsageError` when neither does; `FailedError` for a directory; what the file system says.
 */
export async function findSource(path: string, given: SourceOptions): Promise<SourceFile> {
  const isPiped = path === "-";
  const extension = extname(path).toLowerCase();
  const format = given.format ?? EXTENSIONS[extension];
  const name = isPiped ? "the input" : quote(path);
  if (format === undefined)
    throw new UsageError(
      `${name}: nothing tells how it is written; say so: --format ndjson, --format csv or --format parquet`,
    );
  if (isPiped && format === "parquet")
    throw new UsageError("Parquet is read from its end, so not from a pipe; write it to a file first");
  const found = isPiped ? undefined : await stat(path);
  if (found?.isDirectory() === true) throw new FailedError(`${name} is a directory, and a file was expected`);
  return {
    path,
    name,
    format,
    size: found?.isFile() === true ? found.size : undefined,
    delimiter: given.delimiter ?? (extension === ".tsv" ? "\t" : ","),
    async *read(onBytes) {
      let bytes = 0;
      for await (const piece of (isPiped ? process.stdin : createReadStream(path)) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        onBytes(bytes);
        yield piece;
      }
    },
  };
}
