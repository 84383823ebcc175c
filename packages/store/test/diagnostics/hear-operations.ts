import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { StoreOperations } from "../../src/index.ts";

/** What was told on a tracing channel. */
export interface ToldOperation {
  readonly name: keyof StoreOperations;
  readonly event: "start" | "asyncEnd" | "error";
  readonly message: Readonly<Record<string, unknown>>;
}

const NAMES = ["recovery", "commit", "merge", "spill", "load"] as const;
const EVENTS = ["start", "asyncEnd", "error"] as const;

/** Listens to all operations of the stores that are called so, until it is stopped. */
export function hearOperations(
  store: string,
  onTold: (told: ToldOperation) => void = () => undefined,
): { readonly told: readonly ToldOperation[]; stop(): void } {
  const told: ToldOperation[] = [];
  const listeners = NAMES.flatMap((short) =>
    EVENTS.map((event) => {
      const name = `zspine:${short}` as const;
      const listener = (given: unknown): void => {
        const message = given as ToldOperation["message"];
        if (message["store"] !== store) return;
        told.push({ name, event, message });
        onTold({ name, event, message });
      };
      const channel = `tracing:${name}:${event}`;
      subscribe(channel, listener);
      return { channel, listener };
    }),
  );
  return {
    told,
    stop: () => {
      for (const { channel, listener } of listeners) unsubscribe(channel, listener);
    },
  };
}
