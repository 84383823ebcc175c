/**
 * Calls that are on their way at a time. A remote medium answers all of them in one round; of files, so many may be
 * open in every environment.
 */
const CALLS_MAX = 256;

/**
 * Does work for each item, as much at a time as may be. Gives the results in the order of the items.
 *
 * @throws (rejects with) what the first item fails with, after what has been begun is over: nothing goes on behind it.
 */
export async function atOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const at = next++;
      try {
        results[at] = await work(items[at]!);
      } catch (error) {
        failures.set(at, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_MAX, items.length) }, run));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}

/** Waits for both. @throws (rejects with) what the first fails with, or else the second, when both are over. */
export async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}
