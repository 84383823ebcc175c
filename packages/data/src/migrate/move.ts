import { checkOptions, FUNCTION, refused } from "@zspine/core";
import { Trace } from "@zspine/store";
import { TemporalTrace } from "@zspine/temporal";
import type { TargetTrace } from "../commit/target.ts";
import { functionText, VERSION } from "../record/function-text.ts";

/** A row that is made of one of the source. */
export interface MovedRow<K, V> {
  readonly key: K;
  readonly value: V;
  /** How often it is there for each that the row of the source is: 1 by default. */
  readonly weight?: number | undefined;
  /** Its time, in a temporal trace: that of the row of the source by default. */
  readonly time?: number | undefined;
}

/**
 * What a row becomes: another, several, or none. It must give the same for the same: no clock, no chance. `time` is that of the
 * row, where the source is temporal.
 */
export type MoveRow<K, V, K2, V2> = (
  key: K,
  value: V,
  time: number | undefined,
) => MovedRow<K2, V2> | readonly MovedRow<K2, V2>[] | undefined;

/** How a mapping is told from another. */
export interface MoveOptions {
  /**
   * Stands for the mapping: give another when its results change. By default its own text stands for it, which does not show
   * what it takes from around it.
   */
  readonly version?: string | number | undefined;
}

/** A trace that is to be moved to another; made by {@link move}. */
export interface Move {
  readonly from: TargetTrace<unknown, unknown>;
  readonly to: TargetTrace<unknown, unknown>;
  readonly map: MoveRow<unknown, unknown, unknown, unknown> | undefined;
  /** What the mapping is told by. */
  readonly text: string;
}

/**
 * Says that the rows of a trace are to be moved to another, as they are, or as what a function makes of each. For
 * {@link migrate}; does nothing itself.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no trace, or no function.
 */
export function move<K, V>(from: TargetTrace<K, V>, to: TargetTrace<K, V>): Move;
export function move<K, V, K2, V2>(
  from: TargetTrace<K, V>,
  to: TargetTrace<K2, V2>,
  map: MoveRow<K, V, K2, V2>,
  options?: MoveOptions,
): Move;
export function move(from: unknown, to: unknown, map?: unknown, options: MoveOptions = {}): Move {
  for (const [name, trace] of [
    ["from", from],
    ["to", to],
  ] as const)
    if (!(trace instanceof Trace || trace instanceof TemporalTrace)) {
      const expected = "a trace, as store.trace() or temporalTrace() gives it";
      throw refused(["move", name], expected, trace, "await it first");
    }
  if (map !== undefined && !FUNCTION.accepts(map)) throw refused(["move", "map"], FUNCTION.expected, map);
  const { version } = checkOptions(options, "move", { version: VERSION });
  const call = map as Move["map"];
  const text = call === undefined ? "as they are" : functionText(call, version);
  return { from, to, map: call, text } as Move;
}
