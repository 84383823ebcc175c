import { exportNdjson, type ExportNdjsonOptions, type RowSource } from "@zspine/data";
import type { TableColumn } from "../input/row-names.ts";

/**
 * Writes rows as CSV (RFC 4180, but lines end as in files of Unix), the header first: an absent value is nothing, an empty text a pair of
 * quotes, and what CSV has no form for is its JSON.
 */
export async function* exportCsv(
  source: RowSource<unknown, unknown>,
  columns: readonly TableColumn[],
  options: ExportNdjsonOptions<unknown>,
): AsyncGenerator<string, void, undefined> {
  const names = columns.map(({ name }) => name);
  const writers = columns.map(cellWriter);
  yield `${names.map(quoted).join(",")}\n`;
  const decoder = new TextDecoder();
  for await (const piece of exportNdjson(source, { ...options, flat: true })) {
    let text = "";
    for (const line of decoder.decode(piece).trimEnd().split("\n")) {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const cells = names.map((name, at) => writers[at]!(Object.hasOwn(row, name) ? row[name] : undefined));
      text += `${cells.join(",")}\n`;
    }
    yield text;
  }
}

function cellWriter({ shape }: TableColumn): (json: unknown) => string {
  if (shape === "weight") return (json) => String(json ?? 1);
  if (shape === "time") return String;
  const inner = shape.kind === "absence" ? shape.inner : shape;
  const isWhole = inner?.kind === "leaf" && inner.leaf.serializer === undefined;
  return (json) => {
    if (json === undefined || (json === null && isAbsent(shape))) return "";
    if (isWhole) return json === "" ? '""' : quoted(String(json));
    return quoted(JSON.stringify(json));
  };
}

function isAbsent(shape: Exclude<TableColumn["shape"], string>): boolean {
  return shape.kind === "absence";
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
