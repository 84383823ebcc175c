import { memory } from "@zspine/backend-memory";
import type * as conformance from "@zspine/conformance";
import type * as core from "@zspine/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { openStore, restoreStore, tiered } from "../src/index.ts";
import type * as suite from "../src/conformance/index.ts";
import type * as store from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

/** Names of optional fields that refuse `undefined`, as compilers with `exactOptionalPropertyTypes` see them. */
type Refusing<T> = {
  [Name in keyof T]-?: Partial<Pick<T, Name>> extends Pick<T, Name>
    ? { [Same in Name]: undefined } extends Pick<T, Name>
      ? never
      : Name
    : never;
}[keyof T];

/** What users and authors of plugins make and give: options, rows, and what plugins answer. */
interface Given {
  layout: core.LayoutOptions;
  columns: core.ColumnarRows<number, string>;
  columnarInput: core.ColumnarInput;
  items: core.ZSetColumns<string>;
  item: core.ZSetRowInput<string>;
  row: core.IndexedZSetRowInput<number, string>;
  bounds: core.KeyBounds<string>;
  aggregator: core.Aggregator<number, number>;
  error: core.ZspineErrorOptions;
  capabilities: core.Capabilities;
  read: core.ReadOptions;
  write: core.WriteOptions;
  open: core.OpenOptions;
  head: core.StoredHead;
  serializer: core.SerializerOptions;
  extension: core.ValueExtension;
  store: store.StoreOptions;
  trace: store.TraceOptions<core.Schema, core.Schema>;
  commit: store.CommitOptions;
  drop: store.DropOptions;
  work: store.WorkOptions;
  verify: store.VerifyOptions;
  copy: store.CopyOptions;
  restore: store.RestoreOptions;
  range: store.KeyRange<string>;
  readTrace: store.ReadOptions;
  tiered: store.TieredOptions;
  storeSuite: suite.StoreSuiteOptions;
  backendSuite: conformance.BackendSuiteOptions;
  formatSuite: conformance.FormatSuiteOptions;
  serializerSuite: conformance.SerializerSuiteOptions;
  algebraSuite: conformance.AlgebraSuiteOptions;
  reference: conformance.ReferenceRange<string>;
  simulation: conformance.SimulationOptions;
  chaos: conformance.ChaosOptions;
  faultAt: conformance.FaultTarget;
  faultRates: conformance.FaultRates;
}

const ROWS = { key: z.int32(), value: z.string() };

/** As the programs of strangers have it: an interface, which has no index signature. */
interface Offsets {
  readonly topic: string;
  readonly partitions: readonly { readonly offset: number }[];
  readonly note?: string;
}

describe("what may be left out may be undefined", () => {
  it("to the types, of every field of all that is given", () => {
    expectTypeOf<Refusing<{ a: number; b?: number; c?: number | undefined }>>().toEqualTypeOf<"b">();
    expectTypeOf<{ [Name in keyof Given]: Refusing<Given[Name]> }[keyof Given]>().toBeNever();
  });

  it("when it runs, to every method", async () => {
    const places = retainedPlaces(() => memory({ maxValueBytes: undefined, preferredValueBytes: undefined }));
    const work = { signal: undefined, onProgress: undefined };
    const opened = await openStore({
      backend: places.opener("place"),
      registry: undefined,
      serializer: undefined,
      compression: undefined,
      cacheBytes: undefined,
      readOnly: undefined,
      recover: undefined,
      environment: undefined,
      strategy: tiered({ fanout: undefined }),
      stagingRows: undefined,
      batchesMax: undefined,
      sliceMs: undefined,
    });
    const trace = await opened.trace("t", { ...ROWS, create: undefined, validate: undefined });
    trace.insertAll([{ key: 1, value: "a", weight: undefined }]);
    trace.insertBatch({ key: [2], value: ["b"], weight: undefined });
    const token = await opened.commit({ metadata: undefined, durability: undefined, signal: undefined });
    const read = { signal: undefined };
    const open = { gt: undefined, gte: undefined, lt: undefined, lte: undefined, prefix: undefined };
    const range = { ...open, reverse: undefined, limit: undefined };
    expect(await trace.get(1, read)).toEqual([{ value: "a", weight: 1 }]);
    expect(await trace.count(range, read)).toMatchObject({ rows: 2 });
    using at = opened.at(token);
    expect([...at.of(trace).rows(range)]).toHaveLength(2);
    for (const method of ["compact", "finishMerges", "flush"] as const) await opened[method](work);
    expect(await opened.verify(work)).toMatchObject({ isSound: true });
    await opened.backup(places.opener("backup"), work);
    await opened.drop("t", { signal: undefined });
    await opened.close();
    await restoreStore({ from: places.opener("backup"), to: places.opener("restored"), ...work });
  });
});

describe("metadata", () => {
  it("may be of an interface, of a type, and as it was read; what JSON does not hold is refused", async () => {
    await using opened = await openStore();
    const offsets: Offsets = { topic: "orders", partitions: [{ offset: 4 }] };
    await opened.commit({ metadata: offsets });
    expect(opened.metadata).toEqual(offsets);
    await opened.commit({ metadata: opened.metadata });
    const options: store.CommitOptions<Offsets> = { metadata: offsets };
    await opened.commit(options);
    const refuse = async (committing: Promise<number>): Promise<void> => {
      await expect(committing).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
    };
    // @ts-expect-error JSON holds no bigint
    await refuse(opened.commit({ metadata: { offset: 5n } }));
    // @ts-expect-error nor a Date
    await refuse(opened.commit({ metadata: { nested: [{ at: new Date(0) }] } }));
    // @ts-expect-error nor a function
    await refuse(opened.commit({ metadata: { call: () => 1 } }));
  });
});
