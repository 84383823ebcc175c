import type { Bound, ReadText } from "./bound.ts";
import { containerBounds } from "./container.ts";
import { machineBound } from "./machine.ts";
import type { Sensed } from "./runtime.ts";

/** What a process is told of itself, in bytes. */
export interface OwnMemory {
  readonly residentBytes: number | undefined;
  readonly heapBytes: number | undefined;
  readonly heapLimitBytes: number | undefined;
  /** The memory of the machine, where no file tells it. */
  readonly machineBytes: number | undefined;
}

/**
 * What a process is told of itself, beside the bound that presses most: of its control groups, those whose limit
 * binds because the machine has more, and only where there is none, the machine. On a machine that others fill, a group
 * with a limit of its own is not pressed.
 */
export function senseSystem(readText: ReadText, own: OwnMemory): Sensed {
  const { residentBytes, heapBytes, heapLimitBytes, machineBytes } = own;
  const machine =
    machineBound(readText) ??
    (machineBytes === undefined ? undefined : { limitBytes: machineBytes, usedBytes: undefined });
  const groups = containerBounds(readText).filter(
    ({ limitBytes }) => machine === undefined || limitBytes < machine.limitBytes,
  );
  const share = ({ limitBytes, usedBytes }: Bound): number => (usedBytes ?? residentBytes ?? 0) / limitBytes;
  const [tightest = machine] = groups.toSorted((a, b) => share(b) - share(a) || a.limitBytes - b.limitBytes);
  return {
    residentBytes,
    heapBytes,
    heapLimitBytes,
    usedBytes: tightest?.usedBytes,
    limitBytes: tightest?.limitBytes,
  };
}
