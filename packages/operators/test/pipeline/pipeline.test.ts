import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { IndexedZSet, isZspineError, type ZspineErrorCode } from "@zspine/core";
import { chaos, retained } from "@zspine/conformance";
import { openStore } from "@zspine/store";
import { z } from "zod";
import { pipeline, sum, type Stream } from "../../src/index.ts";
import { openSales, Order, Customer, rows, textsOf } from "./sample.ts";

const TEXT_AND_NUMBER = { key: z.string(), value: z.int32() };
type S = Stream<string, number>;

async function codeOf(work: Promise<unknown>): Promise<ZspineErrorCode | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

describe("pipeline", () => {
  it("O3 step() gives the changes of outputs, and its number, token and metadata are those of one commit", async () => {
    await using store = await openStore();
    const sales = await openSales(store);
    const first = await sales.step({
      orders: [
        { key: "ann", value: { id: 1, cents: 12 } },
        { key: "bob", value: { id: 2, cents: 5 } },
      ],
      customers: [
        { key: "ann", value: "Oslo" },
        { key: "bob", value: "Rome" },
      ],
    });
    expect(first.number).toBe(1);
    using then = store.at(first.token);
    const orders = IndexedZSet.from(Customer, Order, [
      { key: "ann", value: { id: 1, cents: 12 }, weight: -1 },
    ]);
    const metadata = { offset: 7 };
    const second = await sales.step(
      { orders, customers: [{ key: "bob", value: "Rome", weight: -1 }] },
      { metadata },
    );
    expect(await textsOf(second.changes.totals)).toEqual([
      'Oslo {"orders":1,"cents":12,"mean":12,"largest":12} -1',
      'Rome {"orders":1,"cents":5,"mean":5,"largest":5} -1',
    ]);
    expect(await textsOf(then.of(sales.outputs.totals).rows())).toHaveLength(2);
    expect([sales.steps, sales.metadata, second.token - first.token]).toEqual([2, metadata, 1]);
  });

  it("O3 pipeline() goes on where it was, in another process, from its metadata", async () => {
    const medium = retained(() => memory());
    const place = { type: "retained", open: () => medium.open("place") };
    {
      const store = await openStore({ backend: place });
      const sales = await openSales(store);
      const customers = [{ key: "ann", value: "Oslo" }];
      await sales.step(
        { customers, orders: [{ key: "ann", value: { id: 1, cents: 12 } }] },
        { metadata: { offset: 1 } },
      );
      // Not committed, and so not there.
      void sales.step({ orders: [{ key: "ann", value: { id: 2, cents: 30 } }] }).catch(() => undefined);
      medium.crash("place");
    }
    await using store = await openStore({ backend: place });
    const commits = store.token;
    const sales = await openSales(store);
    expect([sales.steps, sales.metadata]).toEqual([1, { offset: 1 }]);
    // The pipeline is the same, so that nothing had to be committed for it.
    expect(store.token).toBe(commits);
    await sales.step({ orders: [{ key: "ann", value: { id: 3, cents: 4 } }] });
    expect(await textsOf(sales.outputs.totals.rows())).toEqual([
      'Oslo {"orders":2,"cents":16,"mean":8,"largest":12}',
    ]);
  });

  it("O3 step() whose commit fails did nothing, and can be made again", async () => {
    for (const isKept of [false, true]) {
      const backend = chaos(memory(), {
        plan: (call) => (isFailing && call.method === "createHead" ? { type: "before" } : undefined),
      });
      let isFailing = false;
      await using store = await openStore({ backend });
      const sales = await openSales(store);
      const given = {
        customers: [{ key: "ann", value: "Oslo" }],
        orders: [{ key: "ann", value: { id: 1, cents: 12 } }],
      };
      isFailing = true;
      expect(await codeOf(sales.step(given))).toBe("ZSPINE_IO");
      isFailing = false;
      expect(await textsOf(sales.outputs.totals.rows())).toEqual([]);
      // Whether another commits in between or not.
      if (isKept) await store.commit();
      await sales.settle();
      expect(sales.steps).toBe(0);
      await sales.step(given);
      expect(await textsOf(sales.outputs.totals.rows())).toEqual([
        'Oslo {"orders":1,"cents":12,"mean":12,"largest":12}',
      ]);
    }
  });
});

