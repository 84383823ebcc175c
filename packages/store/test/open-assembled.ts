import type { Backend, Environment } from "@zspine/core";
import type { Store, StoreOptions } from "../src/index.ts";
import type { Executor } from "../src/merge/executor.ts";
import { checkStoreOptions } from "../src/options/store-options.ts";
import { NEW_STORE } from "../src/recovery/recovered.ts";
import { assemble } from "../src/store/assemble.ts";
import { loadStoredHalf } from "../src/store/load-stored-half.ts";
import { Store as OpenStore } from "../src/store/store.ts";

/**
 * Opens a store as `openStore` does, of all parts, whether its backend needs them or not: so slots can be moved whose rows
 * stay in memory otherwise, and merges be worked on by an executor of the test's.
 */
export async function openAssembled(
  options: StoreOptions,
  newExecutor?: (environment: Environment) => Executor,
): Promise<Store> {
  const checked = checkStoreOptions(options);
  const { backend: given, environment } = checked;
  const opened = "open" in given ? await given.open() : given;
  const backend = environment.io(opened);
  try {
    const { durable } = backend.capabilities;
    const half = await loadStoredHalf();
    const how = { isReadOnly: false, recover: "never" } as const;
    const found = durable ? await half.recover(backend, how) : await nothingIn(backend);
    const executor = newExecutor?.(environment);
    const { placement } = opened;
    return new OpenStore(assemble(backend, checked, found, { half, executor, placement }));
  } catch (error) {
    await backend.close();
    throw error;
  }
}

async function nothingIn(backend: Backend): Promise<typeof NEW_STORE> {
  await backend.readHead();
  return NEW_STORE;
}
