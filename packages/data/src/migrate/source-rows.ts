import type { Row } from "@zspine/core";
import { compareRows, rowReader, type Part } from "@zspine/core/engine";
import type { CommitSnapshot, Trace } from "@zspine/store";
import type { TemporalTrace } from "@zspine/temporal";
import { isTimed } from "../commit/target.ts";
import { jsonOfShape } from "../json/shape-json.ts";
import { timesOf, valueShapeOf, type RowsRead } from "../rows/row-source.ts";
import type { MovePosition, StoredMigration } from "./migration-state.ts";
import type { Move } from "./move.ts";

type Times = StoredMigration["times"][number];

/** A row of a source, and where to go on after it. */
export interface SourceRow extends Row<unknown, unknown> {
  readonly time: number | undefined;
}

/** Reads the rows of one source from a position on, always the same and in the same order. */
export class SourceRows {
  private readonly move: Move;
  private readonly commit: CommitSnapshot | undefined;
  private readonly times: Times;
  private readonly signal: AbortSignal | undefined;
  private isBaseDone: boolean;
  /** The last row that was given, and how many of its key were. */
  private last: { readonly part: Part; readonly row: number } | undefined;
  private keyBefore: string | undefined;
  private skip: number;
  private readonly json: ReturnType<typeof jsonOfShape>;

  constructor(
    move: Move,
    commit: CommitSnapshot | undefined,
    times: Times,
    from: MovePosition,
    signal: AbortSignal | undefined,
  ) {
    this.move = move;
    this.commit = commit;
    this.times = times;
    this.signal = signal;
    this.isBaseDone = from.isBaseDone;
    this.keyBefore = from.key;
    this.skip = from.skip;
    this.json = jsonOfShape(move.from.layout.key);
  }

  /** Where to go on after the last row that was given. */
  position(at: number): MovePosition {
    const { isBaseDone, skip, last, keyBefore } = this;
    if (last === undefined)
      return keyBefore === undefined ? { at, isBaseDone, skip } : { at, isBaseDone, key: keyBefore, skip };
    const key = rowReader(this.move.from.layout.key, last.part.columns)(last.row);
    return { at, isBaseDone, key: JSON.stringify({ key: this.json.toJson(key) }), skip };
  }

  /** Gives the rows. */
  async *rows(): AsyncGenerator<SourceRow, void, undefined> {
    const { from, to } = this.move;
    if (!isTimed(from)) {
      if (this.commit !== undefined) yield* this.rest(() => this.chunksOf(from));
      return;
    }
    if (this.times === null) return;
    const { since, until } = this.times;
    if (!isTimed(to)) {
      yield* this.rest(() => this.asOf(from, until, undefined));
      return;
    }
    if (!this.isBaseDone) {
      yield* this.rest(() => this.asOf(from, since, since));
      this.isBaseDone = true;
      this.last = undefined;
      this.keyBefore = undefined;
      this.skip = 0;
    }
    yield* this.rest(() => this.changes(from, since, until));
  }

  private async *chunksOf(from: Trace<unknown, unknown>): AsyncGenerator<RowsRead, void, undefined> {
    const snapshot = this.commit!.of(from);
    for await (const chunk of snapshot.loadChunks(this.range, this.reading)) yield { chunk, time: undefined };
  }

  private async *asOf(
    from: TemporalTrace<unknown, unknown>,
    at: number,
    time: number | undefined,
  ): AsyncGenerator<RowsRead, void, undefined> {
    using reader = await from.asOf(at, this.reading);
    for await (const chunk of reader.chunks(this.range, this.reading)) yield { chunk, time };
  }

  private async *changes(
    from: TemporalTrace<unknown, unknown>,
    after: number,
    until: number,
  ): AsyncGenerator<RowsRead, void, undefined> {
    using reader = await from.changes({ after, until, net: false, ...this.reading });
    for await (const chunk of reader.chunks(this.range, this.reading)) yield { chunk, time: timesOf(chunk) };
  }

  private get reading(): { readonly signal: AbortSignal | undefined } {
    return { signal: this.signal };
  }

  /** What is left to be read: from the last key on, whose rows that were given are passed over. */
  private get range(): { readonly gte?: unknown } {
    if (this.keyBefore === undefined) return {};
    const { key } = JSON.parse(this.keyBefore) as { readonly key?: unknown };
    return { gte: this.json.fromJson(key) };
  }

  private async *rest(
    read: () => AsyncGenerator<RowsRead, void, undefined>,
  ): AsyncGenerator<SourceRow, void, undefined> {
    const { keyColumns } = this.move.from.layout;
    let passOver = this.skip;
    for await (const { chunk, time } of read()) {
      const { layout, part, length } = chunk;
      const key = rowReader(layout.key, part.columns);
      const value = rowReader(valueShapeOf(layout), part.columns);
      for (let row = 0; row < length; row++) {
        if (passOver > 0) {
          passOver--;
          this.last = { part, row };
          continue;
        }
        const { last } = this;
        const isSameKey =
          last !== undefined && compareRows(last.part, last.row, part, row, 0, keyColumns) === 0;
        this.skip = isSameKey ? this.skip + 1 : 1;
        this.last = { part, row };
        const at = typeof time === "number" || time === undefined ? time : time[row]!;
        yield { key: key(row), value: value(row), weight: part.weights[row]!, time: at };
      }
    }
  }
}
