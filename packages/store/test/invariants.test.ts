import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { layoutOf, type Layout } from "@zspine/core";
import { makePart, Slot, Staging, type Part } from "@zspine/core/engine";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { encodeBlock } from "../src/block/block.ts";
import { fencesOf } from "../src/block/fences.ts";
import { HeadWriter } from "../src/head/head-writer.ts";
import { openStore, type Store } from "../src/index.ts";
import { Merge } from "../src/merge/merge.ts";
import { NEW_STORE } from "../src/recovery/recovered.ts";
import { NamedFiles } from "../src/store/named-files.ts";
import { tierOf } from "../src/store/store-tier.ts";
import { BatchNames } from "../src/tier/batch-names.ts";
import { BatchWriter } from "../src/tier/batch-writer.ts";
import { Ledger } from "../src/tier/ledger.ts";
import { Loader } from "../src/tier/loader.ts";
import { ReadHand } from "../src/tier/read-hand.ts";
import { StoredFile } from "../src/tier/stored-file.ts";
import { ValueKeeper } from "../src/tier/value-keeper.ts";
import { Weights } from "../src/trace/weights.ts";
import { retainedPlaces } from "./retained-places.ts";

// Each assertion behind an invariant of ARCHITECTURE.md is made to fire, by a mutant or a fake that lies.

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());
const SCHEMAS = { key: z.int32(), value: z.int32() };

function partOf(...keys: readonly number[]): Part {
  const staging = new Staging(layout);
  for (const key of keys) staging.push(key, key, 1);
  return staging.seal()[0]!;
}

function newWriter(): BatchWriter {
  const surroundings = {
    seed: { k0: 1, k1: 2 },
    compression: undefined,
    hasFilters: () => true,
    names: new BatchNames(1),
    valueBytes: 1 << 20,
    ledger: new Ledger(0),
  };
  return new BatchWriter("t", layout, surroundings);
}

async function openDurable(): Promise<Store> {
  return openStore({ backend: retainedPlaces().opener("place") });
}

describe("1 and 3: rows that are written come in order, told by all of their columns", () => {
  it.each([
    ["twice", partOf(...many(1)), partOf(...many(5000))],
    ["out of order", partOf(...many(9000)), partOf(...many(1))],
  ])("a merge that puts rows out %s is found out", (_, first, second) => {
    const writer = newWriter();
    writer.push(Slot.of(first));
    expect(() => {
      writer.push(Slot.of(second));
    }).toThrow(/rows are told apart by all of their columns, and come in order \(1, 3\)/);
  });

  it("and a slot that is carried over in the wrong place, too", () => {
    const [part, before] = [partOf(...many(9000)), partOf(1, 2)];
    const writer = newWriter();
    writer.push(Slot.of(part));
    expect(() => {
      writer.push(storedSlot(before, encodeBlock(before, IDENTITY)));
    }).toThrow(/come in order \(1, 3\)/);
  });

  function many(from: number): number[] {
    return Array.from({ length: 6000 }, (_, at) => from + at);
  }
});

describe("4: totals are in range, and a refused call changes nothing", () => {
  it("a total that has left the range is found out", () => {
    const weights = new Weights("t", 0);
    for (const total of [2 ** 53, -(2 ** 53), NaN])
      expect(() => {
        weights.seal(total);
      }).toThrow(/a total of weights is within ±\(2\^53 − 1\) \(4\)/);
    weights.seal(2 ** 53 - 1);
    expect(weights.sealed).toBe(2 ** 53 - 1);
  });

  it.each([
    ["a row", { key: 0.5, value: 1 }],
    ["a total", { key: 2, value: 1, weight: Number.MAX_SAFE_INTEGER }],
  ])(
    "a call that is refused for %s and leaves rows behind is found out, and nothing more is done",
    async (_, bad) => {
      const store = await openStore();
      const trace = await store.trace("t", SCHEMAS);
      const reset = vi.spyOn(Staging.prototype, "reset").mockImplementation(() => undefined);
      try {
        const error = thrownBy(() => {
          trace.insertAll([{ key: 1, value: 1 }, bad]);
        });
        expect(error).toMatchObject({ code: "ZSPINE_CLOSED" });
        expect(String((error as Error).cause)).toMatch(/a refused call changes nothing \(4\)/);
      } finally {
        reset.mockRestore();
      }
      await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
      await store.close();
    },
  );
});

