import { simulatedEnvironment } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { expect } from "vitest";
import { openStore, type Store } from "../../src/index.ts";
import type { FencingMedium } from "./fencing-medium.ts";
import { contentOf, ROWS } from "./fenced-writer.ts";
import { OPEN, StopSign, type Gate } from "./stop-sign.ts";

const ROUNDS = 3;
const BASE = Array.from({ length: 3 }, (_, key) => `${key} base 1`);

/**
 * Two writers open one place; the first stops after a step, the second after one of its own, and both go on, one after
 * the other: so what they have written is named in another order, or never, and one collects in between. Tells which of
 * them were stopped.
 */
async function writeOutOfOrder(
  medium: FencingMedium,
  first: number,
  second: number,
): Promise<readonly [boolean, boolean]> {
  const environment = simulatedEnvironment(1, { stepsMax: 100_000 });
  const open = async (gate: Gate): Promise<Store> => {
    const store = await openStore({ backend: medium.opener("place", gate), environment, cacheBytes: 0 });
    await store.trace("t", ROWS);
    return store;
  };
  const course = async (): Promise<readonly [boolean, boolean]> => {
    const signs = [new StopSign(first, "after"), new StopSign(second, "after")] as const;
    const one = await open(signs[0].gate);
    const trace = await one.trace("t", ROWS);
    for (const key of [0, 1, 2]) {
      trace.insert(key, "base");
      await one.commit();
    }
    const other = await open(signs[1].gate);
    for (const sign of signs) sign.begin();
    const firstWork = writeRounds(one, "first");
    await Promise.race([signs[0].reached, firstWork]);
    const secondWork = writeRounds(other, "second");
    await Promise.race([signs[1].reached, secondWork]);
    const reached = signs.map(({ isReached }) => isReached) as unknown as readonly [boolean, boolean];
    const counts: number[] = [];
    for (const [at, work] of [firstWork, secondWork].entries()) {
      signs[at]!.resume();
      counts.push(await work);
    }
    const name = counts[0] === ROUNDS ? "first" : "second";
    expect([...counts].sort(), `stopped at ${first} and ${second}`).toEqual([0, ROUNDS]);
    const last = await open(OPEN);
    const own = Array.from({ length: ROUNDS }, (_, key) => `${key} ${name} 1`);
    expect(await contentOf(last)).toBe([...BASE, ...own].sort().join("\n"));
    expect((await last.verify()).problems).toEqual([]);
    for (const store of [one, other, last]) await store.close();
    return reached;
  };
  return environment.run(course());
}

/** Commits, compacts and collects; gives how often a commit was acknowledged, up to where it has lost. */
async function writeRounds(store: Store, name: string): Promise<number> {
  const trace = await store.trace("t", ROWS);
  let count = 0;
  try {
    // Values before the head that names them.
    await store.compact();
    for (let round = 0; round < ROUNDS; round++) {
      trace.insert(round, name);
      await store.commit();
      count++;
      await store.compact();
      await store.flush();
    }
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CONFLICT")) throw error;
  }
  return count;
}

/** Has the two stop at all pairs of every n-th step; gives how many there were. */
export async function writeInAllOrders(newMedium: () => FencingMedium, each: number): Promise<number> {
  let pairs = 0;
  for (let first = 1; ; first += each) {
    for (let second = 1; ; second += each) {
      const [isFirst, isSecond] = await writeOutOfOrder(newMedium(), first, second);
      if (!isFirst && second === 1) return pairs;
      pairs++;
      if (!isSecond) break;
    }
  }
}
