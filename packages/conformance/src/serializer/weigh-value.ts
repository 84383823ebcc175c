/**
 * Counts roughly what a value holds: one for each value in it, and the lengths of texts and bytes. Stops
 * counting once it is beyond `limit`, so that a value of absurd size costs nothing. Keeps its own stack,
 * for the value may be deep.
 */
export function weighValue(value: unknown, limit: number): number {
  const waiting: unknown[] = [value];
  let weight = 0;
  while (waiting.length > 0 && weight <= limit) {
    const next = waiting.pop();
    weight++;
    if (typeof next === "string") weight += next.length;
    else if (ArrayBuffer.isView(next)) weight += next.byteLength;
    else if (Array.isArray(next) && next.length > limit) weight += next.length;
    else if (typeof next === "bigint") weight += next.toString(16).length;
    else if (typeof next === "object" && next !== null) {
      // Not `push(...contents)`: too many arguments run out of stack.
      for (const content of contentsOf(next)) waiting.push(content);
    }
  }
  return weight;
}

function contentsOf(value: object): unknown[] {
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)];
  if (value instanceof Map) return [...value].flat();
  return Object.entries(value).flat();
}
