import { chaos, SeededRandom } from "@zspine/conformance";
import { systemEnvironment, type Backend, type BackendOpener, type Layout } from "@zspine/core";
import {
  makePart,
  readRow,
  withTime,
  type Batch,
  type Part,
  type Slot,
  type Timed,
} from "@zspine/core/engine";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeHead } from "../../src/head/decode-head.ts";
import { openStore, type Store } from "../../src/index.ts";
import {
  checkTraceOf,
  environmentOf,
  openTraceOfKind,
  type MergeLens,
  type TraceKind,
  type TraceSeam,
} from "../../src/trace-kind.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

/** What heads say of a trace of the kind of these tests: how many rows were inserted, and what times are advanced to. */
type Told = { readonly rows: number; readonly since: number };
type Seam = TraceSeam<number, Timed<string>, Told>;
type Kind = TraceKind<number, Timed<string>, Told, Seam>;

/** A merge sees no time below `since`; of one key and value there is one row. */
class Advance implements MergeLens {
  readonly columnsApart = 2;
  readonly leavesOut = false;
  private readonly since: number;

  constructor(since: number) {
    this.since = since;
  }

  meets(): boolean {
    return true;
  }

  seeWhole(): undefined {
    return undefined;
  }

  see(part: Part): Part {
    const { since } = this;
    if (part.least >= since) return part;
    const heads = part.columns.at(-1)!.heads.map((time) => Math.max(time, since));
    return makePart(
      [...part.columns.slice(0, -1), { kind: "numeric", heads, tails: undefined }],
      part.weights,
    );
  }

  carries({ least }: Slot): boolean {
    return least >= this.since;
  }

  shrinks({ least }: Batch): boolean {
    return least < this.since;
  }

  due(): undefined {
    return undefined;
  }

  isBehind(): boolean {
    return false;
  }

  parting({ length }: readonly Batch[]): number {
    return length;
  }

  choose(batches: readonly Batch[]): { first: number; count: number } | undefined {
    const first = batches.findIndex((batch) => this.shrinks(batch));
    return first < 0 ? undefined : { first, count: 1 };
  }
}

const KIND: Kind = {
  name: "counted",
  opener: "countedTrace()",
  layout: (of) => withTime(of) as Layout<number, Timed<string>>,
  read: (told) => (told as Told | undefined) ?? { rows: 0, since: -1 },
  lens: ({ since }) => (since < 0 ? undefined : new Advance(since)),
  open: (seam) => seam,
};

function open(store: Store, name = "t", kind: Kind = KIND): Seam {
  return openTraceOfKind(store, name, { ...ROWS, create: true }, kind);
}

/** Inserts a row, and tells that there is one more. */
function insert(seam: Seam, key: number, time = key): void {
  seam.insert(key, { value: "v", time }, 1);
  seam.tell({ ...seam.told, rows: seam.told.rows + 1 });
}

