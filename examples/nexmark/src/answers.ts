import type { ChangedRow, HouseStep } from "./auction-house.ts";
import { CATEGORY, STATES, type Auction, type Bid, type Nexmark, type Person } from "./queries.ts";

/** The rows of each query, as sorted texts. */
export type Answers = Readonly<Record<"q3" | "q4" | "q9", readonly string[]>>;

/** Reads what the queries have come to. @throws an error for a row that is not there exactly once. */
export async function readAnswers({ outputs }: Nexmark): Promise<Answers> {
  const read = async (name: keyof Answers): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key, value, weight } of outputs[name].rows()) {
      if (weight !== 1) throw new Error(`${name} has a row ${weight} times`);
      found.push(JSON.stringify([key, value]));
    }
    return found.sort();
  };
  return { q3: await read("q3"), q4: await read("q4"), q9: await read("q9") };
}

/**
 * Computes the answers by their definitions, of all that has happened: the oracle, which shares nothing with the pipeline.
 * Costs all bids of all auctions.
 */
export function computeAnswers(steps: readonly HouseStep[]): Answers {
  const persons = new Map(steps.flatMap((step) => step.persons).map(({ key, value }) => [key, value]));
  const auctions = new Map(steps.flatMap((step) => step.auctions).map(({ key, value }) => [key, value]));
  const bids = bidsByAuction(steps.flatMap((step) => step.bids));
  const q3: string[] = [];
  const q9: string[] = [];
  const prices = new Map<number, number[]>();
  for (const [id, auction] of auctions) {
    const seller = localSeller(auction, persons);
    if (seller !== undefined) q3.push(JSON.stringify([id, seller]));
    const best = bestBid(auction, bids.get(id) ?? []);
    if (best === undefined) continue;
    const { category } = auction;
    const { bidder, price, time } = best;
    q9.push(JSON.stringify([id, { category, bidder, price, time }]));
    prices.set(category, [...(prices.get(category) ?? []), price]);
  }
  const q4 = Array.from(prices, ([category, of]) =>
    JSON.stringify([category, of.reduce((a, b) => a + b) / of.length]),
  );
  return { q3: q3.sort(), q4: q4.sort(), q9: q9.sort() };
}

/** The bids for each auction that were not taken back. */
function bidsByAuction(changes: readonly ChangedRow<Bid>[]): Map<number, Bid[]> {
  const bids = new Map<number, Bid[]>();
  for (const { key, value, weight } of changes) {
    const ofAuction = bids.get(key) ?? [];
    bids.set(key, ofAuction);
    if (weight > 0) ofAuction.push(value);
    else
      ofAuction.splice(
        ofAuction.findIndex((bid) => bid.time === value.time),
        1,
      );
  }
  return bids;
}

function localSeller(
  { seller, category }: Auction,
  persons: ReadonlyMap<number, Person>,
): Person | undefined {
  const person = persons.get(seller);
  return category === CATEGORY && person !== undefined && STATES.includes(person.state) ? person : undefined;
}

function bestBid({ opens, expires }: Auction, bids: readonly Bid[]): Bid | undefined {
  return bids
    .filter(({ time }) => time >= opens && time <= expires)
    .sort((a, b) => b.price - a.price || a.time - b.time || a.bidder - b.bidder)[0];
}
