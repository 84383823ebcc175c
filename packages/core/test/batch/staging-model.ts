import { expect } from "vitest";
import { isZspineError, type Layout } from "../../src/index.ts";
import {
  compareRows,
  hashKeys,
  probeKeys,
  readRow,
  rowReader,
  Staging,
  type HashSeed,
  type Part,
  type Shape,
  type StagingMark,
  type StagingView,
} from "../../src/engine.ts";
import { identify } from "../zset/identity.ts";
import { reserved } from "./reserved.ts";

/** A row as it is given. */
export interface ModelRow {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight: number;
}

/** A view and what it must go on showing. */
export interface ModelView {
  readonly view: StagingView;
  readonly rows: readonly ModelRow[];
}

const SEED: HashSeed = { k0: 0x01234567, k1: 0x89abcdef };

/**
 * A staging beside the slow, obvious reference: a list of rows. Each call does both, the staging first, so that
 * where it throws the list is as it was; `check` compares them.
 */
export class StagingModel {
  readonly layout: Layout;
  readonly staging: Staging;
  readonly views: ModelView[] = [];
  rows: readonly ModelRow[] = [];
  private marks: { readonly mark: StagingMark; readonly rows: readonly ModelRow[] }[] = [];

  constructor(layout: Layout, capacity: number) {
    this.layout = layout;
    this.staging = new Staging(layout, capacity, "the model");
  }

  push(row: ModelRow): void {
    this.staging.push(row.key, row.value, row.weight);
    if (row.weight !== 0) this.rows = [...this.rows, row];
  }

  pushColumns(rows: readonly ModelRow[]): void {
    const input = {
      key: columnsOf(
        this.layout.key,
        rows.map(({ key }) => key),
      ),
      value: columnsOf(
        this.layout.value,
        rows.map(({ value }) => value),
      ),
      weight: rows.map(({ weight }) => weight),
    };
    this.staging.pushColumns(input, 0, rows.length);
    this.rows = [...this.rows, ...rows];
  }

  /** Pushes what must be refused. */
  refuse(row: ModelRow): void {
    try {
      this.staging.push(row.key, row.value, row.weight);
    } catch (error) {
      if (isZspineError(error)) return;
      throw error;
    }
    expect.unreachable(`${identify([row.key, row.value])} was taken`);
  }

  mark(): void {
    this.marks.push({ mark: this.staging.mark(), rows: this.rows });
  }

  /** Goes back to the last mark, if there is one. */
  reset(): void {
    const last = this.marks.at(-1);
    if (last === undefined) return;
    this.staging.reset(last.mark);
    this.rows = last.rows;
    this.marks.pop();
  }

  seal(until: number): void {
    const parts = this.staging.seal(until);
    const sealed = this.rows.slice(0, until);
    this.rows = this.rows.slice(until);
    this.marks = [];
    expectConsolidated(this.layout, parts, sealed);
  }

  view(): void {
    this.views.push({ view: this.staging.view(), rows: this.rows });
  }

  /** Looks a key up in the staging, below `until`. */
  find(key: unknown, until: number): void {
    const { probe, hash } = this.probe(key);
    const into: number[] = [];
    const count = this.staging.find(probe, 0, hash, SEED, until, into);
    expectSame([count, ...into], [into.length, ...numbersOf(this.rows.slice(0, until), key)]);
  }

  /** Looks a key up in a view, and reads the rows found both where they lie and picked. */
  findIn({ view, rows }: ModelView, key: unknown): void {
    const { probe, hash } = this.probe(key);
    const into = [-1];
    const count = view.find(probe, 0, hash, SEED, into);
    const numbers = into.slice(1);
    expectSame([count, ...numbers], [into.length - 1, ...numbersOf(rows, key)]);
    const { part } = view;
    for (const number of numbers) {
      const read = [
        readRow(this.layout.key, part.columns, number),
        rowReader(this.layout.value, part.columns)(number),
      ];
      const row = { key: read[0], value: read[1], weight: part.weights[number]! };
      const order = compareRows(part, number, probe, 0, 0, this.layout.keyColumns);
      expectSame([identifyRow(row), order], [identifyRow(rows[number]!), 0]);
    }
    expectConsolidated(
      this.layout,
      view.pick(numbers),
      numbers.map((number) => rows[number]!),
    );
  }

