import { z } from "zod";
import type { Store } from "@zspine/store";
import { avg, count, max, pipeline, sum, type Pipeline, type Stream } from "../../src/index.ts";

export const Customer = z.string();
const City = z.string();
export const Order = z.object({ id: z.int32(), cents: z.int32() });
const Totals = z.object({ orders: z.int(), cents: z.int(), mean: z.number(), largest: z.int32() });

type Order = z.infer<typeof Order>;
type Totals = z.infer<typeof Totals>;

const INPUTS = { orders: { key: Customer, value: Order }, customers: { key: Customer, value: City } };

export type Sales = Pipeline<typeof INPUTS, { totals: Stream<string, Totals> }>;

/** Opens a pipeline of totals by city. */
export function openSales(store: Store, name?: string): Promise<Sales> {
  return pipeline(store, {
    name,
    inputs: INPUTS,
    outputs: ({ orders, customers }) => ({
      totals: orders
        .join(customers, { key: City, value: Order }, (_customer, value, city) => ({ key: city, value }))
        .aggregate(Totals, {
          orders: count(),
          cents: sum(({ cents }) => cents),
          mean: avg(({ cents }) => cents),
          largest: max(({ cents }) => cents),
        }),
    }),
  });
}

/** Rows of an input of texts and numbers, as they are written in tests: `a 1`, or `a 1 -1`. */
export function rows(...texts: readonly string[]): { key: string; value: number; weight: number }[] {
  return texts.map((text) => {
    const [key, value, weight = "1"] = text.split(" ");
    return { key: key!, value: Number(value), weight: Number(weight) };
  });
}

/** Rows that were read, likewise. */
export async function textsOf(
  found:
    | AsyncIterable<{ key: unknown; value: unknown; weight: number }>
    | Iterable<{ key: unknown; value: unknown; weight: number }>,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { key, value, weight } of found)
    texts.push(`${String(key)} ${JSON.stringify(value)}${weight === 1 ? "" : ` ${weight}`}`);
  return texts;
}
