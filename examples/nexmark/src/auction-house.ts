import type { Auction, Bid, Person } from "./queries.ts";

/** A row that comes, or with −1 goes. */
export interface ChangedRow<V> {
  readonly key: number;
  readonly value: V;
  readonly weight: number;
}

/** What happens in one step. */
export interface HouseStep {
  readonly persons: readonly ChangedRow<Person>[];
  readonly auctions: readonly ChangedRow<Auction>[];
  readonly bids: readonly ChangedRow<Bid>[];
}

/** How many events a step has: in Nexmark's shares, 1 is a person, 3 are auctions, and the others are bids. */
const EVENTS = 50;
const AUCTIONS = 3;
const CITIES = ["Boise", "Bend"] as const;
const STATES = ["OR", "ID", "CA", "WA"] as const;
/** Bids that are taken back, of those of the step before. */
const TAKEN_BACK_MAX = 4;

/**
 * Makes up what happens in a step, from a seed and the number of the step alone, so that who goes on from any step has the
 * same. An event takes a millisecond. Some bids are taken back in the next step, winning ones too, which Nexmark has not.
 */
export function stepOf(seed: number, step: number): HouseStep {
  const bids = bidsOf(seed, step);
  const before = step === 0 ? [] : bidsOf(seed, step - 1);
  const random = numbersOf(seed, step, "taken back");
  const count = before.length === 0 ? 0 : Math.floor(random() * (TAKEN_BACK_MAX + 1));
  const first = Math.floor(random() * (before.length - count));
  const gone = before.slice(first, first + count).map((bid) => ({ ...bid, weight: -1 }));
  return { ...personsAndAuctionsOf(seed, step), bids: [...bids, ...gone] };
}

function personsAndAuctionsOf(seed: number, step: number): Omit<HouseStep, "bids"> {
  const random = numbersOf(seed, step, "auctions");
  const below = (end: number): number => Math.floor(random() * end);
  const clock = step * EVENTS;
  const person = { name: `p${step}`, city: CITIES[below(2)]!, state: STATES[below(4)]! };
  const auctions = Array.from({ length: AUCTIONS }, (_, at) => {
    const opens = clock + 1 + at;
    const value = {
      seller: below(step + 1),
      category: 8 + below(4),
      opens,
      expires: opens + 10 + below(290),
    };
    return { key: step * AUCTIONS + at, value, weight: 1 };
  });
  return { persons: [{ key: step, value: person, weight: 1 }], auctions };
}

function bidsOf(seed: number, step: number): ChangedRow<Bid>[] {
  const random = numbersOf(seed, step, "bids");
  const below = (end: number): number => Math.floor(random() * end);
  const newest = step * AUCTIONS + AUCTIONS - 1;
  return Array.from({ length: EVENTS - 1 - AUCTIONS }, (_, at) => ({
    // Most bids are for what has been put up lately.
    key: Math.max(0, newest - below(13)),
    value: { bidder: below(41), price: 1 + below(500), time: step * EVENTS + 1 + AUCTIONS + at },
    weight: 1,
  }));
}

/** Random numbers in [0, 1), the same for the same (mulberry32). */
function numbersOf(seed: number, step: number, what: string): () => number {
  let state = seed;
  for (const part of [step, ...Array.from(what, (letter) => letter.charCodeAt(0))])
    state = Math.imul(state ^ part, 0x9e3779b1) + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
