import { expect, it } from "vitest";
import { namesInOrder } from "../../src/index.ts";

async function inOrder(known: readonly string[], listed: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  const listing = (async function* () {
    yield* listed;
  })();
  for await (const name of namesInOrder(known, listing)) names.push(name);
  return names;
}

it("namesInOrder() makes one run of two, each name once, ascending by code unit", async () => {
  expect(await inOrder([], [])).toEqual([]);
  expect(await inOrder(["a", "c"], [])).toEqual(["a", "c"]);
  expect(await inOrder([], ["a", "c"])).toEqual(["a", "c"]);
  expect(await inOrder(["a", "b", "d", "e"], ["b", "c", "d", "f"])).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(await inOrder(["a-", "a/b", "a0"], ["a", "a.b", "a/b"])).toEqual(["a", "a-", "a.b", "a/b", "a0"]);
});
