import { damaged, flipped, type Damage } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { NEVER } from "./unmerged-batches.ts";
import type { StoreFixture, StoreWish } from "../suite/store-fixture.ts";
import type { Store } from "@zspine/store";

/** Opens a store whose medium is damaged. */
export function openDamaged(
  fixture: StoreFixture,
  place: string,
  damage: Damage,
  wish: StoreWish = {},
): Promise<Store> {
  return fixture.open({ strategy: NEVER, ...wish, wrap: (backend) => damaged(backend, damage) }, place);
}

/** The names of the values at a place where no store is open. */
export async function valuesAt(fixture: StoreFixture, place: string): Promise<string[]> {
  const names: string[] = [];
  const wrap = (backend: Backend): Backend => ((beneath = backend), backend);
  let beneath: Backend | undefined;
  const store = await fixture.open({ readOnly: true, wrap }, place);
  for await (const name of beneath!.list("")) names.push(name);
  await store.close();
  return names;
}

/** Flips a bit of a value, counted from its end. */
export function flipFromEnd(name: string, at: number): NonNullable<Damage["value"]> {
  return (found, bytes) => (found === name ? flipped(bytes, Math.max(0, bytes.length - 1 - at)) : bytes);
}
