import {
  requireOptions,
  ZspineError,
  type Backend,
  type BackendOpener,
  type OptionKinds,
  type Serializer,
} from "@zspine/core";
import { Operations } from "../diagnostics/operations.ts";
import { borrowingOf } from "../loan/borrowing.ts";
import { isBackend, misplacedBackend, OPENER } from "../options/plugin-option.ts";
import { checkStoreOptions, type CheckedOptions, type StoreOptions } from "../options/store-options.ts";
import { both } from "../recovery/at-once.ts";
import { readFirstRound } from "../recovery/first-round.ts";
import { NEW_STORE, type Recovered } from "../recovery/recovered.ts";
import { assemble } from "./assemble.ts";
import { loadStoredHalf, needsStoredHalf, type StoredHalf } from "./load-stored-half.ts";
import { Store } from "./store.ts";

/**
 * Opens a store. It owns the backend from then on and closes it with itself, also when opening fails.
 *
 * Over a durable backend the store is found as the last acknowledged commit left it. Opening reads the newest
 * head and the indexes of its batches, no rows; and removes what a killed writer has left.
 *
 * ```ts
 * await using store = await openStore();
 * const orders = await store.trace("orders", { key: z.int32(), value: z.object({ customer: z.string(), total: z.number() }) });
 * orders.insert(7, { customer: "ann", total: 12 });
 * await store.commit();
 * ```
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`, `ZSPINE_UNKNOWN_NAME`; `ZSPINE_LOCKED` when another
 *   store has the backend; `ZSPINE_FORMAT` when a newer version wrote what is there, or it is not ours;
 *   `ZSPINE_SCHEMA` when it was written with another serializer; `ZSPINE_CORRUPT` when it is damaged; what the
 *   backend fails with.
 */
export function openStore(options: StoreOptions = {}): Promise<Store> {
  return openWith(options, loadStoredHalf);
}

/** Opens a store, whose stored half is loaded as is said, where it needs one. */
export async function openWith(options: StoreOptions, load: () => Promise<StoredHalf>): Promise<Store> {
  const checked = checkStoreOptions(options);
  const { backend: given, environment, isGuest, isReadOnly } = checked;
  const opened =
    "open" in given
      ? await given.open(isGuest ? { guest: true } : isReadOnly ? { readOnly: true } : {})
      : given;
  const backend = environment.io(opened);
  try {
    const { placement } = opened;
    const { found, half } = needsStoredHalf(opened, checked)
      ? await findStored(backend, checked, load)
      : { found: await findNothing(backend), half: undefined };
    return new Store(assemble(backend, checked, found, { half, placement, borrowing: borrowingOf(opened) }));
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/**
 * Removes a store with everything in it; does nothing where there is none.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`; `ZSPINE_LOCKED` while it is open; `ZSPINE_FORMAT` when what is there is no store.
 */
export async function dropStore(options: { readonly backend: BackendOpener }): Promise<void> {
  if (isBackend(options) || typeof options !== "object") throw misplacedBackend("dropStore", options);
  const { backend } = requireOptions(options, "dropStore", DROP);
  await backend.drop();
}

const DROP: OptionKinds = { backend: OPENER };

/** A store as it was found, and what reads what it has stored. */
interface Found {
  readonly found: Recovered;
  readonly half: StoredHalf;
}

/** Finds a store in its backend, whose first round is read while the stored half is being loaded. */
async function findStored(
  backend: Backend,
  options: CheckedOptions,
  load: () => Promise<StoredHalf>,
): Promise<Found> {
  if (!backend.capabilities.durable) {
    const [found, half] = await both(findNothing(backend), load());
    return { found, half };
  }
  const { name, environment, isReadOnly, serializer } = options;
  const operations = new Operations(name ?? backend.type, environment);
  const watched = operations.begin("zspine:recovery", { readOnly: isReadOnly });
  try {
    const { found, half } = await (isReadOnly ? findBesideWriter : findOwn)(backend, options, load);
    if (found.head !== undefined) checkSerializer(found.head.serializer, serializer);
    watched?.end(found.report);
    return { found, half };
  } catch (error) {
    watched?.fail(error);
    throw error;
  }
}

async function findOwn(
  backend: Backend,
  { recover }: CheckedOptions,
  load: () => Promise<StoredHalf>,
): Promise<Found> {
  const [first, half] = await both(readFirstRound(backend), load());
  return { found: await half.recover(backend, { isReadOnly: false, recover }, undefined, first), half };
}

async function findBesideWriter(
  backend: Backend,
  { recover }: CheckedOptions,
  load: () => Promise<StoredHalf>,
): Promise<Found> {
  const [stored, half] = await both(backend.readHead(), load());
  const how = { isReadOnly: true, recover };
  return { found: await half.recoverBesideWriter(backend, how, [], { stored }), half };
}

/** Finds that there is nothing to be found. @throws (rejects with) `ZSPINE_LOCKED` for the backend of another store. */
async function findNothing(backend: Backend): Promise<Recovered> {
  const head = await backend.readHead();
  if (head === undefined) return NEW_STORE;
  throw new ZspineError(
    "ZSPINE_LOCKED",
    `the backend ${JSON.stringify(backend.type)} holds head ${head.number} of another store, whose rows are in its ` +
      "own memory; open each store over a backend of its own",
  );
}

/** @throws `ZSPINE_SCHEMA` when a store was written with another serializer than is given. */
function checkSerializer(
  stored: { readonly name: string; readonly id: number } | null,
  given: Serializer | undefined,
): void {
  if (stored === null || given === undefined || (stored.name === given.name && stored.id === given.id))
    return;
  throw new ZspineError(
    "ZSPINE_SCHEMA",
    `the store was written with the serializer ${JSON.stringify(stored.name)} (${stored.id}), and ` +
      `${JSON.stringify(given.name)} (${given.id}) was given; open it with ${stored.name}(), or copy its rows to a new store`,
  );
}
