import { expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

it("a store keeps traces, commits them together and reads them back", async () => {
  await using store = await openStore();
  const orders = await store.trace("orders", {
    key: z.int32(),
    value: z.object({ customer: z.string(), total: z.number() }),
  });

  orders.insert(7, { customer: "ann", total: 12 });
  orders.insert(7, { customer: "ann", total: 12 }, -1);
  orders.insertAll([
    { key: 3, value: { customer: "bob", total: 5 } },
    { key: 8, value: { customer: "eve", total: 9.5 }, weight: 2 },
  ]);
  orders.insertBatch({ key: Int32Array.of(8, 9), value: { customer: ["dan", "eve"], total: [1, 2] } });
  expect(await store.commit({ metadata: { offset: 41 } })).toBe(1);
  expect(store.metadata).toEqual({ offset: 41 });

  expect(await orders.get(7)).toEqual([]);
  expect(await orders.get(8)).toEqual([
    { value: { customer: "dan", total: 1 }, weight: 1 },
    { value: { customer: "eve", total: 9.5 }, weight: 2 },
  ]);
  expect(await orders.weight(8, { total: 9.5, customer: "eve" })).toBe(2);
  expect(await orders.has(7)).toBe(false);
  expect(orders.totalWeight).toBe(5);

  const keys: number[] = [];
  for await (const { key } of orders.rows({ gte: 3, lt: 9, reverse: true, limit: 10 })) keys.push(key);
  expect(keys).toEqual([8, 8, 3]);

  const totals: number[] = [];
  for await (const chunk of orders.chunks()) totals.push(...Array.from(chunk.value.total));
  expect(totals).toEqual([5, 1, 9.5, 2]);

  using before = orders.snapshot();
  orders.insert(1, { customer: "ann", total: 1 });
  using after = orders.snapshot();
  expect(before.get(1)).toEqual([]);
  expect(after.get(1)).toEqual([{ value: { customer: "ann", total: 1 }, weight: 1 }]);
  expect([...after.since(before)]).toEqual([{ key: 1, value: { customer: "ann", total: 1 }, weight: 1 }]);
});
