import { exportNdjson, type RowSource } from "@zspine/data";
import type { KeyRange } from "@zspine/store";
import type { Terminal } from "../console/terminal.ts";

/** How rows are shown. */
export interface ShowOptions {
  readonly range?: KeyRange<unknown> | undefined;
  readonly json?: boolean | undefined;
}

/** A row as a line of NDJSON has it. */
interface LineOfRow {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly weight?: number;
  readonly time?: number;
}

/**
 * Writes rows for a person, a line each, `7  {"customer":"ann"}`, with the time before and the weight after where there is one,
 * and it is not 1; or as NDJSON. Resolves to how many there were.
 */
export async function showRows(
  terminal: Terminal,
  source: RowSource<unknown, unknown>,
  { range, json }: ShowOptions,
): Promise<number> {
  let rows = 0;
  const pieces = exportNdjson(source, {
    range,
    signal: terminal.signal,
    onProgress: (progress) => {
      rows = progress.rows;
    },
  });
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    if (json === true) await terminal.write(piece);
    else await terminal.write(shown(decoder.decode(piece)));
  }
  return rows;
}

function shown(lines: string): string {
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => `${lineFor(JSON.parse(line) as LineOfRow)}\n`)
    .join("");
}

function lineFor({ key, value, weight, time }: LineOfRow): string {
  const parts = [
    ...(time === undefined ? [] : [`@${time}`]),
    textFor(key),
    ...(value === undefined ? [] : [textFor(value)]),
    ...(weight === undefined ? [] : [`× ${weight}`]),
  ];
  return parts.join("  ");
}

/** A text without quotes, where nobody could take it for something else. */
function textFor(value: unknown): string {
  const isPlain = typeof value === "string" && /^[^\s"{}[\],:]+$/.test(value);
  return isPlain ? value : (JSON.stringify(value) ?? "");
}