describe("a pipeline that is new", () => {
  it("writes nothing until its first step, which has its wiring and metadata", async () => {
    const medium = retained(() => memory());
    const place = { type: "retained", open: () => medium.open("place") };
    const first = await openStore({ backend: place });
    await openSales(first);
    expect(first.token).toBe(0);
    const sales = await openSales(first);
    await sales.step({ customers: [{ key: "ann", value: "Oslo" }] }, { metadata: { offset: 1 } });
    expect([first.token, first.metadata]).toEqual([1, { offset: 1 }]);
    medium.crash("place");
    await using store = await openStore({ backend: place });
    expect((await openSales(store)).steps).toBe(1);
    expect(store.token).toBe(1);
  });

  it("may become another before its first step, whatever traces it had made, and leaves none of them", async () => {
    await using store = await openStore();
    const open = (wire: (a: S) => Stream<string, number>, output: string) =>
      pipeline(store, { inputs: { a: TEXT_AND_NUMBER }, outputs: ({ a }) => ({ [output]: wire(a) }) });
    const twice = (a: S): S => a.map(TEXT_AND_NUMBER, (key, value) => ({ key, value: value * 2 }));
    await open((a) => twice(a).semijoin(a), "one");
    await open(
      (a) =>
        a.aggregate(
          z.int(),
          sum((v) => v),
        ),
      "two",
    );
    const last = await open((a) => twice(a).distinct(), "three");
    await last.step({ a: rows("x 1") });
    expect(await textsOf(last.outputs["three"]!.rows())).toEqual(["x 2"]);
    expect(store.traces.filter((name) => !name.startsWith("pipeline/"))).toEqual(["a", "pipelines", "three"]);
    expect(store.traces).toHaveLength(4);
  });
});

