import { avg, pipeline, type Pipeline, type Stream } from "@zspine/operators";
import type { Store } from "@zspine/store";
import { z } from "zod";

// Queries 3, 4 and 9 of Nexmark (Tucker, Tufte, Papadimos, Maier, 2002): a house of auctions. Times are milliseconds.

export const Person = z.object({ name: z.string(), city: z.string(), state: z.string() });
export const Auction = z.object({ seller: z.int32(), category: z.int32(), opens: z.int(), expires: z.int() });
export const Bid = z.object({ bidder: z.int32(), price: z.int32(), time: z.int() });

const Local = z.object({ name: z.string(), city: z.string(), state: z.string() });
/** A bid for an auction, the best first: the highest, and of those the earliest. */
const Ranked = z.tuple([z.int32(), z.int(), z.int32()]);
const Sale = z.object({ category: z.int32(), bidder: z.int32(), price: z.int32(), time: z.int() });

export type Person = z.infer<typeof Person>;
export type Auction = z.infer<typeof Auction>;
export type Bid = z.infer<typeof Bid>;
type Local = z.infer<typeof Local>;
type Sale = z.infer<typeof Sale>;

/** The category and the states of query 3. */
export const CATEGORY = 10;
export const STATES: readonly string[] = ["OR", "ID", "CA"];

const INPUTS = {
  persons: { key: z.int32(), value: Person },
  auctions: { key: z.int32(), value: Auction },
  bids: { key: z.int32(), value: Bid },
};

export type Nexmark = Pipeline<
  typeof INPUTS,
  { q3: Stream<number, Local>; q4: Stream<number, number>; q9: Stream<number, Sale> }
>;

/** Opens the queries over a store: persons and auctions by their ids, bids by that of their auction. */
export function openNexmark(store: Store): Promise<Nexmark> {
  return pipeline(store, {
    inputs: INPUTS,
    outputs: ({ persons, auctions, bids }) => {
      // Who sells what is of a category, in some states.
      const local = persons.filter((_id, { state }) => STATES.includes(state), { version: STATES.join() });
      const q3 = auctions
        .filter((_id, { category }) => category === CATEGORY, { version: CATEGORY })
        .map({ key: z.int32(), value: z.int32() }, (id, { seller }) => ({ key: seller, value: id }))
        .join(local, { key: z.int32(), value: Local }, (_seller, auction, person) => ({
          key: auction,
          value: person,
        }));

      // The best bid of each auction, among those that came while it was open.
      const best = bids
        .join(
          auctions,
          { key: z.int32(), value: Bid.extend({ isIn: z.boolean() }) },
          (id, bid, { opens, expires }) => ({
            key: id,
            value: { ...bid, isIn: opens <= bid.time && bid.time <= expires },
          }),
        )
        .filter((_id, { isIn }) => isIn)
        .map({ key: z.int32(), value: Ranked }, (id, { bidder, price, time }) => ({
          key: id,
          value: [-price, time, bidder],
        }))
        .topK(1);
      const q9 = best.join(
        auctions,
        { key: z.int32(), value: Sale },
        (id, [price, time, bidder], { category }) => ({
          key: id,
          value: { category, bidder, price: -price, time },
        }),
      );

      // What is paid on average, by category.
      const q4 = q9
        .map({ key: z.int32(), value: z.int32() }, (_id, { category, price }) => ({
          key: category,
          value: price,
        }))
        .aggregate(
          z.number(),
          avg((price) => price),
        );
      return { q3, q4, q9 };
    },
  });
}
