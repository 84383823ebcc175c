import type { ReadText } from "../../src/sense/bound.ts";

/** Reads from a tree of files that a test makes up. */
export function readerOf(tree: Readonly<Record<string, string>>): ReadText {
  return (path) => (Object.hasOwn(tree, path) ? tree[path] : undefined);
}

/** Files of a folder: `within("/a", { b: "1" })` is `{ "/a/b": "1" }`. */
export function within(
  folder: string,
  files: Readonly<Record<string, string | number>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${folder}/${name}`, `${content}\n`]),
  );
}
