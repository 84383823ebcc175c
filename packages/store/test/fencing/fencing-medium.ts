import { memory } from "@zspine/backend-memory";
import { forward, retained } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import type { Gate } from "./stop-sign.ts";

/** A medium whose writers fence one another, and whose steps are seen. */
export interface FencingMedium {
  /** Opens a place for a process: each of its steps goes through the gate. */
  opener(place: string, gate: Gate): BackendOpener;
}

/** A medium in memory, a step of which is a call of the backend. */
export function memoryMedium(): FencingMedium {
  const medium = retained(() => memory({ preferredValueBytes: 1024 }), { shared: true });
  return {
    opener: (place, gate) => ({
      type: "retained",
      open: async (how) => gated(await medium.open(place, how), gate),
      drop: async () => undefined,
    }),
  };
}

/** Has each call of a backend go through a gate. */
function gated(backend: Backend, gate: Gate): Backend {
  const { create, createHead, get, getSync: _, list, readHead, write, ...others } = forward(backend);
  return {
    ...others,
    capabilities: { ...backend.capabilities, syncReads: false },
    get: (...given) => gate(() => get(...given)),
    write: (...given) => gate(() => write(...given)),
    readHead: (...given) => gate(() => readHead(...given)),
    createHead: (...given) => gate(() => createHead(...given)),
    create: (...given) => gate(() => create!(...given)),
    async *list(...given) {
      const names = await gate(async () => {
        const found: string[] = [];
        for await (const name of list(...given)) found.push(name);
        return found;
      });
      yield* names;
    },
  };
}
