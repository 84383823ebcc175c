import type { IndexedZSetRowInput, KeyedValue } from "@zspine/core";
import { flatMapOperator } from "./linear.ts";
import type { Operator, RowSchemas, Values } from "./operator.ts";
import { reduceOperator } from "./reduce.ts";

/** Windows of one length, one beginning every `step`; a row is in each that has its time. */
export interface EvenWindows {
  /** How long each is. */
  readonly size: number;
  /** From the start of one to that of the next; as long as they are, by default. */
  readonly step?: number | undefined;
  /** One begins there; at 0, by default. */
  readonly offset?: number | undefined;
}

/** Windows of the rows of a key of which each comes less than `gap` after the one before. */
export interface SessionWindows {
  readonly gap: number;
}

/** A stretch of times: `[start, end)`. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What becomes of a row in a window. */
export type Place = (window: Window, key: unknown, value: unknown) => KeyedValue<unknown, unknown>;

type TimeOf = (key: unknown, value: unknown) => number;

/** Puts rows in windows. Even ones are linear, and cost the delta; for sessions, the rows of its keys are read. */
export function windowOperator(
  output: RowSchemas,
  kind: EvenWindows | SessionWindows,
  timeOf: TimeOf,
  place: Place,
  text: string,
): Operator {
  const described = `${JSON.stringify(kind)} ${text}`;
  if ("gap" in kind)
    return reduceOperator(
      output,
      (key, values) => inSessions(key, values, kind.gap, timeOf, place),
      described,
    );
  const { size, step = size, offset = 0 } = kind;
  const convert = function* (key: unknown, value: unknown): Generator<KeyedValue<unknown, unknown>> {
    const time = timeOf(key, value);
    const last = Math.floor((time - offset) / step) * step + offset;
    for (let start = last; start > time - size; start -= step)
      yield place({ start, end: start + size }, key, value);
  };
  return flatMapOperator(output, convert, `window ${described}`);
}

/** Rows whose weight is not positive are in no session. */
function* inSessions(
  key: unknown,
  values: Values,
  gap: number,
  timeOf: TimeOf,
  place: Place,
): Generator<IndexedZSetRowInput<unknown, unknown>> {
  const timed = values
    .filter(({ weight }) => weight > 0)
    .map((row) => ({ ...row, time: timeOf(key, row.value) }))
    .sort((a, b) => a.time - b.time);
  for (let from = 0; from < timed.length;) {
    let to = from + 1;
    while (to < timed.length && timed[to]!.time - timed[to - 1]!.time < gap) to++;
    const window = { start: timed[from]!.time, end: timed[to - 1]!.time + gap };
    for (const { value, weight } of timed.slice(from, to)) yield { ...place(window, key, value), weight };
    from = to;
  }
}
