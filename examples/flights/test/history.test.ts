import { IndexedZSet } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { expect, it } from "vitest";
import { CORRECTIONS_SEED } from "../src/corrections.ts";
import type { FlightsSource } from "../src/flights-source.ts";
import { answer, QuestionError, type Answer } from "../src/history.ts";
import { airport, iata } from "../src/schemas.ts";
import type { Position } from "../src/state.ts";
import { openView, stepView, type FlightsView } from "../src/view.ts";
import { viewInputOf } from "../src/view-input.ts";
import { sampleSource } from "./sample-source.ts";

const ROWS = 5000;
const source = sampleSource(ROWS);
const days = Array.from({ length: 10 }, (_, at) => `2001-01-${String(at + 1).padStart(2, "0")}`);
const position: Position = { day: days.at(-1)!, days: 10, offset: ROWS };
const airports = IndexedZSet.from(
  iata,
  airport,
  ["ATL", "BOS", "DFW", "LAX", "ORD"].map((key) => ({ key, value: { name: key, city: key, state: "" } })),
);

/** Reads all days of a source. */
async function readDays(store: Store, from: FlightsSource, daysKept?: number): Promise<FlightsView> {
  const view = await openView(store, daysKept);
  await stepView(view, { day: days[0]!, airports });
  for await (const flightDay of from.days(0)) await stepView(view, viewInputOf(flightDay, CORRECTIONS_SEED));
  return view;
}

it("answer() tells of each day what a recomputation of what was known then tells", async () => {
  await using store = await openStore();
  const view = await readDays(store, source);
  const answers: Answer[] = [];

  for (const day of days)
    answers.push(await answer({ after: undefined, until: day }, view, source, position));

  expect(answers.flatMap(({ differences }) => differences)).toEqual([]);
  expect(answers.map(({ result }) => result.flights)).toEqual(days.map((_, at) => (at + 1) * 500));
});

it("answer() tells between each two days what recomputations differ by", async () => {
  await using store = await openStore();
  const view = await readDays(store, source);

  for (const [at, after] of days.entries()) {
    for (const until of days.slice(at)) {
      const { changes, differences } = await answer({ after, until }, view, source, position);
      expect(differences).toEqual([]);
      expect(changes?.size === 0).toBe(after === until);
    }
  }
});

it("answer() finds differences where the history is not that of the source", async () => {
  await using store = await openStore();
  const view = await readDays(store, sampleSource(ROWS, 6));

  for (const after of [undefined, "2001-01-03"]) {
    const { differences } = await answer({ after, until: "2001-01-05" }, view, source, position);
    expect(differences.length).toBeGreaterThan(10);
  }
});

it("answer() tells which days it can tell of", async () => {
  await using store = await openStore();
  const view = await readDays(store, source, 4);
  const asked = (until: string): Promise<Answer> =>
    answer({ after: undefined, until }, view, source, position);

  expect((await asked("2001-01-06")).differences).toEqual([]);
  await expect(asked("2001-01-05")).rejects.toThrow(
    "2001-01-05 is not kept any more: 2001-01-06 to 2001-01-10",
  );
  await expect(asked("2000-12-31")).rejects.toThrow("that were read, 2001-01-01 to 2001-01-10");
  await expect(asked("2001-01-11")).rejects.toThrow(QuestionError);
});
