import { memory } from "@zspine/backend-memory";
import { file } from "@zspine/backend-file";
import { isZspineError, type ZspineError } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { exportNdjson, forgetMove, importNdjson, readableStream, type BadRow } from "../../src/index.ts";
import { Killable, killEverywhere } from "../sample/killable.ts";

const SCHEMAS = { key: z.int32(), value: z.object({ name: z.string(), cents: z.int64().optional() }) };
type Value = z.infer<(typeof SCHEMAS)["value"]>;
type Orders = Trace<number, Value>;

async function openOrders(
  backend: Parameters<typeof openStore>[0] = {},
): Promise<{ store: Store; orders: Orders }> {
  const store = await openStore(backend);
  return { store, orders: await store.trace("orders", { ...SCHEMAS, create: true }) };
}

async function errorOf(work: Promise<unknown>): Promise<ZspineError> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  if (isZspineError(error)) return error;
  throw error ?? new Error("it resolved");
}

async function textsOf(trace: Pick<Orders, "rows">): Promise<string[]> {
  const texts: string[] = [];
  for await (const { key, value, weight } of trace.rows())
    texts.push(`${key} ${value.name} ${String(value.cents ?? "-")} ${weight}`);
  return texts;
}

const lines = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, at) => `{"key":${from + at},"value":{"name":"n${at % 7}"}}\n`).join("");

