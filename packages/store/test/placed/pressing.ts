import type { SeededRandom } from "@zspine/conformance";
import type { Allowance, Backend, BackendOpener, Placement, PressureLevel, Seat } from "@zspine/core";

/** What a {@link pressing} placement has been asked, over all its stores. */
export interface Pressed {
  looks: number;
  /** How often it said that rows are to leave memory. */
  pressed: number;
}

/**
 * A placement that allows so many bytes, and, where it is given chance, presses at random besides, up to everything. Of two
 * slots the one that was used less leaves first.
 */
export function pressing(bytes: number, told: Pressed, random?: SeededRandom): Placement {
  const whim: readonly PressureLevel[] = ["normal", "elevated", "high", "critical"];
  return {
    name: `pressing to ${bytes} bytes`,
    maxSpillBytes: Infinity,
    enter(): Seat {
      return {
        allow({ accountedBytes, cachedBytes }): Allowance {
          const isOver = accountedBytes - cachedBytes > bytes;
          const level = isOver ? "critical" : random?.chance(0.5) === true ? random.pick(whim) : "normal";
          told.looks++;
          if (level === "high" || level === "critical") told.pressed++;
          return { level, bytes, restBytes: random?.chance(0.2) === true ? 0 : bytes * 0.8 };
        },
        worthOf: ({ heat, isWritten }) => (isWritten ? heat : heat + 1),
        leave: () => undefined,
      };
    },
  };
}

/** A backend, or one to be opened, whose stores are placed so. */
export function placedBackend(backend: Backend, placement: Placement): Backend;
export function placedBackend(backend: BackendOpener, placement: Placement): BackendOpener;
export function placedBackend(
  backend: Backend | BackendOpener,
  placement: Placement,
): Backend | BackendOpener {
  if (!("open" in backend)) return Object.assign(Object.create(backend) as Backend, { placement });
  return {
    type: backend.type,
    open: async (how) => placedBackend(await backend.open(how), placement),
    drop: () => backend.drop(),
  };
}
