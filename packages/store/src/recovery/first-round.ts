import type { Backend, StoredHead } from "@zspine/core";
import { ORIGIN } from "../head/loan-name.ts";
import { both } from "./at-once.ts";

/** What the first round of opening has read. */
export interface FirstRound {
  /** The newest head. */
  readonly stored: StoredHead | undefined;
  /** Names of all values that are there; where the backend is shared, of what says that it is the place of a clone. */
  readonly names: readonly string[];
}

/** Reads what tells how opening is to go on, and nothing that has to be understood for it. */
export async function readFirstRound(backend: Backend): Promise<FirstRound> {
  const { shared } = backend.capabilities;
  const [stored, names] = await both(backend.readHead(), shared ? findOrigin(backend) : listValues(backend));
  return { stored, names };
}

/** Names what says that a place is that of a clone, where it is there. */
async function findOrigin(backend: Backend): Promise<string[]> {
  return (await backend.get(ORIGIN)) === undefined ? [] : [ORIGIN];
}

/** Names all values that are there. */
export async function listValues(backend: Backend): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  return names;
}
