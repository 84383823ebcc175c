import { quote, refused, ZspineError } from "@zspine/core";
import { didYouMean, quoteNames } from "@zspine/core/engine";

/** What a store tells its listeners, by the name of the event. */
export interface StoreEvents {
  /** A commit was acknowledged, and can be read by its number: `store.at(number)`. */
  commit: {
    readonly number: number;
    /** Rows that it made last, in all traces. */
    readonly rows: number;
    /** How many calls of `commit` it answered. */
    readonly calls: number;
  };
  /** A merge came to its end. */
  merge: {
    readonly trace: string;
    readonly inputs: number;
    readonly rowsIn: number;
    readonly rowsOut: number;
  };
  /** A merge of stored batches failed; the rows are where they were, and the next commit has it tried again. */
  mergeFailure: { readonly trace: string; readonly error: unknown };
  /** A commit waits for merging to catch up. */
  stall: { readonly trace: string; readonly batches: number };
  /** Uncommitted rows were dropped. */
  discard: { readonly rows: number };
  /** A trace was dropped. */
  drop: { readonly trace: string };
  /** The store is closed. */
  close: { readonly discardedRows: number };
}

const NAMES: Readonly<Record<keyof StoreEvents, true>> = {
  commit: true,
  merge: true,
  mergeFailure: true,
  stall: true,
  discard: true,
  drop: true,
  close: true,
};

/** @throws `ZSPINE_INVALID_OPTIONS` for an event that there is not, which would never come, or what cannot be called. */
export function checkListener(name: unknown, listener: unknown): void {
  const known = Object.keys(NAMES);
  if (!known.includes(name as string)) {
    const meant = typeof name === "string" ? didYouMean(name, known) : "";
    const message = `on: there is no event ${quote(name)}; expected one of ${quoteNames(known)}${meant}`;
    throw new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: ["name"] });
  }
  if (typeof listener !== "function") throw refused(["listener"], "a function", listener);
}

/** Calls listeners by name, in the order in which they came. */
export class Emitter<Events> {
  private readonly listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Adds a listener; what is returned takes it off again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const ofName = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, ofName);
    // One entry for each call of `on`, even for the same function.
    const entry = (event: Events[Name]): void => {
      listener(event);
    };
    ofName.add(entry);
    return () => {
      ofName.delete(entry);
    };
  }

  /** Calls the listeners. One that throws keeps neither the others nor the store from going on. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of Array.from(this.listeners.get(name) ?? [])) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        // Reported as any uncaught error is, once the store has gone on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
