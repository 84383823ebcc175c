import type { StoreParts } from "./assemble.ts";

const PARTS = Symbol("zspine.parts");

/** Tells the parts of a store: for functions over stores, and no part of what a user sees. `undefined` for what is none. */
export function partsOf(store: object): StoreParts | undefined {
  return (store as { readonly [PARTS]?: StoreParts })[PARTS];
}

/** Puts the parts of a store where {@link partsOf} finds them. */
export function placeParts(store: object, parts: StoreParts): void {
  Object.defineProperty(store, PARTS, { value: parts });
}
