import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { openStore } from "@zspine/store";
import { retainedPlaces } from "../../../store/test/retained-places.ts";
import {
  CATEGORY,
  openNexmark,
  STATES,
  type Auction,
  type Bid,
  type Nexmark,
  type Person,
} from "./queries.ts";

/** All that has happened in the house, in plain maps and lists. */
interface House {
  readonly persons: Map<number, Person>;
  readonly auctions: Map<number, Auction>;
  readonly bids: { readonly auction: number; readonly bid: Bid }[];
}

/** What the queries give of all of it, by their definitions. */
function compute({ persons, auctions, bids }: House): Record<"q3" | "q4" | "q9", string[]> {
  const q3: string[] = [];
  const q9: string[] = [];
  const prices = new Map<number, number[]>();
  for (const [id, { seller, category, opens, expires }] of auctions) {
    const person = persons.get(seller);
    if (category === CATEGORY && person !== undefined && STATES.includes(person.state))
      q3.push(JSON.stringify([id, person]));
    const inTime = bids.filter(
      ({ auction, bid }) => auction === id && bid.time >= opens && bid.time <= expires,
    );
    const [best] = inTime
      .map(({ bid }) => bid)
      .sort((a, b) => b.price - a.price || a.time - b.time || a.bidder - b.bidder);
    if (best === undefined) continue;
    const { bidder, price, time } = best;
    q9.push(JSON.stringify([id, { category, bidder, price, time }]));
    prices.set(category, [...(prices.get(category) ?? []), price]);
  }
  const q4 = [...prices].map(([category, of]) =>
    JSON.stringify([category, of.reduce((a, b) => a + b) / of.length]),
  );
  return { q3: q3.sort(), q4: q4.sort(), q9: q9.sort() };
}

async function read(view: Nexmark): Promise<Record<"q3" | "q4" | "q9", string[]>> {
  const found = { q3: [] as string[], q4: [] as string[], q9: [] as string[] };
  for (const name of ["q3", "q4", "q9"] as const) {
    for await (const { key, value, weight } of view.outputs[name].rows()) {
      if (weight !== 1) throw new Error(`${name} has a row ${weight} times`);
      found[name].push(JSON.stringify([key, value]));
    }
    found[name].sort();
  }
  return found;
}

/** Draws what happens in a step, in Nexmark's shares: of 50 events 1 is a person, 3 are auctions, and the others bids. */
function drawStep(random: SeededRandom, house: House, clock: number) {
  const change = {
    persons: [] as { key: number; value: Person; weight: number }[],
    auctions: [] as { key: number; value: Auction; weight: number }[],
    bids: [] as { key: number; value: Bid; weight: number }[],
  };
  for (let event = 0; event < 50; event++) {
    const time = clock + event;
    if (event === 0) {
      const value = {
        name: `p${house.persons.size}`,
        city: random.pick(["Boise", "Bend"]),
        state: random.pick(["OR", "ID", "CA", "WA"]),
      };
      change.persons.push({ key: house.persons.size, value, weight: 1 });
      house.persons.set(house.persons.size, value);
    } else if (event < 4) {
      const seller = random.int(0, house.persons.size - 1);
      const value = { seller, category: random.int(8, 11), opens: time, expires: time + random.int(10, 300) };
      change.auctions.push({ key: house.auctions.size, value, weight: 1 });
      house.auctions.set(house.auctions.size, value);
    } else {
      // Most bids are for what has been put up lately.
      const key = Math.max(0, house.auctions.size - 1 - random.int(0, 12));
      const value = { bidder: random.int(0, 40), price: random.int(1, 500), time };
      change.bids.push({ key, value, weight: 1 });
      house.bids.push({ auction: key, bid: value });
    }
  }
  // Some bids are taken back, winning ones too.
  for (let count = random.int(0, 4); count > 0; count--) {
    const [gone] = house.bids.splice(random.int(0, house.bids.length - 1), 1);
    change.bids.push({ key: gone!.auction, value: gone!.bid, weight: -1 });
  }
  return change;
}

describe("Nexmark", () => {
  it("O1 O3 queries 3, 4 and 9 are what a naive computation gives after each step, and after kills", async () => {
    const places = retainedPlaces(() => memory());
    const open = () => openStore({ backend: places.opener("place") });
    const random = new SeededRandom(9);
    const house: House = { persons: new Map(), auctions: new Map(), bids: [] };
    let store = await open();
    let view = await openNexmark(store);
    for (let step = 0; step < 40; step++) {
      const { rowsRead } = await view.step(drawStep(random, house, step * 50), { metadata: { step } });
      // A bid reads its auction; an auction that gets one reads its best bid, and the sale of it. None reads all bids.
      if (step > 5) expect(rowsRead).toBeLessThan(200);
      if (step % 10 === 9) {
        places.crash("place");
        store = await open();
        view = await openNexmark(store);
        expect(view.metadata).toEqual({ step });
      }
      expect(await read(view)).toEqual(compute(house));
    }
    expect(compute(house).q3.length).toBeGreaterThan(5);
    await store.close();
  });
});
