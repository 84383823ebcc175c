import * as d2ts from "@electric-sql/d2ts";
import { MessageType, type IStreamBuilder } from "@electric-sql/d2ts";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { openStore, type Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { retainedPlaces } from "../../../store/test/retained-places.ts";
import { count, distinct, join, openIndex, reduce, topK } from "../../src/index.ts";

type Rows = Map<string, number>;

const Score = z.object({ player: z.string(), points: z.int32() });
type Score = z.infer<typeof Score>;

/** A graph over the indexes of a store: scores by team joined with its city, and what comes of them by city. */
class Graph {
  readonly graph: d2ts.D2;
  readonly scores: d2ts.RootStreamBuilder<[string, Score]>;
  readonly cities: d2ts.RootStreamBuilder<[string, string]>;
  /** Everything that came out, added up, by the name of the output. */
  readonly out: Record<string, Rows>;
  version: number;

  private constructor(version: number, out: Record<string, Rows>) {
    this.version = version;
    this.out = out;
    this.graph = new d2ts.D2({ initialFrontier: version });
    this.scores = this.graph.newInput();
    this.cities = this.graph.newInput();
  }

  static async open(store: Store, out: Record<string, Rows>): Promise<Graph> {
    const index = <V extends z.ZodType>(name: string, value: V) =>
      openIndex(store, name, { d2ts, key: z.string(), value });
    const left = await index("scores", Score);
    const opened = new Graph(left.frontier?.elements[0]?.getInner()[0] ?? 0, out);
    const right = await index("cities", z.string());
    const joined = opened.scores.pipe(join(opened.cities, { left, right }));
    const byCity = joined.pipe(
      d2ts.map(([, [score, city]]): [string, Score] => [city, score]),
    ) as IStreamBuilder<[string, Score]>;
    const of = async <V extends z.ZodType>(name: string, value: V) => ({
      input: await index(`${name} of`, Score),
      output: await index(name, value),
    });
    opened.listen("joined", joined);
    opened.listen("best", byCity.pipe(reduce(bestOf, await of("best", z.int32()))));
    opened.listen("count", byCity.pipe(count(await of("count", z.int()))));
    opened.listen("distinct", byCity.pipe(distinct(await of("distinct", Score))));
    opened.listen("top", byCity.pipe(topK(byPoints, await of("top", Score), { limit: 2, offset: 1 })));
    opened.graph.finalize();
    return opened;
  }

  /** Sends rows at the next version, and completes it or leaves it open. */
  run(scores: [[string, Score], number][], cities: [[string, string], number][], isComplete = true): void {
    this.scores.sendData(this.version, new d2ts.MultiSet(scores));
    this.cities.sendData(this.version, new d2ts.MultiSet(cities));
    if (isComplete) {
      this.version++;
      this.scores.sendFrontier(this.version);
      this.cities.sendFrontier(this.version);
    }
    this.graph.run();
  }

  private listen(name: string, stream: IStreamBuilder<unknown>): void {
    const rows = (this.out[name] ??= new Map());
    stream.pipe(
      d2ts.output((message) => {
        if (message.type !== MessageType.DATA) return;
        for (const [row, weight] of (message.data as d2ts.DataMessage<unknown>).collection.getInner())
          addRow(rows, JSON.stringify(row), weight);
      }),
    );
  }
}

function bestOf(values: [Score, number][]): [number, number][] {
  return [[Math.max(...values.map(([{ points }]) => points)), 1]];
}

function byPoints(a: Score, b: Score): number {
  return b.points - a.points || (a.player < b.player ? -1 : 1);
}

function addRow(rows: Rows, row: string, weight: number): void {
  const sum = (rows.get(row) ?? 0) + weight;
  if (sum === 0) rows.delete(row);
  else rows.set(row, sum);
}

/** What the outputs are of all rows, from scratch. */
function compute(scores: Rows, cities: Rows): Record<string, Record<string, number>> {
  const out: Record<string, Rows> = {};
  const add = (name: string, row: unknown, weight: number): void =>
    addRow((out[name] ??= new Map()), JSON.stringify(row), weight);
  const groups = new Map<string, Rows>();
  for (const [text, weight] of scores) {
    const [team, score] = JSON.parse(text) as [string, Score];
    for (const [other, times] of cities) {
      const [name, city] = JSON.parse(other) as [string, string];
      if (name !== team) continue;
      add("joined", [team, [score, city]], weight * times);
      const group = groups.get(city) ?? new Map<string, number>();
      groups.set(city, group);
      addRow(group, JSON.stringify(score), weight * times);
    }
  }
  for (const [city, group] of groups) {
    const rows = [...group].map(([text, weight]): [Score, number] => [JSON.parse(text) as Score, weight]);
    if (rows.length === 0) continue;
    add("best", [city, bestOf(rows)[0]![0]], 1);
    add("count", [city, rows.reduce((sum, [, weight]) => sum + weight, 0)], 1);
    for (const [score, weight] of rows) if (weight > 0) add("distinct", [city, score], 1);
    for (const [score, weight] of rows.sort(([a], [b]) => byPoints(a, b)).slice(1, 3))
      add("top", [city, score], weight);
  }
  return plainOf(out);
}

function plainOf(out: Record<string, Rows>): Record<string, Record<string, number>> {
  const some = Object.entries(out).filter(([, rows]) => rows.size > 0);
  return Object.fromEntries(some.map(([name, rows]) => [name, Object.fromEntries(rows)]));
}

/** A program drawn from a seed over a place that outlives processes. */
async function runProgram(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const places = retainedPlaces(() => memory({ preferredValueBytes: random.pick([200, 65_536]) }));
  const open = () => openStore({ backend: places.opener("place"), cacheBytes: random.pick([0, 2 ** 20]) });
  let store = await open();
  let graph = await Graph.open(store, {});
  const [scores, cities]: [Rows, Rows] = [new Map(), new Map()];
  for (let round = 0; round < 14; round++) {
    const before = [new Map(scores), new Map(cities), JSON.stringify(plainOf(graph.out))] as const;
    const [newScores, newCities] = draw(random, scores, cities);
    graph.run(newScores, newCities);
    expect(plainOf(graph.out)).toEqual(compute(scores, cities));
    if (random.chance(0.3)) {
      // Killed before the commit, or at some moment of it: there is the round, or there is not.
      const number = round + 1;
      if (random.chance(0.5)) store.commit({ metadata: { number } }).catch(() => undefined);
      for (let left = random.int(0, 60); left > 0; left--) await Promise.resolve();
      places.crash("place");
      await store.close().catch(() => undefined);
      store = await open();
      const isThere = (store.metadata as { number?: number }).number === number;
      const out = isThere ? graph.out : restore(before[2]);
      if (!isThere) {
        replaceRows(scores, before[0]);
        replaceRows(cities, before[1]);
      }
      graph = await Graph.open(store, out);
      if (!isThere) await store.commit({ metadata: { number } });
    } else await store.commit({ metadata: { number: round + 1 } });
    if (random.chance(0.3)) await store.compact();
  }
  await store.close();
}

function draw(
  random: SeededRandom,
  scores: Rows,
  cities: Rows,
): [[[string, Score], number][], [[string, string], number][]] {
  const newScores: [[string, Score], number][] = [];
  const newCities: [[string, string], number][] = [];
  const team = (): string => `team ${random.int(1, 4)}`;
  for (let left = random.int(0, 5); left > 0; left--)
    newScores.push([[team(), { player: `p${random.int(1, 3)}`, points: random.int(1, 9) }], 1]);
  for (let left = random.pick([0, 0, 1]); left > 0; left--)
    newCities.push([[team(), random.pick(["Oslo", "Bergen"])], 1]);
  for (const row of scores.keys())
    if (random.chance(0.25)) newScores.push([JSON.parse(row) as [string, Score], -scores.get(row)!]);
  for (const row of cities.keys())
    if (random.chance(0.1)) newCities.push([JSON.parse(row) as [string, string], -cities.get(row)!]);
  for (const [row, weight] of newScores) addRow(scores, JSON.stringify(row), weight);
  for (const [row, weight] of newCities) addRow(cities, JSON.stringify(row), weight);
  return [newScores, newCities];
}

function restore(text: string): Record<string, Rows> {
  const out = JSON.parse(text) as Record<string, Record<string, number>>;
  return Object.fromEntries(Object.entries(out).map(([name, rows]) => [name, new Map(Object.entries(rows))]));
}

function replaceRows(rows: Rows, others: Rows): void {
  rows.clear();
  for (const [row, weight] of others) rows.set(row, weight);
}

describe("operators over indexes", () => {
  const only = process.env["ZSPINE_SEED"];
  const seeds = only === undefined ? Array.from({ length: 5 }, (_, at) => at + 1) : [Number(only)];

  it(`O5 join(), reduce(), count(), distinct() and topK() give what a recomputation gives, over kills, of seeds ${seeds[0]} to ${seeds.at(-1)}`, async () => {
    for (const seed of seeds)
      await runProgram(seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed} failed: ${(cause as Error).message}`, { cause });
      });
  });

  it("O5 reduce() works off what was committed of a version that was not complete", async () => {
    const places = retainedPlaces(() => memory());
    const store = await openStore({ backend: places.opener("place") });
    const graph = await Graph.open(store, {});
    graph.run([[["team", { player: "ann", points: 3 }], 1]], [[["team", "Oslo"], 1]], false);
    await store.commit();
    await store.close();
    await using later = await openStore({ backend: places.opener("place") });
    const input = await openIndex(later, "best of", { d2ts, key: z.string(), value: Score });
    expect(input.pending()).toEqual([["Oslo", d2ts.v(0)]]);
    const again = await Graph.open(later, {});
    again.run([], []);
    expect(plainOf(again.out)["best"]).toEqual({ '["Oslo",3]': 1 });
  });

  it("O5 reduce() finds the next greatest when the greatest is taken back", async () => {
    await using store = await openStore();
    const graph = await Graph.open(store, {});
    const ann = (points: number): [string, Score] => ["team", { player: "ann", points }];
    graph.run(
      [
        [ann(9), 1],
        [ann(5), 1],
      ],
      [[["team", "Oslo"], 1]],
    );
    graph.run([[ann(9), -1]], []);
    expect(plainOf(graph.out)["best"]).toEqual({ '["Oslo",5]': 1 });
  });

  it("O5 reduce() has nothing of a key whose rows went one by one, and again when they come back", async () => {
    for (let rows = 1; rows <= 4; rows++)
      for (let mergeAt = 0; mergeAt <= rows; mergeAt++) {
        await using store = await openStore();
        const graph = await Graph.open(store, {});
        const all = Array.from({ length: rows }, (_, at): [string, Score] => [
          "team",
          { player: `p${at}`, points: at },
        ]);
        graph.run(
          all.map((row) => [row, 1]),
          [[["team", "Oslo"], 1]],
        );
        for (const [at, row] of all.entries()) {
          await store.commit();
          if (at === mergeAt) await store.compact();
          graph.run([[row, -1]], []);
        }
        if (mergeAt === rows) await store.compact();
        expect(plainOf(graph.out)).toEqual({});
        graph.run(
          all.map((row) => [row, 1]),
          [],
        );
        expect(plainOf(graph.out)["count"]).toEqual({ [`["Oslo",${rows}]`]: 1 });
      }
  });

  it("O5 join() and reduce() refuse what is no index, one twice, and streams of two graphs", async () => {
    await using store = await openStore();
    const schemas = { d2ts, key: z.string(), value: z.string() };
    const left = await openIndex(store, "left", schemas);
    const right = await openIndex(store, "right", schemas);
    const graph = new d2ts.D2({ initialFrontier: 0 });
    const stream = graph.newInput<[string, string]>();
    const other = new d2ts.D2({ initialFrontier: 0 }).newInput<[string, string]>();
    const refused = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" });
    expect(() => join(stream, { left, right: new d2ts.Index() as never })).toThrow(refused);
    expect(() => join(stream, { left, right: left })).toThrow(refused);
    expect(() => join(stream, { left, right, rigth: 1 } as never)).toThrow(refused);
    expect(() => stream.pipe(join(other, { left, right }))).toThrow(refused);
    expect(() => reduce(undefined as never, { input: left, output: right })).toThrow(refused);
    expect(() => reduce(() => [], { input: left, output: left })).toThrow(refused);
    expect(() => topK(undefined as never, { input: left, output: right })).toThrow(refused);
    expect(() => topK(() => 0, { input: left, output: right }, { limit: -1 })).toThrow(refused);
  });
});