async function refusal(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function timesOf(seam: Seam): number[] {
  return seam.batches.flatMap(({ slots }) =>
    slots.flatMap((slot) => {
      if (slot.part === undefined) return [slot.least, slot.most];
      const { columns, weights } = slot.part;
      return Array.from(
        weights,
        (_, row) => (readRow(seam.layout.value, columns, row) as Timed<string>).time,
      );
    }),
  );
}

describe("openTraceOfKind()", () => {
  it("gives the same handle each time, and what heads say of it when it is opened again", async () => {
    const places = retainedPlaces();
    const store = await openStore({ backend: places.opener("place") });
    const seam = open(store);
    expect([seam.name, seam.told, seam.committed]).toEqual([
      "t",
      { rows: 0, since: -1 },
      { rows: 0, since: -1 },
    ]);
    insert(seam, 1);
    expect(open(store)).toBe(seam);
    expect(store.traces).toEqual(["t"]);
    await store.commit();
    insert(seam, 2);
    await store.close();

    await using again = await openStore({ backend: places.opener("place") });
    const { told, committed, size } = open(again);
    expect([told, committed, size]).toEqual([{ rows: 1, since: -1 }, told, 1]);
    expect(await again.verify()).toMatchObject({ isSound: true, rows: 1 });
  });

  it("makes a commit say what is told though there are no rows", async () => {
    const places = retainedPlaces();
    const store = await openStore({ backend: places.opener("place") });
    const seam = open(store);
    await store.commit();
    seam.tell({ rows: 0, since: 5 });
    const committing = store.commit();
    seam.tell({ rows: 0, since: 7 });
    await committing;
    expect(seam.committed.since).toBe(5);
    await store.commit();
    expect(seam.committed).toBe(seam.told);
    await store.close();
    await using again = await openStore({ backend: places.opener("place") });
    expect(open(again).told).toEqual({ rows: 0, since: 7 });
  });

  it("refuses a trace of another kind, open or not, and says what opens it", async () => {
    const places = retainedPlaces();
    const other: Kind = { ...KIND, name: "other", opener: "otherTrace()" };
    const check = async (store: Store): Promise<void> => {
      const attempts: [() => unknown, RegExp][] = [
        [
          () => store.trace("counted", ROWS),
          /"counted" is a counted trace, and store\.trace\(\).*what opens counted/s,
        ],
        [
          () => open(store, "own"),
          /"own" is a trace of the store's own, and countedTrace\(\).*store\.trace\(\)/s,
        ],
        [() => open(store, "counted", other), /is a counted trace, and otherTrace\(\) opens others/],
      ];
      for (const [attempt, says] of attempts)
        expect(await refusal(attempt)).toMatchObject({
          code: "ZSPINE_SCHEMA",
          message: expect.stringMatching(says) as string,
        });
    };
    const store = await openStore({ backend: places.opener("place") });
    open(store, "counted");
    await store.trace("own", { ...ROWS, create: true });
    await check(store);
    expect(await refusal(() => store.trace("counted"))).toMatchObject({ code: "ZSPINE_SCHEMA" });
    await store.commit();
    await store.close();
    await using again = await openStore({ backend: places.opener("place") });
    await check(again);
  });

  it("refuses what is no store, a store that is closed, a name that is none, and writing where there is none", async () => {
    for (const store of [undefined, null, {}, "store"])
      expect(() => open(store as Store)).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
    const places = retainedPlaces();
    const store = await openStore({ backend: places.opener("place") });
    expect(() => open(store, 1 as never)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
    const seam = open(store);
    await store.commit();
    await store.close();
    expect(() => open(store)).toThrow(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    expect(() => {
      seam.guard();
    }).toThrow(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await using reader = await openStore({ backend: places.opener("place"), readOnly: true });
    expect(() => {
      open(reader).guardWrite("advance");
    }).toThrow(/cannot advance trace "t": the store was opened with \{ readOnly: true \}/);
  });

  it("has merges look through the lens of what commits have acknowledged, alone if need be", async () => {
    for (const backend of [undefined, retainedPlaces().opener("place")]) {
      await using store = await openStore(backend === undefined ? {} : { backend });
      const seam = open(store);
      for (const time of [1, 5, 9]) seam.insert(time, { value: "v", time }, time);
      await store.commit();
      await store.finishMerges();
      expect([Math.min(...timesOf(seam)), Math.max(...timesOf(seam))]).toEqual([1, 9]);
      seam.tell({ rows: 3, since: 6 });
      await store.finishMerges();
      expect(Math.min(...timesOf(seam))).toBe(1);
      let calls = 0;
      const stop = seam.onCommit(() => {
        calls++;
        expect(seam.committed.since).toBe(6);
      });
      await store.commit();
      stop();
      await store.finishMerges();
      expect([Math.min(...timesOf(seam)), Math.max(...timesOf(seam))]).toEqual([6, 9]);
      expect([seam.batches.length, seam.batches[0]!.totalWeight]).toEqual([1, 15]);
      seam.insert(1, { value: "w", time: 1 }, 1);
      await store.commit();
      expect(calls).toBe(1);
      expect(await store.verify()).toMatchObject({ isSound: true });
    }
  });

  it("has sums of rows of all times within the range of weights, whatever comes to be one", async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const row = (time: number, weight: number) => ({ key: 1, value: { value: "v", time }, weight });
    await using store = await openStore();
    for (const rows of [
      [row(1, most), row(2, -most), row(3, 1)],
      [row(1, most - 5), row(2, -5), row(3, -1)],
      [row(2, -1), row(3, most - 1), row(1, -1)],
    ])
      for (const isAtOnce of [true, false])
        for (const seals of [true, false]) {
          const seam = open(store, `${JSON.stringify(rows)} ${isAtOnce} ${seals}`);
          const before = rows.slice(0, rows[1]!.weight === -most ? 1 : 2);
          for (const { key, value, weight } of before) {
            seam.insert(key, value, weight);
            if (seals) await store.commit();
          }
          // Each of them is in range, and so is their sum; but not that of some of them, which a lens may leave.
          for (const { key, value, weight } of rows.slice(before.length))
            expect(() => {
              if (isAtOnce) seam.insertAll([row(9, 1), { key, value, weight }]);
              else seam.insert(key, value, weight);
            }).toThrow(expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }));
          seam.insert(2, { value: "v", time: 3 }, -5);
          expect(seam.size).toBe(before.length + 1);
        }
  });

  it("has rows of one call add up as those of many do", async () => {
    await using store = await openStore();
    const seam = open(store);
    const row = (time: number, weight: number) => ({ key: 1, value: { value: "v", time }, weight });
    const most = Number.MAX_SAFE_INTEGER;
    for (const [weight, other] of [
      [most, 1],
      [-most, most],
      [most - 1, -2],
    ] as const)
      expect(() => {
        seam.insertAll([row(1, weight), row(2, other)]);
      }).toThrow(expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }));
    seam.insertAll([row(1, most - 2), row(2, -2), { ...row(1, 1), key: 2 }]);
    expect(seam.size).toBe(3);
  });

  it("says in every head what goes with the rows that it names, whatever waits, fails, is discarded, or is opened again", async () => {
    let heads = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed);
      const places = retainedPlaces();
      const opener = watched(places.opener("place"), random, (bytes, number) => {
        const trace = decodeHead(bytes, number).traces.find(({ name }) => name === "t");
        if (trace === undefined) return;
        heads++;
        expect(trace, `seed ${seed}, head ${number}`).toMatchObject({
          kinds: "nbt",
          kind: { name: "counted", state: { rows: trace.totalWeight } },
        });
      });
      let store = await openStore({ backend: opener, stagingRows: random.pick([2, 1000]) });
      let seam = open(store);
      let key = 0;
      const commits: Promise<unknown>[] = [];
      for (let step = 0; step < 60; step++) {
        const what = random.int(0, 9);
        if (what <= 3) for (let rows = random.int(1, 4); rows > 0; rows--) insert(seam, ++key);
        else if (what <= 6) commits.push(refusal(() => store.commit()));
        else if (what === 7) for (let turns = random.int(1, 9); turns > 0; turns--) await setImmediate();
        else if (what === 8) store.discard();
        else if (random.chance(0.4)) {
          await Promise.all(commits);
          await store.close();
          store = await openStore({ backend: opener });
          seam = open(store);
        }
        expect(seam.told.rows, `seed ${seed}, step ${step}`).toBe(seam.size);
      }
      await Promise.all(commits);
      await store.close();
    }
    expect(heads).toBeGreaterThan(300);
  });
});

