import fc from "fast-check";
import { describe, it } from "vitest";
import { layoutOf } from "../../src/index.ts";
import { columnCases } from "../zset/column-cases.ts";
import { SEED } from "../zset/zset-arbitraries.ts";
import { StagingModel, type ModelRow } from "./staging-model.ts";

// Random programs over random schemas, against a list of rows.

type Step =
  | { readonly do: "push" | "refuse" | "find"; readonly row: ModelRow; readonly share: number }
  | { readonly do: "columns"; readonly rows: readonly ModelRow[] }
  | { readonly do: "mark" | "reset" | "view" }
  | { readonly do: "seal"; readonly share: number }
  | { readonly do: "look"; readonly row: ModelRow; readonly view: number }
  | { readonly do: "order"; readonly view: number };

const programs = fc.tuple(columnCases, columnCases).chain(([under, of]) =>
  // Few keys and values, so that they meet.
  fc
    .tuple(
      fc.array(under.values, { minLength: 1, maxLength: 4 }),
      fc.array(of.values, { minLength: 1, maxLength: 4 }),
    )
    .chain(([keys, values]) => {
      const row: fc.Arbitrary<ModelRow> = fc.record({
        key: fc.constantFrom(...keys),
        value: fc.constantFrom(...values),
        weight: fc.integer({ min: -2, max: 2 }),
      });
      const share = fc.double({ min: 0, max: 1, noNaN: true });
      const step: fc.Arbitrary<Step> = fc.oneof(
        { weight: 6, arbitrary: fc.record({ do: fc.constant("push" as const), row, share }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("find" as const), row, share }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), row, share }) },
        fc.record({ do: fc.constant("columns" as const), rows: fc.array(row, { maxLength: 7 }) }),
        { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("mark", "reset", "view" as const) }) },
        fc.record({ do: fc.constant("seal" as const), share: fc.oneof(share, fc.constant(1)) }),
        { weight: 2, arbitrary: fc.record({ do: fc.constant("look" as const), row, view: fc.nat(9) }) },
        fc.record({ do: fc.constant("order" as const), view: fc.nat(9) }),
      );
      return fc.record({
        schemas: fc.constant([under.schema, of.schema] as const),
        capacity: fc.nat(9),
        steps: fc.array(step, { maxLength: 60, size: "max" }),
      });
    }),
);

function run(model: StagingModel, step: Step): void {
  switch (step.do) {
    case "push":
      model.push(step.row);
      return;
    case "refuse":
      // A weight that is none, and a value of no schema: a symbol.
      model.refuse(
        step.share < 0.5 ? { ...step.row, weight: 0.5 } : { ...step.row, value: Symbol("no value") },
      );
      return;
    case "find":
      model.find(step.row.key, Math.floor(step.share * (model.rows.length + 0.999)));
      return;
    case "columns":
      model.pushColumns(step.rows);
      return;
    case "seal":
      model.seal(Math.floor(step.share * (model.rows.length + 0.999)));
      return;
    case "look":
    case "order": {
      const view = model.views[step.view % Math.max(model.views.length, 1)];
      if (view === undefined) return;
      if (step.do === "look") model.findIn(view, step.row.key);
      else model.consolidate(view);
      return;
    }
    default:
      model[step.do]();
  }
}

describe(`Staging (seed ${SEED})`, () => {
  it("reads by key and as it was at any moment what a list of its rows gives, whatever was done since", () => {
    const property = fc.property(programs, ({ schemas, capacity, steps }) => {
      const model = new StagingModel(layoutOf(...schemas), capacity);
      for (const step of steps) {
        run(model, step);
        if (model.staging.length !== model.rows.length) model.check();
      }
      model.check();
    });
    fc.assert(property, { seed: SEED, numRuns: 400 });
  });
});