describe("bad input", () => {
  const plain = { inputs: { a: TEXT_AND_NUMBER }, outputs: ({ a }: { a: S }) => ({ out: a.distinct() }) };

  it("pipeline() refuses a name that is there twice, and so a cycle, with nothing made", async () => {
    await using store = await openStore();
    const cycle = pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: ({ a }) => ({ a: a.distinct() }),
    });
    expect(await codeOf(cycle)).toBe("ZSPINE_INVALID_OPTIONS");
    await expect(cycle).rejects.toThrow(/"a" is there twice .* cycle/);
    await pipeline(store, plain);
  });

  it("pipeline() refuses streams of another pipeline, and what is none", async () => {
    await using store = await openStore();
    let other: S | undefined;
    await pipeline(store, {
      ...plain,
      name: "other",
      inputs: { b: TEXT_AND_NUMBER },
      outputs: ({ b }) => ((other = b), {}),
    });
    const foreign = [
      ({ a }: { a: S }) => ({ out: a.add(other!) }),
      ({ a }: { a: S }) => ({ out: a.join(other!, TEXT_AND_NUMBER, (key, l) => ({ key, value: l })) }),
      () => ({ out: other! }),
      () => ({ out: 7 as unknown as S }),
      () => 7 as unknown as { out: S },
    ];
    for (const outputs of foreign)
      expect(await codeOf(pipeline(store, { inputs: plain.inputs, outputs }))).toBe("ZSPINE_INVALID_OPTIONS");
  });

  it("pipeline() refuses schemas that do not fit each other, or what is there", async () => {
    await using store = await openStore();
    const texts = { key: z.string(), value: z.string() };
    const outputs = [
      ({ a, b }: { a: S; b: Stream<string, string> }) => ({ out: a.add(b as unknown as S) }),
      ({ a }: { a: S }) => ({
        out: a.join(
          a.map({ key: z.int32(), value: z.int32() }, (_k, value) => ({ key: value, value })) as unknown as S,
          TEXT_AND_NUMBER,
          (key, l) => ({ key, value: l }),
        ),
      }),
    ];
    for (const wrong of outputs)
      expect(
        await codeOf(pipeline(store, { inputs: { a: TEXT_AND_NUMBER, b: texts }, outputs: wrong })),
      ).toBe("ZSPINE_SCHEMA");
    const view = await pipeline(store, plain);
    await view.step({ a: rows("x 1") });
    expect(await codeOf(pipeline(store, { inputs: { a: texts }, outputs: ({ a }) => ({ out: a }) }))).toBe(
      "ZSPINE_SCHEMA",
    );
    const changed = pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: ({ a }) => ({ out: a.aggregate(z.string(), sum(Number) as never) }),
    });
    await expect(changed).rejects.toThrow(/give the new one another name/);
    // What was there is there.
    expect(await textsOf(view.outputs.out.rows())).toEqual(["x 1"]);
    await (await pipeline(store, plain)).step({ a: rows("y 2") });
  });

  it("pipeline() refuses traces that are another's", async () => {
    await using store = await openStore();
    await pipeline(store, { ...plain, name: "first" });
    expect(await codeOf(pipeline(store, { ...plain, name: "second" }))).toBe("ZSPINE_CONFLICT");
    const mine = await store.trace("mine", { ...TEXT_AND_NUMBER, create: true });
    mine.insert("x", 1);
    const over = {
      name: "third",
      inputs: { c: TEXT_AND_NUMBER },
      outputs: ({ c }: { c: S }) => ({ mine: c.distinct() }),
    };
    expect(await codeOf(pipeline(store, over))).toBe("ZSPINE_CONFLICT");
    const record = { name: "third", inputs: { pipelines: TEXT_AND_NUMBER }, outputs: () => ({}) };
    expect(await codeOf(pipeline(store, record))).toBe("ZSPINE_CONFLICT");
    expect(await textsOf(mine.rows())).toEqual(["x 1"]);
  });

  it("step() is refused during a step, also by a function of it, and after the pipeline has been opened again", async () => {
    await using store = await openStore();
    let inside: Promise<unknown> | undefined;
    const view = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: ({ a }) => ({
        out: a.filter(() => {
          inside ??= view.step({});
          inside.catch(() => undefined);
          return true;
        }),
      }),
    });
    const first = view.step({ a: rows("x 1") });
    expect(await codeOf(view.step({ a: rows("x 1") }))).toBe("ZSPINE_CONFLICT");
    expect(await codeOf(pipeline(store, plain))).toBe("ZSPINE_CONFLICT");
    await first;
    expect(await codeOf(inside!)).toBe("ZSPINE_CONFLICT");
    expect(view.steps).toBe(1);
    const again = await pipeline(store, plain);
    expect(await codeOf(view.step({}))).toBe("ZSPINE_CLOSED");
    await again.step({});
  });

  it("step() refuses what functions give that is no result, and changes nothing", async () => {
    const row = { key: "a", value: 1 };
    const wrong: ((a: S) => S)[] = [
      (a) => a.map(TEXT_AND_NUMBER, () => ({ ...row, weight: 2 })),
      (a) => a.join(a, TEXT_AND_NUMBER, () => ({ ...row, weight: 2 })),
      (a) => a.flatMap(TEXT_AND_NUMBER, () => undefined as never),
      (a) => a.filter((() => Promise.resolve(false)) as never),
      (a) => a.reduce(z.int32(), () => Promise.resolve([1]) as never),
      (a) => a.reduce(z.int32(), () => undefined as never),
    ];
    for (const wire of wrong) {
      await using store = await openStore();
      const wired = await pipeline(store, {
        inputs: { a: TEXT_AND_NUMBER },
        outputs: ({ a }) => ({ out: wire(a) }),
      });
      expect(await codeOf(wired.step({ a: [row] }))).toBe("ZSPINE_INVALID_OPTIONS");
      expect([wired.steps, store.token]).toEqual([0, 0]);
    }
  });

  it("step() that is refused changes nothing", async () => {
    await using store = await openStore();
    const view = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      time: z.int(),
      outputs: ({ a }) => ({
        out: a.map(TEXT_AND_NUMBER, (key, value) => {
          if (value === 13) throw new RangeError("thirteen");
          return { key, value };
        }),
      }),
    });
    await view.step({ a: rows("x 1 9007199254740990") }, { now: 5 });
    const aborted = AbortSignal.abort();
    const refused: [() => Promise<unknown>, ZspineErrorCode][] = [
      [() => view.step({ a: [{ key: "x", value: 1.5 }] }), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({ a: 7 as never }), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({ b: [] } as never), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({}, { later: 1 } as never), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({}, { now: "5" as never }), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({}, { metadata: { no: undefined } as never }), "ZSPINE_INVALID_OPTIONS"],
      [() => view.step({ a: IndexedZSet.empty(z.int32(), z.int32()) as never }), "ZSPINE_SCHEMA"],
      [() => view.step({}, { now: 4 }), "ZSPINE_TIME_REGRESSED"],
      [() => view.step({ a: rows("x 1 9") }), "ZSPINE_WEIGHT_RANGE"],
      [() => view.step({}, { signal: aborted }), "ZSPINE_ABORTED"],
    ];
    for (const [work, code] of refused) {
      expect(await codeOf(work())).toBe(code);
    }
    await expect(view.step({ a: rows("x 13") })).rejects.toThrow(RangeError);
    expect([view.steps, view.now]).toEqual([1, 5]);
    expect(await textsOf(view.outputs.out.rows())).toEqual(["x 1 9007199254740990"]);
    expect(store.discard()).toBe(0);
  });
});

