import { atOnce as soManyAtOnce } from "@zspine/core";

/**
 * Calls that are on their way at a time. A remote medium answers all of them in one round; of files, so many may be
 * open in every environment.
 */
const CALLS_MAX = 256;

/** Does work for each item, as much at a time as may be, as `atOnce()` of core does. */
export function atOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return soManyAtOnce(items, CALLS_MAX, work);
}

/** Waits for both. @throws (rejects with) what the first fails with, or else the second, when both are over. */
export async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}