describe("checkTraceOf() and environmentOf()", () => {
  it("take the open traces of a store, of whatever kind, and refuse others and what is no store", async () => {
    const environment = { ...systemEnvironment() };
    await using store = await openStore({ environment });
    await using other = await openStore();
    const own = await store.trace("own", { ...ROWS, create: true });
    checkTraceOf(store, own, "trace");
    checkTraceOf(store, open(store), "trace");
    expect(own.layout.fingerprint).toBe("int32 -> text");
    expect(environmentOf(store)).toBe(environment);
    await store.commit();
    await store.drop("own");
    const refused: (() => unknown)[] = [
      () => checkTraceOf(store, own, "trace"),
      () => checkTraceOf(store, open(other), "trace"),
      () => checkTraceOf(store, undefined, "trace"),
      () => checkTraceOf({} as Store, own, "trace"),
      () => environmentOf({} as Store),
    ];
    for (const work of refused)
      expect(work).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
  });
});

/** Shows the heads that are created, of which some fail before they have done anything. */
function watched(
  opener: BackendOpener,
  random: SeededRandom,
  see: (bytes: Uint8Array, number: number) => void,
): BackendOpener {
  return {
    ...opener,
    async open(options): Promise<Backend> {
      const backend = await opener.open(options);
      return chaos(backend, {
        plan: ({ method, head, bytes }) => {
          if (method !== "createHead") return undefined;
          if (random.chance(0.2)) return { type: "before" };
          see(bytes!, head!);
          return undefined;
        },
      });
    },
  };
}
