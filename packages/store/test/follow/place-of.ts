import { memory } from "@zspine/backend-memory";
import { retained, simulatedEnvironment } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { z } from "zod";
import { openStore, type Store, type StoreOptions } from "../../src/index.ts";

export const ROWS = { key: z.int32(), value: z.string(), create: true } as const;

/** A place in memory that outlives its stores, for a writer and who stands beside it, all in one virtual time. */
export function placeOf(seed: number) {
  const environment = simulatedEnvironment(seed);
  const medium = retained(memory);
  const opener = (wrap: (backend: Backend) => Backend = (backend) => backend): BackendOpener => ({
    type: "retained",
    open: async (options) => wrap(await medium.open("place", options)),
    drop: async () => undefined,
  });
  /** Opens a store over what `wrap` makes of the backend. */
  const open = (options: StoreOptions = {}, wrap?: (backend: Backend) => Backend): Promise<Store> =>
    openStore({ backend: opener(wrap), environment, cacheBytes: 0, ...options });
  return { environment, medium, open };
}
