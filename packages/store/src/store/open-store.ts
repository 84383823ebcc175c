import {
  requireOptions,
  ZspineError,
  type Backend,
  type BackendOpener,
  type OptionKinds,
  type Serializer,
} from "@zspine/core";
import { Operations } from "../diagnostics/operations.ts";
import { borrowingOf } from "../loan/borrowing-backend.ts";
import { isBackend, misplacedBackend, OPENER } from "../options/plugin-option.ts";
import { checkStoreOptions, type CheckedOptions, type StoreOptions } from "../options/store-options.ts";
import { recoverBesideWriter } from "../recovery/recover-beside-writer.ts";
import { NEW_STORE, recover, type Recovered } from "../recovery/recover.ts";
import { assemble } from "./assemble.ts";
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
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const checked = checkStoreOptions(options);
  const { backend: given, environment, isGuest, isReadOnly } = checked;
  const opened =
    "open" in given
      ? await given.open(isGuest ? { guest: true } : isReadOnly ? { readOnly: true } : {})
      : given;
  const backend = environment.io(opened);
  try {
    const found = await find(backend, checked);
    const { placement } = opened;
    return new Store(assemble(backend, checked, found, { placement, borrowing: borrowingOf(opened) }));
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

async function find(backend: Backend, options: CheckedOptions): Promise<Recovered> {
  const { name, environment, isReadOnly, recover: mode, serializer } = options;
  if (!backend.capabilities.durable) {
    await checkUnused(backend);
    return NEW_STORE;
  }
  const how = { isReadOnly, recover: mode };
  const operations = new Operations(name ?? backend.type, environment);
  const watched = operations.begin("zspine:recovery", { readOnly: isReadOnly });
  try {
    const found = isReadOnly ? await recoverBesideWriter(backend, how) : await recover(backend, how);
    if (found.head !== undefined) checkSerializer(found.head.serializer, serializer);
    watched?.end(found.report);
    return found;
  } catch (error) {
    watched?.fail(error);
    throw error;
  }
}

async function checkUnused(backend: Backend): Promise<void> {
  const head = await backend.readHead();
  if (head === undefined) return;
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