describe("a pipeline that has changed", () => {
  const wide = (a: S): S => a.map(TEXT_AND_NUMBER, (key, value) => ({ key, value: value + 1 }));

  it("O3 goes on with what is the same, fills what is new and drops what is gone, in one commit", async () => {
    await using store = await openStore();
    const first = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: ({ a }) => ({
        sums: wide(a).aggregate(
          z.int(),
          sum((v) => v),
        ),
        old: a.distinct(),
      }),
    });
    await first.step({ a: rows("x 1", "x 2", "y 3") }, { metadata: { offset: 3 } });
    const before = store.token;
    const calls: string[] = [];
    const second = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER, b: TEXT_AND_NUMBER },
      outputs: ({ a, b }) => ({
        sums: wide(a).aggregate(
          z.int(),
          sum((v) => v),
        ),
        pairs: a.add(b).reduce(z.int32(), (key, values) => {
          calls.push(key);
          return [values.length];
        }),
      }),
    });
    expect(store.token).toBe(before + 1);
    expect(await textsOf(second.outputs.sums.rows())).toEqual(["x 5", "y 4"]);
    expect(await textsOf(second.outputs.pairs.rows())).toEqual(["x 2", "y 1"]);
    expect([second.steps, second.metadata, store.has("old")]).toEqual([1, { offset: 3 }, false]);
    const { changes } = await second.step({ b: rows("x 7") });
    expect(await textsOf(changes.pairs)).toEqual(["x 2 -1", "x 3"]);
    expect(await textsOf(changes.sums)).toEqual([]);
  });

  it("gives an output that has changed the difference, told apart by the text of functions, or by their version", async () => {
    await using store = await openStore();
    const open = (least: number, version?: number) =>
      pipeline(store, {
        inputs: { a: TEXT_AND_NUMBER },
        outputs: ({ a }) => ({ out: a.filter((_key, value) => value >= least, { version }) }),
      });
    await (await open(2, 2)).step({ a: rows("x 1", "x 2", "x 3") });
    // What a function closes over does not show in its text; its version does.
    expect(await textsOf((await open(3, 2)).outputs.out.rows())).toEqual(["x 2", "x 3"]);
    const { token } = store;
    expect(await textsOf((await open(3, 3)).outputs.out.rows())).toEqual(["x 3"]);
    expect(store.token).toBe(token + 1);
    using now = store.at(store.token);
    expect(now.token).toBe(token + 1);
  });

  it("adopts a trace that is there as an input, fills from it, and leaves it when it is gone", async () => {
    await using store = await openStore();
    const a = await store.trace("a", TEXT_AND_NUMBER);
    a.insertAll(rows("x 1", "x 2"));
    await store.commit();
    const view = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: (inputs) => ({
        sums: inputs.a.aggregate(
          z.int(),
          sum((v) => v),
        ),
      }),
    });
    expect(await textsOf(view.outputs.sums.rows())).toEqual(["x 3"]);
    await pipeline(store, { inputs: { b: TEXT_AND_NUMBER }, outputs: ({ b }) => ({ other: b }) });
    expect([store.has("a"), store.has("sums")]).toEqual([true, false]);
    await pipeline(store, { inputs: { c: TEXT_AND_NUMBER }, outputs: () => ({}) });
    expect([store.has("b"), store.has("other")]).toEqual([false, false]);
  });

  it("keeps a stream once for all that need it, and does once what is there twice", async () => {
    await using store = await openStore();
    let calls = 0;
    const odd = (a: S): S => a.filter((_key, value) => (calls++, value % 2 === 1));
    const view = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      outputs: ({ a }) => ({ one: odd(a).distinct(), two: odd(a).topK(1), three: odd(a) }),
    });
    await view.step({ a: rows("x 1", "x 2", "x 3") });
    expect(calls).toBe(3);
    expect(store.traces).toEqual(["a", "one", "pipelines", "three", "two"]);
  });
});