describe("importNdjson()", () => {
  it("O6 takes rows of lines, blank ones and line ends of any kind left out, and commits them with metadata", async () => {
    const { store, orders } = await openOrders();
    const text =
      '\ufeff{"key":1,"value":{"name":"a","cents":"9007199254740993"}}\r\n\n  \n{"value":{"cents":5,"name":"b"},"key":2,"weight":-3}';
    const report = await importNdjson(store, orders, text, { metadata: { offset: 9 } });
    expect(report).toEqual({
      lines: 4,
      offset: text.length,
      rows: 2,
      badRows: 0,
      committedRows: 2,
      bad: [],
      token: store.token,
      wasDone: false,
    });
    expect(await textsOf(orders)).toEqual(["1 a 9007199254740993 1", "2 b 5 -3"]);
    expect(store.metadata).toEqual({ offset: 9 });
    expect(store.discard()).toBe(0);
    await store.close();
  });

  it("O6 gives the same wherever its input is cut, as bytes, texts or a stream", async () => {
    const text = `${lines(3)}{"key":7,"value":{"name":"é😀\\ud800"}}\n`;
    const bytes = new TextEncoder().encode(text);
    const expected = ["0 n0 - 1", "1 n1 - 1", "2 n2 - 1", "7 é😀\ud800 - 1"];
    for (let at = 0; at <= bytes.length; at++) {
      const { store, orders } = await openOrders();
      const pieces = [bytes.slice(0, at), bytes.slice(at)];
      const input = at % 2 === 0 ? pieces : readableStream(each(pieces));
      await importNdjson(store, orders, input);
      expect(await textsOf(orders)).toEqual(expected);
      await store.close();
    }
    const { store, orders } = await openOrders();
    await importNdjson(store, orders, [...text]);
    expect(await textsOf(orders)).toEqual(expected);
    await store.close();
  });

  const bad: readonly [line: string, code: string, where: string][] = [
    ['{"key":1,"value":{"name":"a"}', "ZSPINE_DECODE", "not JSON"],
    ["[1]", "ZSPINE_INVALID_OPTIONS", "an object"],
    ['{"key":"1","value":{"name":"a"}}', "ZSPINE_INVALID_OPTIONS", "key"],
    ['{"key":1.5,"value":{"name":"a"}}', "ZSPINE_INVALID_OPTIONS", "key"],
    ['{"key":1}', "ZSPINE_INVALID_OPTIONS", "value"],
    ['{"key":1,"value":{"name":"a","cents":"x"}}', "ZSPINE_INVALID_OPTIONS", "value.cents"],
    ['{"key":1,"value":{"name":"a","cents":1e300}}', "ZSPINE_INVALID_OPTIONS", "value.cents"],
    ['{"key":1,"value":{"name":"a"},"weight":1.5}', "ZSPINE_WEIGHT_RANGE", "weight"],
    ['{"key":1,"value":{"name":"a"},"weight":"2"}', "ZSPINE_WEIGHT_RANGE", "weight"],
    ['{"key":1,"value":{"name":"a"},"wieght":2}', "ZSPINE_INVALID_OPTIONS", 'did you mean "weight"'],
    ['{"key":1,"value":{"name":"a"},"time":2}', "ZSPINE_INVALID_OPTIONS", "time"],
  ];

  it("O6 changes nothing at all when it refuses a line, and tells which and why", async () => {
    for (const [line, code, where] of bad) {
      const { store, orders } = await openOrders();
      const error = await errorOf(importNdjson(store, orders, `${lines(2)}${line}\n${lines(1)}`));
      expect([error.code, error.path.slice(0, 2)]).toEqual([code, ["line", 3]]);
      expect(error.message).toContain(where);
      expect(error.message).toContain("nothing was imported");
      expect([await textsOf(orders), store.token, store.discard()]).toEqual([[], 0, 0]);
      await store.close();
    }
  });

  it("O6 leaves out what is bad and tells of it, by onBadRow", async () => {
    const text = bad.map(([line]) => `${line}\n`).join(lines(1)) + lines(3, 10);
    for (const isTold of [false, true]) {
      const { store, orders } = await openOrders();
      const told: BadRow[] = [];
      const onBadRow = isTold ? (row: BadRow) => void told.push(row) : "skip";
      const report = await importNdjson(store, orders, text, { onBadRow });
      expect([report.rows, report.badRows]).toEqual([bad.length - 1 + 3, bad.length]);
      expect(report.bad.map(({ number, code, text: line }) => [number, code, line])).toEqual(
        bad.map(([line, code], at) => [at * 2 + 1, code, line]),
      );
      if (isTold) expect(told).toEqual(report.bad);
      expect(await textsOf(orders)).toEqual([
        `0 n0 - ${bad.length - 1}`,
        "10 n0 - 1",
        "11 n1 - 1",
        "12 n2 - 1",
      ]);
      await store.close();
    }
  });

  it("O6 refuses what its function gives that is no row, or has more to it than a row", async () => {
    const { store, orders } = await openOrders();
    const row = { key: 1, value: { name: "a" } };
    for (const made of [null, 5, "ab", [row], { ...row, wieght: 3 }]) {
      const error = await errorOf(importNdjson(store, orders, "{}", { row: () => made as never }));
      expect([error.code, error.path.slice(0, 3)]).toEqual(["ZSPINE_INVALID_OPTIONS", ["line", 1, "row"]]);
      const { badRows } = await importNdjson(store, orders, "{}", {
        row: () => made as never,
        onBadRow: "skip",
      });
      expect(badRows).toBe(1);
    }
    expect(orders.size).toBe(0);
    await store.close();
  });

  it("O6 says of an end by its signal what stays, and sees it within one long text", async () => {
    const { store, orders } = await openOrders();
    const controller = new AbortController();
    const parts = { name: "n", commitEvery: 2, onBadRow: "skip", signal: controller.signal } as const;
    const onProgress = ({ committedRows }: { committedRows: number }): void => {
      if (committedRows === 4) controller.abort();
    };
    const error = await errorOf(
      importNdjson(store, orders, [lines(4), lines(4, 4)], { ...parts, onProgress }),
    );
    expect([error.code, orders.size]).toEqual(["ZSPINE_ABORTED", 4]);
    expect(error.message).toContain("what was committed by then stays");
    const long = new AbortController();
    let read = 0;
    const row = (line: unknown): never => {
      if (++read === 100) long.abort();
      return line as never;
    };
    await errorOf(importNdjson(store, orders, lines(50_000), { row, signal: long.signal }));
    expect(read).toBeLessThan(50_000);
    expect(orders.size).toBe(4);
    await store.close();
  });

  it("O6 resolves when it has ended, whatever is thrown by who is told of that", async () => {
    const { store, orders } = await openOrders();
    const thrown = new Error("of the listener");
    const told: unknown[] = [];
    const uncaught = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").once("uncaughtException", (error) => told.push(error));
    try {
      const onProgress = ({ committedRows }: { committedRows: number }): void => {
        if (committedRows > 0) throw thrown;
      };
      const { rows, token } = await importNdjson(store, orders, lines(3), { onProgress });
      expect([rows, token, orders.size]).toEqual([3, store.token, 3]);
    } finally {
      for (const listener of uncaught) process.on("uncaughtException", listener);
    }
    expect(told).toEqual([thrown]);
    await store.close();
  });

  it("O6 tells lines that are not UTF-8, or too long, and goes on after them", async () => {
    const { store, orders } = await openOrders();
    const encoder = new TextEncoder();
    const pieces = [
      encoder.encode(lines(1)),
      Uint8Array.of(123, 255, 125, 10),
      encoder.encode(`{"key":5,"value":{"name":"${"x".repeat(100)}"}}\n`),
      encoder.encode(lines(1, 1)),
    ];
    const report = await importNdjson(store, orders, pieces, { onBadRow: "skip", longestLine: 100 });
    expect(report.bad.map(({ number, message }) => [number, message])).toEqual([
      [2, "the line is not UTF-8"],
      [3, "the line is too long; for longer ones, pass longestLine"],
    ]);
    expect(await textsOf(orders)).toEqual(["0 n0 - 1", "1 n0 - 1"]);
    await store.close();
  });

  it("O6 reads lines of others by flat, fields, unknown and row", async () => {
    const { store } = await openOrders();
    const people = await store.trace("people", {
      key: z.object({ id: z.int32() }),
      value: z.object({ name: z.string() }),
      create: true,
    });
    const text = '{"id":1,"name":"ann","n":2,"mail":"x"}\n';
    expect(
      (await errorOf(importNdjson(store, people, text, { flat: true, fields: { weight: "n" } }))).message,
    ).toContain("mail");
    await importNdjson(store, people, text, { flat: true, fields: { weight: "n" }, unknown: "ignore" });
    const row = (line: unknown, number: number) =>
      number === 1 ? undefined : { key: { id: number }, value: { name: String((line as string[])[0]) } };
    const report = await importNdjson(store, people, '["no"]\n["bob"]\n', { row });
    expect([report.rows, report.lines]).toEqual([1, 2]);
    const found: unknown[] = [];
    for await (const one of people.rows()) found.push(one);
    expect(found).toEqual([
      { key: { id: 1 }, value: { name: "ann" }, weight: 2 },
      { key: { id: 2 }, value: { name: "bob" }, weight: 1 },
    ]);
    await store.close();
  });

  it("O6 by a name is there once, however often it is called", async () => {
    const { store, orders } = await openOrders();
    await importNdjson(store, orders, lines(3), { name: "first" });
    const again = await importNdjson(store, orders, lines(3), { name: "first" });
    expect([again.rows, again.wasDone, again.token]).toEqual([3, true, store.token]);
    expect((await textsOf(orders)).length).toBe(3);
    const both = [0, 1].map(() => importNdjson(store, orders, lines(3), { name: "second" }));
    const [first, second] = await Promise.allSettled(both);
    expect(first?.status).toBe("fulfilled");
    expect(isZspineError((second as PromiseRejectedResult).reason, "ZSPINE_CONFLICT")).toBe(true);
    await store.close();
  });

  it("O6 by a name does not go on into another trace, or one that was made anew", async () => {
    const { store, orders } = await openOrders();
    const options = { name: "all", commitEvery: 2, onBadRow: "skip" } as const;
    const controller = new AbortController();
    const onProgress = ({ committedRows }: { committedRows: number }): void => {
      if (committedRows === 4) controller.abort();
    };
    const stopped = importNdjson(store, orders, lines(9), {
      ...options,
      signal: controller.signal,
      onProgress,
    });
    expect((await errorOf(stopped)).code).toBe("ZSPINE_ABORTED");
    const other = await store.trace("other", { ...SCHEMAS, create: true });
    const error = await errorOf(importNdjson(store, other, lines(9), options));
    expect([error.code, error.message]).toEqual([
      "ZSPINE_CONFLICT",
      expect.stringContaining('the trace "orders"'),
    ]);
    await store.drop("orders");
    const anew = await store.trace("orders", { ...SCHEMAS, create: true });
    expect((await errorOf(importNdjson(store, anew, lines(9), options))).code).toBe("ZSPINE_CONFLICT");
    await store.commit();
    expect((await errorOf(importNdjson(store, anew, lines(9), options))).code).toBe("ZSPINE_CONFLICT");
    await forgetMove(store, "import", "all");
    expect((await importNdjson(store, anew, lines(9), options)).rows).toBe(9);
    expect((await textsOf(anew)).length).toBe(9);
    await store.close();
  });

  for (const given of ["the same again", "from an offset on"] as const) {
    it(`O6 in parts, killed at each step, loses no row and has none twice; its input ${given}`, async () => {
      const text = `${lines(5)}no\n${lines(6, 5)}`;
      const bytes = new TextEncoder().encode(text);
      const input =
        given === "the same again" ? bytes : ({ offset }: { offset: number }) => bytes.subarray(offset);
      const options = { name: "all", commitEvery: 3, onBadRow: "skip" } as const;
      const read = async (place: Killable): Promise<number> => {
        await using store = await openStore({ backend: place.backend });
        if (!store.has("orders")) return 0;
        return (await textsOf(await store.trace("orders", SCHEMAS))).length;
      };
      const seen = new Set<number>();
      const steps = await killEverywhere(
        async () => undefined,
        async (place) => {
          const { store, orders } = await openOrders({ backend: place.backend });
          await importNdjson(store, orders, input, options);
          await store.close();
        },
        async (place) => {
          seen.add(await read(place));
          const { store, orders } = await openOrders({ backend: place.backend });
          const report = await importNdjson(store, orders, input, options);
          expect([report.rows, report.badRows, report.lines]).toEqual([11, 1, 12]);
          expect((await textsOf(orders)).map((row) => row.split(" ").at(-1))).toEqual(Array(11).fill("1"));
          await store.close();
        },
      );
      expect(steps).toBeGreaterThan(6);
      expect([...seen].sort((a, b) => a - b)).toEqual([0, 3, 6, 9, 11]);
    });
  }

  it("O6 in one commit, killed at each step, is there whole or not at all", async () => {
    const seen = new Set<number>();
    await killEverywhere(
      async () => undefined,
      async (place) => {
        const { store, orders } = await openOrders({ backend: place.backend });
        await importNdjson(store, orders, lines(9));
        await store.close();
      },
      async (place) => {
        const { store, orders } = await openOrders({ backend: place.backend });
        seen.add((await textsOf(orders)).length);
        await store.close();
      },
    );
    expect([...seen].sort()).toEqual([0, 9]);
  });

  it("O6 whose calls fail at each step, determinately or not, goes on by its name to the same end", async () => {
    for (const type of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        const place = new Killable();
        const { store, orders } = await openOrders({ backend: place.backend });
        place.calls = 0;
        place.fault = { at, what: { type } };
        const options = { name: "all", commitEvery: 4, onBadRow: "skip" } as const;
        const first = await importNdjson(store, orders, lines(10), options).catch((error: unknown) => error);
        const wasMet = place.calls >= at;
        place.fault = undefined;
        if (wasMet && isZspineError(first)) expect(first.code).toBe("ZSPINE_IO");
        const report = await importNdjson(store, orders, lines(10), options);
        expect(report.rows).toBe(10);
        expect((await textsOf(orders)).map((row) => row.split(" ").at(-1))).toEqual(Array(10).fill("1"));
        expect(store.discard()).toBe(0);
        await store.close();
        if (!wasMet) break;
      }
    }
  });

  it("O6 whose one commit fails has changed nothing, and can be made again", async () => {
    const place = new Killable();
    const { store, orders } = await openOrders({ backend: place.backend });
    orders.insert(99, { name: "kept" });
    await store.commit();
    place.fault = { at: place.calls + 1, what: { type: "before" } };
    const error = await errorOf(importNdjson(store, orders, lines(2)));
    expect([error.code, error.determinate]).toEqual(["ZSPINE_IO", true]);
    expect(await textsOf(orders)).toEqual(["99 kept - 1"]);
    await store.commit();
    expect(await textsOf(orders)).toEqual(["99 kept - 1"]);
    await importNdjson(store, orders, lines(2));
    expect((await textsOf(orders)).length).toBe(3);
    await store.close();
  });

  it("O6 ends when it is aborted, also while its input is waited for, and ends that", async () => {
    const { store, orders } = await openOrders();
    const controller = new AbortController();
    let isEnded = false;
    async function* input(): AsyncGenerator<string> {
      try {
        yield lines(3);
        setTimeout(() => controller.abort(), 0);
        await new Promise(() => undefined);
      } finally {
        isEnded = true;
      }
    }
    const stream = new ReadableStream<string>({
      async pull(to) {
        to.enqueue(lines(3));
        await new Promise(() => undefined);
      },
      cancel: () => void (isEnded = true),
    });
    expect((await errorOf(importNdjson(store, orders, input(), { signal: controller.signal }))).code).toBe(
      "ZSPINE_ABORTED",
    );
    const other = new AbortController();
    const work = importNdjson(store, orders, stream, {
      signal: other.signal,
      onProgress: () => other.abort(),
    });
    expect((await errorOf(work)).code).toBe("ZSPINE_ABORTED");
    expect(isEnded).toBe(true);
    expect([await textsOf(orders), store.token]).toEqual([[], 0]);
    await store.close();
  });

  it("O6 asks for input as it takes it, and takes in parts memory for one", async () => {
    const { store, orders } = await openOrders();
    let isAsked = 0;
    let most = 0;
    function* input(): Generator<string> {
      for (; isAsked < 50; isAsked++) yield lines(10, isAsked * 10);
    }
    await importNdjson(store, orders, input(), {
      name: "all",
      commitEvery: 20,
      onBadRow: "skip",
      onProgress: ({ rows, committedRows }) => {
        most = Math.max(most, rows - committedRows);
        expect(isAsked * 10).toBeLessThanOrEqual(rows);
      },
    });
    expect([most <= 20, await orders.count()]).toMatchObject([true, { rows: 500 }]);
    await store.close();
  });

  it("O6 refuses late rows of a temporal trace as rows, and keeps times", async () => {
    const { store } = await openOrders();
    const prices = await temporalTrace(store, "prices", { key: z.string(), value: z.int32(), create: true });
    prices.advance(5);
    await store.commit();
    const text =
      '{"key":"a","value":1,"time":7}\n{"key":"b","value":1,"time":4}\n{"key":"c","value":1}\n{"key":"d","value":1,"time":5}\n';
    const report = await importNdjson(store, prices, text, { onBadRow: "skip" });
    expect(report.bad.map(({ number, code }) => [number, code])).toEqual([
      [2, "ZSPINE_TIME_PASSED"],
      [3, "ZSPINE_INVALID_OPTIONS"],
    ]);
    prices.advance(8);
    await store.commit();
    expect((await prices.times()).map(({ time }) => time)).toEqual([5, 7]);
    await store.close();
  });

  it("O6 gives over files what it gives in memory", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-data-"));
    try {
      const found: string[][] = [];
      for (const backend of [memory(), file({ location: join(location, "store") })]) {
        const { store, orders } = await openOrders({ backend });
        await importNdjson(store, orders, lines(5000), { name: "all", commitEvery: 999, onBadRow: "skip" });
        const texts: string[] = [];
        const decoder = new TextDecoder();
        for await (const bytes of exportNdjson(orders)) texts.push(decoder.decode(bytes));
        found.push(texts);
        await store.close();
      }
      expect(found[0]!.length).toBeGreaterThan(1);
      expect(found[1]).toEqual(found[0]);
      expect(found[0]!.join("")).toBe(lines(5000));
    } finally {
      rmSync(location, { recursive: true });
    }
  });

  it("refuses what it does not understand, with nothing done", async () => {
    const { store, orders } = await openOrders();
    const { store: other, orders: foreign } = await openOrders();
    const wrong: (() => Promise<unknown>)[] = [
      () => importNdjson(store, foreign, ""),
      () => importNdjson({} as never, orders, ""),
      () => importNdjson(store, {} as never, ""),
      () => importNdjson(store, orders, 7 as never),
      () => importNdjson(store, orders, [7] as never),
      () => importNdjson(store, orders, ["", new Uint8Array(0)] as never),
      () => importNdjson(store, orders, "", { onBadRow: "ignore" as never }),
      () => importNdjson(store, orders, "", { onbadrow: "skip" } as never),
      () => importNdjson(store, orders, "", { commitEvery: 5 }),
      () => importNdjson(store, orders, "", { commitEvery: 5, name: "x" }),
      () => importNdjson(store, orders, "", { commitEvery: 0, name: "x", onBadRow: "skip" }),
      () => importNdjson(store, orders, "", { fields: { wieght: "w" } as never }),
      () => importNdjson(store, orders, "", { fields: { key: "value" } }),
      () => importNdjson(store, orders, "", { row: () => undefined, flat: true }),
    ];
    for (const work of wrong) expect((await errorOf(work())).code).toBe("ZSPINE_INVALID_OPTIONS");
    expect((await errorOf(importNdjson(store, orders, "", { signal: AbortSignal.abort() }))).code).toBe(
      "ZSPINE_ABORTED",
    );
    expect(store.token).toBe(0);
    await store.close();
    await other.close();
  });
});

