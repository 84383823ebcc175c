import type { Environment } from "@zspine/core";
import type { Store, StoreOptions } from "../../src/index.ts";
import type { Executor } from "../../src/merge/executor.ts";
import { checkStoreOptions } from "../../src/options/store-options.ts";
import { NEW_STORE, recover } from "../../src/recovery/recover.ts";
import { assemble } from "../../src/store/assemble.ts";
import { Store as OpenStore } from "../../src/store/store.ts";

/** Opens a store as `openStore` does, whose merges an executor of the test's works on. */
export async function openWithExecutor(
  options: StoreOptions,
  newExecutor: (environment: Environment) => Executor,
): Promise<Store> {
  const checked = checkStoreOptions(options);
  const { backend: given, environment } = checked;
  const backend = environment.io("open" in given ? await given.open() : given);
  try {
    const { durable } = backend.capabilities;
    const found = durable ? await recover(backend, { isReadOnly: false, recover: "never" }) : NEW_STORE;
    return new OpenStore(assemble(backend, checked, found, { executor: newExecutor(environment) }));
  } catch (error) {
    await backend.close();
    throw error;
  }
}
