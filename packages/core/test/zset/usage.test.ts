import { expect, it } from "vitest";
import { z } from "zod";
import {
  add,
  aggregate,
  antijoin,
  avg,
  combineAggregators,
  consolidate,
  count,
  delay,
  diff,
  differentiate,
  distinct,
  equals,
  except,
  filter,
  flatMap,
  groupBy,
  IndexedZSet,
  indexBy,
  integrate,
  intersect,
  isZspineError,
  join,
  keysOf,
  layoutOf,
  map,
  max,
  min,
  negate,
  positive,
  scale,
  semijoin,
  subtract,
  sum,
  topK,
  union,
  ZSet,
  type Aggregator,
} from "../../src/index.ts";

// What a stranger would write with nothing but the README at hand.

const Order = z.object({ id: z.int32(), customer: z.string(), total: z.number() });
const Customer = z.object({ name: z.string(), city: z.string() });

const ann1 = { id: 1, customer: "ann", total: 12 };
const ann2 = { id: 2, customer: "ann", total: 30 };
const bob3 = { id: 3, customer: "bob", total: 7 };

const orders = ZSet.from(Order, [{ item: ann2 }, { item: bob3 }, { item: ann1 }]);
const customers = IndexedZSet.from(z.string(), Customer, [
  { key: "ann", value: { name: "ann", city: "Oslo" } },
  { key: "bob", value: { name: "bob", city: "Rome" } },
]);

it("a Z-set is made of rows, and read in order", () => {
  expect([...orders]).toEqual([
    { item: ann1, weight: 1 },
    { item: ann2, weight: 1 },
    { item: bob3, weight: 1 },
  ]);
  expect(orders.size).toBe(3);
  expect(orders.totalWeight).toBe(3);
  expect(orders.weight({ ...ann1 })).toBe(1);
  expect(orders.has({ ...ann1, total: 13 })).toBe(false);
});

it("a Z-set is made of columns", () => {
  const made = ZSet.fromColumns(Order, {
    item: { id: Int32Array.of(1, 2), customer: ["ann", "ann"], total: [12, 30] },
    weight: [1, 5],
  });
  expect(made.weight(ann2)).toBe(5);
  const indexed = IndexedZSet.fromColumns(z.int32(), z.string(), { key: [2, 1], value: ["b", "a"] });
  expect([...indexed]).toEqual([
    { key: 1, value: "a", weight: 1 },
    { key: 2, value: "b", weight: 1 },
  ]);
});

it("an indexed Z-set answers for a key", () => {
  const byCustomer = indexBy(orders, z.string(), (order) => order.customer);
  expect(byCustomer.get("ann")).toEqual([
    { value: ann1, weight: 1 },
    { value: ann2, weight: 1 },
  ]);
  expect(byCustomer.get("eve")).toEqual([]);
  expect(byCustomer.has("bob")).toBe(true);
  expect(byCustomer.weight("bob", bob3)).toBe(1);
  expect([...byCustomer.keys()]).toEqual(["ann", "bob"]);
  expect([...keysOf(byCustomer)]).toEqual([
    { item: "ann", weight: 1 },
    { item: "bob", weight: 1 },
  ]);
});

it("changes are Z-sets too: they add, cancel and are undone", () => {
  const delta = ZSet.from(Order, [
    { item: bob3, weight: -1 },
    { item: { ...bob3, total: 9 }, weight: 1 },
  ]);
  const next = add(orders, delta);
  expect(next.has(bob3)).toBe(false);
  expect(equals(diff(orders, next), delta)).toBe(true);
  expect(equals(subtract(next, delta), orders)).toBe(true);
  expect(add(delta, negate(delta)).size).toBe(0);
  expect(scale(orders, 3).totalWeight).toBe(9);
  expect(equals(distinct(scale(orders, 3)), orders)).toBe(true);
  expect([...positive(delta)]).toEqual([{ item: { ...bob3, total: 9 }, weight: 1 }]);
});

it("rows are filtered, mapped and flattened", () => {
  const large = filter(orders, (order) => order.total > 10);
  expect(large.size).toBe(2);
  const names = map(large, z.string(), (order) => order.customer);
  expect([...names]).toEqual([{ item: "ann", weight: 2 }]);
  const letters = flatMap(names, z.string(), (name) => name);
  expect([...letters]).toEqual([
    { item: "a", weight: 2 },
    { item: "n", weight: 4 },
  ]);
  // With two schemas the results are keys and values.
  const totals = map(orders, z.string(), z.number(), (order) => ({
    key: order.customer,
    value: order.total,
  }));
  expect(totals.get("ann")).toEqual([
    { value: 12, weight: 1 },
    { value: 30, weight: 1 },
  ]);
});

it("indexed Z-sets are joined by key", () => {
  const byCustomer = indexBy(orders, z.string(), (order) => order.customer);
  const Shipment = z.object({ id: z.int32(), city: z.string() });
  const shipments = join(byCustomer, customers, Shipment, (_key, order, customer) => ({
    id: order.id,
    city: customer.city,
  }));
  expect([...shipments].map((row) => row.item)).toEqual([
    { id: 1, city: "Oslo" },
    { id: 2, city: "Oslo" },
    { id: 3, city: "Rome" },
  ]);
  const byCity = join(byCustomer, customers, z.string(), z.int32(), (_key, order, customer) => ({
    key: customer.city,
    value: order.id,
  }));
  expect(byCity.get("Oslo").map((row) => row.value)).toEqual([1, 2]);

  const vips = ZSet.from(z.string(), [{ item: "ann" }]);
  expect([...semijoin(byCustomer, vips).keys()]).toEqual(["ann"]);
  expect([...antijoin(byCustomer, vips).keys()]).toEqual(["bob"]);
});