describe("exportNdjson()", () => {
  it("O6 writes a range, and a commit as it was, and the lines that are shown", async () => {
    const { store, orders } = await openOrders();
    await importNdjson(store, orders, lines(4));
    using commit = store.at(store.token);
    orders.insert(2, { name: "new", cents: 5n }, 2);
    const textOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
      let text = "";
      for await (const piece of pieces) text += new TextDecoder().decode(piece);
      return text;
    };
    expect(await textOf(exportNdjson(commit.of(orders)))).toBe(lines(4));
    expect(
      await textOf(exportNdjson(orders, { range: { gte: 2, lt: 3 }, flat: true, fields: { key: "id" } })),
    ).toBe('{"id":2,"name":"n2"}\n{"id":2,"name":"new","cents":"5","weight":2}\n');
    await store.close();
  });

  it("O6 makes a piece when it is asked for, and ends with its reader, its stream and its signal", async () => {
    const { store, orders } = await openOrders();
    await importNdjson(store, orders, lines(20_000));
    let rows = 0;
    const pieces = exportNdjson(orders, { onProgress: (progress) => void (rows = progress.rows) });
    await pieces.next();
    await pieces.next();
    expect(rows).toBeLessThan(5000);
    await pieces.return();
    const reader = readableStream(exportNdjson(orders)).getReader();
    await reader.read();
    await reader.cancel();
    const controller = new AbortController();
    const aborted = exportNdjson(orders, { signal: controller.signal });
    await aborted.next();
    controller.abort();
    expect((await errorOf(aborted.next())).code).toBe("ZSPINE_ABORTED");
    expect(store.stats().memory).toBeDefined();
    expect((await errorOf(Promise.resolve().then(() => exportNdjson(7 as never)))).code).toBe(
      "ZSPINE_INVALID_OPTIONS",
    );
    expect((await errorOf(Promise.resolve().then(() => readableStream(7 as never)))).code).toBe(
      "ZSPINE_INVALID_OPTIONS",
    );
    await store.close();
  });
});

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
