/** Yields the names of two ascending runs as one, ascending by code unit, in which none comes twice. */
export async function* namesInOrder(
  known: readonly string[],
  listed: AsyncIterable<string>,
): AsyncGenerator<string> {
  let next = 0;
  for await (const name of listed) {
    while (next < known.length && known[next]! < name) yield known[next++]!;
    if (known[next] === name) next++;
    yield name;
  }
  yield* known.slice(next);
}