it("groups are aggregated", () => {
  const totals = groupBy(
    orders,
    z.string(),
    (order) => order.customer,
    z.number(),
    sum((order) => order.total),
  );
  expect([...totals]).toEqual([
    { key: "ann", value: 42, weight: 1 },
    { key: "bob", value: 7, weight: 1 },
  ]);

  const bySize = z.tuple([z.string(), z.enum(["large", "small"])]);
  const counts = groupBy(
    orders,
    bySize,
    (order) => [order.customer, order.total < 20 ? "small" : "large"],
    z.int(),
    count(),
  );
  expect([...counts.keys()]).toEqual([
    ["ann", "large"],
    ["ann", "small"],
    ["bob", "small"],
  ]);

  const byCustomer = indexBy(orders, z.string(), (order) => order.customer);
  const Summary = z.object({ orders: z.int(), least: z.number(), most: z.number(), mean: z.number() });
  const summary = aggregate(
    byCustomer,
    Summary,
    combineAggregators({
      orders: count(),
      least: min((order) => order.total),
      most: max((order) => order.total),
      mean: avg((order) => order.total),
    }),
  );
  expect(summary.get("ann")).toEqual([{ value: { orders: 2, least: 12, most: 30, mean: 21 }, weight: 1 }]);

  const ids: Aggregator<z.infer<typeof Order>, string, string[]> = {
    start: () => [],
    add: (state, order) => [...state, String(order.id)],
    finish: (state) => state.join("+"),
  };
  expect(aggregate(byCustomer, z.string(), ids).get("ann")).toEqual([{ value: "1+2", weight: 1 }]);
});

it("sets are united, intersected and subtracted", () => {
  const a = ZSet.from(z.int32(), [{ item: 1 }, { item: 2 }]);
  const b = ZSet.from(z.int32(), [{ item: 2 }, { item: 3 }]);
  const items = (set: ZSet<number>): number[] => [...set].map((row) => row.item);
  expect(items(union(a, b))).toEqual([1, 2, 3]);
  expect(items(intersect(a, b))).toEqual([2]);
  expect(items(except(a, b))).toEqual([1]);
});

it("the first rows are picked, of all and per key", () => {
  expect([...topK(orders, 1, (a, b) => b.total - a.total)]).toEqual([{ item: ann2, weight: 1 }]);
  const byCustomer = indexBy(orders, z.string(), (order) => order.customer);
  expect([...topK(byCustomer, 1, (a, b) => b.total - a.total)].map((row) => row.value.id)).toEqual([2, 3]);
});

it("raw rows are consolidated; sequences are integrated, differentiated and delayed", () => {
  const layout = layoutOf(z.string());
  const deltas = [
    consolidate(layout, [{ item: "a" }, { item: "a" }, { item: "b" }]),
    consolidate(layout, [{ item: "a", weight: -2 }]),
    consolidate(layout, [{ item: "c" }]),
  ];
  const states = [...integrate(deltas)];
  expect(states.map((state) => [...state].map((row) => row.item).join(""))).toEqual(["ab", "b", "bc"]);
  expect([...differentiate(integrate(deltas))].every((delta, at) => equals(delta, deltas[at]!))).toBe(true);
  expect([...delay(states)].map((state) => state.size)).toEqual([0, 2, 1]);
});

it("what cannot be is refused with a code, and nothing is half done", () => {
  const full = ZSet.from(z.string(), [{ item: "a", weight: Number.MAX_SAFE_INTEGER }]);
  const one = ZSet.from(z.string(), [{ item: "a" }]);
  try {
    add(full, one);
    expect.unreachable();
  } catch (error) {
    expect(isZspineError(error, "ZSPINE_WEIGHT_RANGE")).toBe(true);
  }
  expect(full.weight("a")).toBe(Number.MAX_SAFE_INTEGER);
  expect(ZSet.empty(z.string()).size).toBe(0);
});

it("what a function gives is a result and nothing more: none, a promise or a weight of its own is refused", () => {
  const rows = IndexedZSet.from(z.int32(), z.string(), [{ key: 1, value: "a" }]);
  const [key, value] = [z.int32(), z.string()];
  const row = { key: 1, value: "a" };
  const wrong: (() => unknown)[] = [
    () => map(rows, key, value, () => ({ ...row, weight: 4 })),
    () => map(rows, key, value, () => ({ ...row, vlaue: "b" })),
    () => map(rows, key, value, () => [row] as never),
    () => join(rows, rows, key, value, () => ({ ...row, weight: 4 })),
    () => flatMap(rows, key, value, () => [{ ...row, weight: 4 }]),
    ...[undefined, null, 5, row, Promise.resolve([row])].map(
      (given) => () => flatMap(rows, key, value, () => given as never),
    ),
    () => filter(rows, (() => Promise.resolve(false)) as never),
  ];
  for (const [at, call] of wrong.entries()) {
    let found: unknown;
    try {
      call();
    } catch (error) {
      found = error;
    }
    expect(isZspineError(found, "ZSPINE_INVALID_OPTIONS"), `of call ${at}`).toBe(true);
  }
});
