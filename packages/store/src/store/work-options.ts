import { checkOptions, FUNCTION, numberWithin, SIGNAL, throwIfAborted, type OptionKinds } from "@zspine/core";

/** How to do long work. */
export interface WorkOptions {
  /** Ends the work with `ZSPINE_ABORTED`; what was done by then stays done. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each slice, and at the end, how much is left. */
  readonly onProgress?: ((progress: WorkProgress) => void) | undefined;
}

/** How far long work has come. */
export interface WorkProgress {
  readonly mergesInProgress: number;
  readonly batches: number;
}

const KINDS: OptionKinds = { signal: SIGNAL, onProgress: FUNCTION };

/**
 * Checks the options of work that takes long: of merging, a check, a copy. Gives what was checked, read once. What has
 * been aborted before it was called does nothing, whether there was something to do or not.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be; `ZSPINE_ABORTED`.
 */
export function checkWork<O extends Pick<WorkOptions, "signal">>(options: O, what: string): O {
  const checked = checkOptions(options, what, KINDS);
  throwIfAborted(checked.signal, what);
  return checked;
}

/** How to wait. */
export interface WaitOptions {
  /** Ends the waiting with `ZSPINE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`; `ZSPINE_ABORTED`. */
export function checkWait(options: WaitOptions, what: string): WaitOptions {
  const checked = checkOptions(options, what, { signal: SIGNAL });
  throwIfAborted(checked.signal, what);
  return checked;
}

/** How much is to leave memory. */
export interface SpillOptions extends WaitOptions {
  /** About how many bytes of memory are to be freed; 0–2⁴⁰, by default all that can be. */
  readonly bytes?: number | undefined;
  /** Told after each slot, and at the end. */
  readonly onProgress?: ((progress: SpillProgress) => void) | undefined;
}

/** How far rows have left memory. */
export interface SpillProgress {
  /** Bytes of memory that they have left. */
  readonly bytes: number;
  /** Bytes that are still to be left, as far as is known; 0 at the end. */
  readonly bytesLeft: number;
}

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`; `ZSPINE_ABORTED`. */
export function checkSpill(options: SpillOptions): SpillOptions {
  const kinds = { ...KINDS, bytes: numberWithin(0, 2 ** 40, true) };
  const checked = checkOptions(options, "spill", kinds);
  throwIfAborted(checked.signal, "spill");
  return checked;
}

/** Counts what is still to be merged. */
export function progressOf(
  states: readonly { readonly mergesInProgress: number; readonly batchCount: number }[],
): WorkProgress {
  return {
    mergesInProgress: states.reduce((sum, state) => sum + state.mergesInProgress, 0),
    batches: states.reduce((sum, state) => sum + state.batchCount, 0),
  };
}
