/**
 * Does work for each item, so many at a time, begun in their order. Gives the results in the order of the items.
 *
 * @param most How many are under way at a time, at the most.
 * @throws (rejects with) what the first item to have failed fails with, after what has been begun is over: nothing goes on
 *   behind it, and what had not been begun is not.
 */
export async function atOnce<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const at = next++;
      try {
        results[at] = await work(items[at] as T, at);
      } catch (error) {
        failures.set(at, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, run));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
