import { IndexedZSet, keysOf, type IndexedZSetRowInput } from "@zspine/core";
import { nullable, TEXT, tupleOf } from "@zspine/core/engine";
import { Accumulator } from "../aggregate/accumulator.ts";
import { isLinear, type Aggregate, type Extreme } from "../aggregate/aggregate.ts";
import { firstRows } from "./first-rows.ts";
import { GroupWalk } from "./group-walk.ts";
import type { Delta, Operator, RowSchemas, StateReader } from "./operator.ts";

type AnyAggregate = Aggregate<unknown, unknown>;
type Change = IndexedZSetRowInput<unknown, unknown>;

/** What is aggregated: the aggregates by field, or one by itself; and for each extreme the rows of what it is of. */
export interface AggregateParts {
  readonly fields: readonly { readonly name: string; readonly aggregate: AnyAggregate }[];
  /** Whether what comes out is an object of the fields. */
  readonly isRecord: boolean;
  /** For each extreme, in the order of the fields. */
  readonly extremes: readonly RowSchemas[];
}

/** What is kept of a key: the accumulator as text, and the extremes, `null` where there is none. */
type Kept = readonly [text: string, ...extremes: unknown[]];

/**
 * Makes one value of the values of each key, as long as the sum of their weights is not 0. Of the rows that come in it
 * keeps one for each key, with the accumulator of the linear aggregates and the extremes, and reads that of each key in the
 * delta. Of what an extreme is of, it keeps the rows: it looks one up where the extreme is met or beaten, and reads on from
 * the end where it is lost.
 */
export function aggregateOperator(output: RowSchemas, parts: AggregateParts): Operator {
  const { fields, isRecord, extremes } = parts;
  const state = { key: output.key, value: tupleOf(TEXT, ...extremes.map(({ value }) => nullable(value))) };
  const linear = fields.flatMap(({ aggregate }) => (isLinear(aggregate) ? [aggregate] : []));
  const sought = fields.flatMap(({ aggregate }) => (isLinear(aggregate) ? [] : [aggregate]));
  const names = fields.map(({ name, aggregate }) => `${name}: ${aggregate.kind} ${aggregate.text}`);
  const resultOf = (kept: Kept | undefined): unknown => finish(parts, linear, kept);
  return {
    text: `aggregate ${String(isRecord)} ${JSON.stringify(names)}`,
    output,
    keepsInputs: [false, ...extremes.map(() => true)],
    state,
    async step({ inputs, state: reader }) {
      const { delta } = inputs[0]!;
      const before = await reader.rowsOf(keysOf(delta));
      const searches = sought.map(
        (extreme, at) => new Search(extreme, extremes[at]!, inputs[at + 1]!, before, at),
      );
      const [changes, kept]: [Change[], Change[]] = [[], []];
      for (const walk = new GroupWalk([delta, before]); !walk.isDone; walk.next()) {
        const { key } = walk;
        const was = walk.valuesOf(1)[0]?.value as Kept | undefined;
        const sums = new Accumulator(linear, was?.[0]);
        sums.add(walk.valuesOf(0));
        const found: unknown[] = [];
        for (const search of searches) found.push(await search.find(walk));
        const isGone = sums.isEmpty && found.every((extreme) => extreme === null);
        const is: Kept | undefined = isGone ? undefined : [sums.toText(), ...found];
        change(kept, key, was, is);
        change(changes, key, resultOf(was), resultOf(is));
      }
      const { serializer } = delta.layout;
      const of = ({ key, value }: RowSchemas, rows: Change[]): Delta =>
        IndexedZSet.from(key, value, rows, { serializer });
      return { delta: of(output, changes), state: of(state, kept) };
    },
  };
}

function change(rows: Change[], key: unknown, was: unknown, is: unknown): void {
  if (was !== undefined) rows.push({ key, value: was, weight: -1 });
  if (is !== undefined) rows.push({ key, value: is, weight: 1 });
}

/** Gives what comes out for what is kept of a key; `undefined` where that is nothing. */
function finish(
  { fields, isRecord }: AggregateParts,
  linear: ConstructorParameters<typeof Accumulator>[0],
  kept: Kept | undefined,
): unknown {
  if (kept === undefined) return undefined;
  const [text, ...extremes] = kept;
  const sums = new Accumulator(linear, text);
  if (sums.weight === 0) return undefined;
  const result: Record<string, unknown> = {};
  let [linears, founds] = [0, 0];
  for (const { name, aggregate } of fields) {
    const value = isLinear(aggregate) ? sums.result(linears++) : extremes[founds++];
    if (value === null) return undefined;
    if (!isRecord) return value;
    result[name] = value;
  }
  return result;
}

/** Finds an extreme of the keys of a delta, one after the other, upwards. */
class Search {
  private readonly reverse: boolean;
  private readonly schemas: RowSchemas;
  private readonly delta: Delta;
  private readonly before: StateReader;
  /** What has changed, and the extremes as they were, in the same columns. */
  private readonly walk: GroupWalk;

  constructor(
    { kind }: Extreme<unknown, unknown>,
    schemas: RowSchemas,
    { delta, before }: { readonly delta: Delta; readonly before: StateReader },
    kept: Delta,
    at: number,
  ) {
    this.reverse = kind === "max";
    this.schemas = schemas;
    this.delta = delta;
    this.before = before;
    const { key, value } = schemas;
    const { serializer } = delta.layout;
    const were: Change[] = [];
    for (const row of kept) {
      const extreme = (row.value as Kept)[at + 1];
      if (extreme !== null) were.push({ key: row.key, value: extreme });
    }
    this.walk = new GroupWalk([delta, IndexedZSet.from(key, value, were, { serializer })]);
  }

  /** Gives the extreme of the key that another walk stands on; `null` where there is none. */
  async find(outer: GroupWalk): Promise<unknown> {
    const { walk, before, reverse, schemas, delta } = this;
    const { key } = outer;
    const changed = walk.rowsAt(0, outer);
    const was = walk.rowsAt(1, outer)[0];
    const best = was?.value ?? null;
    for (const row of reverse ? changed.toReversed() : changed) {
      const order = was === undefined ? 1 : walk.compare(0, row, 1, was) * (reverse ? 1 : -1);
      if (order < 0) return best;
      // A row that was above the extreme was there less than once; one that was it, more often.
      const mayBe = order > 0 && row.weight > 0;
      const mayNot = order === 0 && row.weight < 0;
      const isThere = mayBe || mayNot ? (await before.weight(key, row.value)) + row.weight > 0 : order === 0;
      if (isThere) return row.value;
      if (order > 0) continue;
      const rows = changed.map(({ value, weight }) => ({ key, value, weight }));
      const firsts = { k: 1, reverse, bounds: { gte: key, lte: key } };
      const { are } = await firstRows(firsts, schemas, before, rows, delta);
      return are[0]?.value ?? null;
    }
    return best;
  }
}