describe("6: heads", () => {
  it("a number that was used is not used again", async () => {
    const heads = new HeadWriter(memory(), 0);
    const head = { number: 1, bytes: Uint8Array.of(1) };
    expect(await heads.create(head, [], "sync")).toEqual({ isCreated: true });
    await expect(heads.create(head, [], "sync")).rejects.toThrow(/a number of a head is used once \(6\)/);
  });

  it("nor one whose outcome is not known", async () => {
    const backend = { ...forward(memory()), createHead: failing, readHead: failing };
    const heads = new HeadWriter(backend, 0);
    const head = { number: 1, bytes: Uint8Array.of(1) };
    await expect(heads.create(head, [], "sync")).rejects.toMatchObject({ determinate: false });
    await expect(heads.create(head, [], "sync")).rejects.toThrow(/a number of a head is used once \(6\)/);
  });

  it("a commit is not acknowledged that has no head", async () => {
    const store = await openDurable();
    const trace = await store.trace("t", SCHEMAS);
    trace.insert(1, 1);
    const create = vi.spyOn(HeadWriter.prototype, "create").mockResolvedValueOnce({ isCreated: true });
    const error: unknown = await store.commit().catch((thrown: unknown) => thrown);
    create.mockRestore();
    expect(error).toMatchObject({ code: "ZSPINE_CLOSED" });
    expect(String((error as Error).cause)).toMatch(/nothing is acknowledged before its head is there \(6\)/);
    await store.close();
  });

  it("a broken invariant of a head leaves the store in doubt", async () => {
    const store = await openDurable();
    const create = vi.spyOn(HeadWriter.prototype, "create").mockRejectedValueOnce(new Error("at fault"));
    await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    create.mockRestore();
    await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await store.close();
  });

  it("names no value that nobody has written", () => {
    const keeper = new ValueKeeper(() => undefined);
    const files = new NamedFiles(keeper, NEW_STORE);
    const traces = new Map([["t", [new StoredFile(["a", "b"], [1, 1])]]]);
    expect(() => files.begin(traces, [], new Map(), new Set(["a"]))).toThrow(
      /no head before the values that it names \(6\)/,
    );
    expect(keeper.bytes).toBe(0);
    expect(files.begin(traces, [], new Map(), new Set(["a", "b"])).added).toHaveLength(1);
  });

  it("nor what a merge has not given out to be written", async () => {
    const store = await openDurable();
    const trace = await store.trace("t", SCHEMAS);
    for (const key of [1, 2]) {
      trace.insert(key, key);
      await store.commit();
    }
    const written = vi.spyOn(Merge.prototype, "written", "get").mockReturnValue([]);
    await expect(store.compact()).rejects.toThrow(/nothing can be named before it is written \(6\)/);
    written.mockRestore();
    await store.close();
  });
});

const IDENTITY = { writer: 1, batch: 1, number: 0 };

/** Makes a slot of the rows of `part` that lies where `block` does. */
function storedSlot(part: Part, block: Uint8Array): Slot {
  const { lowers, uppers } = fencesOf([part]);
  const home = {
    blob: "a",
    blobBytes: block.length,
    offset: 0,
    length: block.length,
    checksum: 0,
    filterLength: 0,
    identity: IDENTITY,
  };
  const { bytes, totalWeight, weightBound, least, most } = part;
  const summary = { rows: part.weights.length, bytes, totalWeight, weightBound, least, most };
  return Slot.at(home, summary, { part: lowers, row: 0 }, { part: uppers, row: 0 });
}

describe("7: what is brought is what was asked for", () => {
  /** Asks for the rows of a slot of `part`, where there is the block of `there`. */
  async function ask(part: Part, there: Part): Promise<Part | undefined> {
    const block = encodeBlock(there, IDENTITY);
    const backend = memory();
    await backend.write([{ type: "put", name: "a", bytes: block }]);
    const loader = new Loader(backend, new Ledger(0), []);
    const hand = new ReadHand(loader.ledger, "once");
    const slot = storedSlot(part, block);
    return loader.look({ name: "t", layout }, hand, () => hand.partOf(slot));
  }

  it("other rows by the name of those that were asked for are found out", async () => {
    const corrupt = { code: "ZSPINE_CORRUPT" };
    await expect(ask(partOf(1, 2), partOf(1, 2, 3))).rejects.toMatchObject(corrupt);
    for (const other of [partOf(0, 2), partOf(1, 3), partOf(3, 4)])
      await expect(ask(partOf(1, 2), other)).rejects.toThrow(/has rows that the index says lie elsewhere/);
    expect((await ask(partOf(1, 3), partOf(1, 3)))?.weights).toHaveLength(2);
  });

  it("and a slot keeps no rows of another number", () => {
    const slot = storedSlot(partOf(1, 2), new Uint8Array(1));
    expect(() => {
      new Ledger(1000).keep(slot, partOf(1), "look-up");
    }).toThrow(/a slot has the rows that it says \(1\)/);
  });
});

describe("relations between sizes", () => {
  it("a slot of more rows than a block has is not spilled", async () => {
    const store = await openDurable();
    const trace = await store.trace("t", SCHEMAS);
    trace.insert(1, 1);
    await trace.count();
    const { spiller, traces } = tierOf(store);
    const slot = Slot.of(wide(65537));
    await expect(spiller!.spill(traces()[0]!.layout, slot)).rejects.toThrow(
      /a slot has no more rows than a block/,
    );
    await store.close();
  });

  function wide(rows: number): Part {
    const heads = Float64Array.from({ length: rows }, (_, row) => row);
    const column = { kind: "numeric" as const, heads, tails: undefined };
    return makePart([column, column], new Float64Array(rows).fill(1));
  }
});

function failing(): Promise<never> {
  return Promise.reject(new Error("the medium has failed"));
}

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
