import { ZspineError, type Backend } from "@zspine/core";
import { checkStoreOptions, type StoreOptions } from "../options/store-options.ts";
import { Store } from "./store.ts";

/**
 * Opens a store. It owns the backend from then on and closes it with itself, also when opening fails.
 *
 * ```ts
 * await using store = await openStore();
 * const orders = await store.trace("orders", { key: z.int32(), value: z.object({ customer: z.string(), total: z.number() }) });
 * orders.insert(7, { customer: "ann", total: 12 });
 * await store.commit();
 * ```
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`, `ZSPINE_UNKNOWN_NAME`; `ZSPINE_LOCKED` when another
 *   store has the backend; `ZSPINE_NOT_SUPPORTED` for a backend that is durable, which this version
 *   cannot write to; what the backend fails with.
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const checked = checkStoreOptions(options);
  const opened = "open" in checked.backend ? await checked.backend.open() : checked.backend;
  const backend = checked.environment.io(opened);
  try {
    await checkBackend(backend);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return new Store(backend, checked);
}

async function checkBackend(backend: Backend): Promise<void> {
  if (backend.capabilities.durable) {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `the backend ${JSON.stringify(backend.type)} is durable, but this version of @zspine/store keeps rows in ` +
        "memory only and would lose them; use memory(), or a version that writes blocks",
    );
  }
  const head = await backend.readHead();
  if (head === undefined) return;
  throw new ZspineError(
    "ZSPINE_LOCKED",
    `the backend ${JSON.stringify(backend.type)} holds head ${head.number} of another store, whose rows are in its ` +
      "own memory; open each store over a backend of its own",
  );
}