  /** Reads a view in order. */
  consolidate({ view, rows }: ModelView): void {
    expectConsolidated(this.layout, view.consolidate(), rows);
  }

  /** Compares all that can be seen. */
  check(): void {
    const { staging, rows, layout } = this;
    const totalWeight = rows.reduce((sum, { weight }) => sum + weight, 0);
    const mass = rows.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
    expectSame([staging.length, staging.totalWeight, staging.mass], [rows.length, totalWeight, mass]);
    expect(reserved(staging)).toBeGreaterThanOrEqual(
      staging.bytes - (staging.length + 1) * 8 * layout.kinds.length,
    );
    expectSame(written(layout, [staging.peek()]), rows.map(identifyRow));
    for (const row of rows.slice(-3)) this.find(row.key, rows.length);
    for (const seen of this.views) {
      expectSame([seen.view.length], [seen.rows.length]);
      for (const row of seen.rows.slice(-2)) this.findIn(seen, row.key);
      this.consolidate(seen);
    }
  }

  private probe(key: unknown): { readonly probe: Part; readonly hash: number } {
    const probe = probeKeys(this.layout, [key]);
    return { probe, hash: hashKeys(probe, this.layout, SEED)[0]! };
  }
}

function identifyRow({ key, value, weight }: ModelRow): string {
  return `${identify([key, value])} × ${weight}`;
}

/** Numbers of the rows of a key, newest first, those of weight 0 left out. */
function numbersOf(rows: readonly ModelRow[], key: unknown): number[] {
  const id = identify(key);
  return rows
    .flatMap((row, number) => (row.weight !== 0 && identify(row.key) === id ? [number] : []))
    .reverse();
}

function written(layout: Layout, parts: readonly Part[]): string[] {
  return parts.flatMap(({ columns, weights }) =>
    Array.from(weights, (weight, row) =>
      identifyRow({
        key: readRow(layout.key, columns, row),
        value: readRow(layout.value, columns, row),
        weight,
      }),
    ),
  );
}

/** Fails unless parts hold the sums of rows that are not 0, strictly ascending. */
function expectConsolidated(layout: Layout, parts: readonly Part[], rows: readonly ModelRow[]): void {
  const sums = new Map<string, ModelRow>();
  for (const row of rows) {
    const id = identify([row.key, row.value]);
    sums.set(id, { ...row, weight: (sums.get(id)?.weight ?? 0) + row.weight });
  }
  const expected = [...sums.values()].filter(({ weight }) => weight !== 0).map(identifyRow);
  expectSame(written(layout, parts).sort(), expected.sort());
  for (const part of parts) {
    for (let row = 1; row < part.weights.length; row++) {
      const order = compareRows(part, row - 1, part, row, 0, layout.kinds.length);
      if (order >= 0) expect.unreachable(`row ${row} is not after the one before`);
    }
  }
}

/** `toEqual` for lists that are nearly always equal, and compared many thousand times. */
function expectSame(found: readonly (string | number)[], expected: readonly (string | number)[]): void {
  const isSame = found.length === expected.length && found.every((item, at) => item === expected[at]);
  if (!isSame) expect(found).toEqual(expected);
}

/** Lays values out as columns. */
function columnsOf(shape: Shape, values: readonly unknown[]): unknown {
  switch (shape.kind) {
    case "object":
      return Object.fromEntries(
        shape.fields.map(({ name, shape: field }) => [
          name,
          columnsOf(
            field,
            values.map((value) => (value as Record<string, unknown>)[name]),
          ),
        ]),
      );
    case "tuple":
      return shape.items.map((item, at) =>
        columnsOf(
          item,
          values.map((value) => (value as unknown[])[at]),
        ),
      );
    default:
      return values;
  }
}
