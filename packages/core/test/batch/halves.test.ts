import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { PartBuilder, readRow, Staging, type Part, type Plan } from "../../src/engine.ts";
import { failEachAllocation, isInjected, type FailingAllocations } from "../failing-allocations.ts";
import { jsonSerializer } from "../schema/json-serializer.ts";
import { identify } from "../zset/identity.ts";
import { StagingModel, type ModelRow } from "./staging-model.ts";

// The law: a call that throws has done nothing, and the next one works. Every allocation of a run fails in turn.

const serializer = jsonSerializer();

interface Kind {
  readonly name: string;
  readonly schema: z.ZodType;
  /** A value that differs for each of few numbers. */
  valueOf(n: number): unknown;
}

const KINDS: readonly Kind[] = [
  { name: "numbers", schema: z.number(), valueOf: (n) => (n === 5 ? NaN : n / 2) },
  { name: "bigints of 64 bits", schema: z.int64(), valueOf: (n) => 2n ** BigInt(40 + n) + 1n },
  { name: "text", schema: z.string(), valueOf: (n) => "é".repeat(n) },
  { name: "bytes", schema: z.instanceof(Uint8Array), valueOf: (n) => new Uint8Array(n * 3).fill(n) },
  { name: "absence", schema: z.string().nullish(), valueOf: (n) => [null, undefined, "there"][n % 3] },
  { name: "opaque values", schema: z.array(z.int()), valueOf: (n) => [n, n * n] },
  {
    name: "objects",
    schema: z.object({ a: z.int64(), b: z.string().nullable(), c: z.number() }),
    valueOf: (n) => ({
      a: 2n ** BigInt(50 + n) - 1n,
      b: n % 2 === 0 ? null : "b".repeat(n),
      c: n % 4 === 3 ? NaN : n,
    }),
  },
];

function rowOf({ valueOf }: Kind, n: number): ModelRow {
  return { key: valueOf(n % 7), value: valueOf((n * 5) % 9), weight: (n % 5) - 2 || 3 };
}

/** Does a step until it succeeds; after each failure nothing may have changed. */
function insist(failing: FailingAllocations, model: StagingModel, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!isInjected(error)) throw error;
    failing.without(() => {
      model.check();
    });
    step();
  }
}

function stagingProgram(kind: Kind, layout: Layout, failing: FailingAllocations): void {
  const model = failing.without(() => new StagingModel(layout, 1));
  const rows = failing.without(() => Array.from({ length: 28 }, (_, n) => rowOf(kind, n)));
  for (const [n, row] of rows.entries()) {
    insist(failing, model, () => {
      model.push(row);
    });
    if (n % 6 === 3)
      insist(failing, model, () => {
        model.find(row.key, model.rows.length);
      });
    if (n % 13 === 7)
      insist(failing, model, () => {
        model.view();
      });
    if (n === 9) model.mark();
    if (n === 11)
      insist(failing, model, () => {
        model.reset();
      });
    if (n === 15)
      insist(failing, model, () => {
        model.pushColumns(rows.slice(0, 20));
      });
    if (n === 22)
      insist(failing, model, () => {
        model.seal(17);
      });
    if (n % 13 === 10)
      insist(failing, model, () => {
        const view = model.views.at(-1)!;
        model.findIn(view, row.key);
        model.consolidate(view);
      });
  }
  insist(failing, model, () => {
    model.seal(model.rows.length);
  });
  insist(failing, model, () => {
    model.push(rows[0]!);
  });
  failing.without(() => {
    model.check();
  });
}

function partOf(layout: Layout, rows: readonly ModelRow[]): Part {
  const staging = new Staging(layout);
  for (const { key, value, weight } of rows) staging.push(key, value, weight);
  return staging.peek();
}

function partBuilderProgram(kind: Kind, layout: Layout, failing: FailingAllocations): void {
  const sources = failing.without(() =>
    Array.from({ length: 3 }, (_, source) =>
      Array.from({ length: 12 }, (_row, n) => rowOf(kind, n + source)),
    ),
  );
  const { parts, plans } = failing.without(() => ({
    parts: sources.map((rows) => partOf(layout, rows)),
    plans: Array.from({ length: 6 }, (_, n): Plan & { readonly count: number } => {
      const count = 1 + n * 3;
      const from = (i: number): number => (n === 0 ? 0 : (i + n) % 3);
      return {
        count,
        sources: Uint32Array.from({ length: count }, (_source, i) => from(i)),
        rows: Uint32Array.from({ length: count }, (_row, i) => (i * 5) % 12),
        weights: Float64Array.from({ length: count }, (_weight, i) => i + 1),
      };
    }),
  }));
  const builder = failing.without(() => new PartBuilder(layout.kinds, 1));
  const expected: string[] = [];
  const retry = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      if (!isInjected(error)) throw error;
      expect(builder.length).toBe(expected.length);
      return step();
    }
  };
  for (const plan of plans) {
    retry(() => {
      builder.gather(parts, plan, plan.count);
    });
    for (let i = 0; i < plan.count; i++) {
      const { key, value } = sources[plan.sources[i]!]![plan.rows[i]!]!;
      expected.push(`${identify([key, value])} × ${i + 1}`);
    }
  }
  const { columns, weights } = retry(() => builder.finish());
  const identifyRow = (weight: number, row: number): string =>
    `${identify([readRow(layout.key, columns, row), readRow(layout.value, columns, row)])} × ${weight}`;
  const found = failing.without(() => Array.from(weights, identifyRow));
  expect(found).toEqual(expected);
  expect(builder.length).toBe(0);
}

describe("when an allocation fails", () => {
  for (const kind of KINDS) {
    const layout: Layout = layoutOf(kind.schema, kind.schema, { serializer });

    it(`Staging leaves out what it was doing, and goes on, with ${kind.name}`, () => {
      const count = failEachAllocation((failing) => {
        stagingProgram(kind, layout, failing);
      });
      expect(count).toBeGreaterThan(50);
    });

    it(`PartBuilder leaves out what it was doing, and goes on, with ${kind.name}`, () => {
      const count = failEachAllocation((failing) => {
        partBuilderProgram(kind, layout, failing);
      });
      expect(count).toBeGreaterThan(10);
    });
  }
});
