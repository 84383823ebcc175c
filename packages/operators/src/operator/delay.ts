import { add, filter, IndexedZSet, map, negate, type Row, type Schema } from "@zspine/core";
import { compareNatural, tupleOf } from "@zspine/core/engine";
import type { Delta, Operator, RowSchemas, StateReader, Time } from "./operator.ts";

type DueOf = (key: unknown, value: unknown) => Time;

/**
 * Lets each row through once the time of the steps has come to when it is due. Keeps those that wait, in the order in
 * which they are due; reads those that become due.
 *
 * So what has come through is all that is due by now, however the time came to be now.
 */
export function delayOperator(output: RowSchemas, time: Schema, dueOf: DueOf, text: string): Operator {
  const state = { key: time, value: tupleOf(output.key, output.value) };
  return {
    text: `delay ${text}`,
    output,
    keepsInputs: [false],
    state,
    isTimed: true,
    async step({ inputs: [input], state: waiting, now }) {
      const { delta } = input!;
      const isDue = (at: Time): boolean => now !== undefined && compareNatural(at, now) <= 0;
      const due = filter(delta, (key, value) => isDue(dueOf(key, value)));
      const ahead = filter(delta, (key, value) => !isDue(dueOf(key, value)));
      const waits = map(ahead, state.key, state.value, (key, value) => ({
        key: dueOf(key, value),
        value: [key, value],
      }));
      const released = await allDue(waiting, now, state, delta);
      const rows = map(released, output.key, output.value, (_due, kept) => {
        const [key, value] = kept as readonly [unknown, unknown];
        return { key, value };
      });
      return { delta: add(due, rows), state: add(waits, negate(released)) };
    },
  };
}

/** Reads the rows that are due; none before there is a time. */
async function allDue(
  waiting: StateReader,
  now: Time | undefined,
  { key, value }: RowSchemas,
  like: Delta,
): Promise<Delta> {
  const rows: Row<unknown, unknown>[] = [];
  if (now !== undefined) for await (const row of waiting.rows({ lte: now })) rows.push(row);
  const { serializer } = like.layout;
  return IndexedZSet.from(key, value, rows, { serializer });
}
