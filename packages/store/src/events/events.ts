import { quote, refused, ZspineError, type PressureLevel } from "@zspine/core";
import { didYouMean, quoteNames } from "@zspine/core/engine";
import type { HoldState } from "../hold/hold-state.ts";

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
    /** Bytes that it has written to the backend: 0 in memory. */
    readonly bytes: number;
  };
  /** A merge failed, or the strategy did; the rows are where they were, and a later commit or insert has it tried again. */
  mergeFailure: { readonly trace: string; readonly error: unknown };
  /** A commit waits for merging to catch up. */
  stall: { readonly trace: string; readonly batches: number };
  /** Memory is pressed more, or less, than before: see `Allowance` of the backend's placement. */
  pressure: {
    readonly level: PressureLevel;
    /** What the store accounts for, and what it may, in bytes. */
    readonly accountedBytes: number;
    readonly budgetBytes: number;
  };
  /** Slots were spilled, in so many bytes of the backend. */
  spill: { readonly slots: number; readonly bytes: number };
  /**
   * A look-up, a loop over rows or a merge has brought slots, or filters of them, from the backend: told once for all
   * that it brought at a time, with the bytes that were read.
   */
  load: { readonly slots: number; readonly bytes: number };
  /** Spilling failed; the rows are in memory as they were, and it is tried again later. Told once of each cause. */
  spillFailure: { readonly error: unknown };
  /** Uncommitted rows were dropped. */
  discard: { readonly rows: number };
  /** A trace was dropped. */
  drop: { readonly trace: string };
  /** How the hold of a commit stands has become another. */
  hold: {
    readonly name: string;
    /** The commit that it holds. */
    readonly token: number;
    readonly from: HoldState;
    readonly to: HoldState;
  };
  /** A store that only reads has taken over a newer head of its writer, and can read the commit of that token. */
  follow: { readonly number: number; readonly token: number };
  /**
   * A store that follows could not look for a newer head, or not read what one names: it reads on as it was, and looks
   * again, ever more rarely. Told once, and again when it fails otherwise or anew.
   */
  followFailure: { readonly error: unknown };
  /** What readers ask could not be taken up; it is looked for again, ever more rarely. Told as `followFailure` is. */
  serveFailure: { readonly error: unknown };
  /** The store is closed. */
  close: { readonly discardedRows: number };
}

const NAMES: Readonly<Record<keyof StoreEvents, true>> = {
  commit: true,
  merge: true,
  mergeFailure: true,
  stall: true,
  pressure: true,
  spill: true,
  load: true,
  spillFailure: true,
  discard: true,
  drop: true,
  hold: true,
  follow: true,
  followFailure: true,
  serveFailure: true,
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

/**
 * Calls listeners by name, in the order in which they came. Events are told in the order in which they happened, in a
 * microtask soon after the call in which they did, and before a promise that tells the same is settled: so a listener
 * finds everything consistent, and may read, write, commit or close, or throw.
 */
export class Emitter<Events> {
  private readonly listeners = new Map<keyof Events, Set<(event: never) => void>>();
  private due: (() => void)[] = [];

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

  /** Has the listeners called that there are now. One that throws keeps none of the others from being told. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const ofName = this.listeners.get(name);
    if (ofName === undefined || ofName.size === 0) return;
    if (this.due.length === 0) {
      queueMicrotask(() => {
        this.tell();
      });
    }
    for (const listener of ofName) {
      this.due.push(() => {
        if (ofName.has(listener)) (listener as (event: Events[Name]) => void)(event);
      });
    }
  }

  private tell(): void {
    const { due } = this;
    // By number, for what is told may have more happen, which is told after it.
    for (let at = 0; at < due.length; at++) {
      try {
        due[at]!();
      } catch (error) {
        // Reported as any uncaught error is, once the others have been told.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.due = [];
  }
}
