import { forward, SeededRandom } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeHead } from "../../src/head/decode-head.ts";
import { encodeHead } from "../../src/head/head.ts";
import { openStore } from "../../src/index.ts";
import { exactSum } from "../../src/recovery/weight-sum.ts";
import { Verifier } from "../../src/recovery/verify.ts";
import { retainedPlaces } from "../retained-places.ts";
import { craftStore, rawPart } from "./crafted-store.ts";

const ROWS = { key: z.int32(), value: z.string() };
const MOST = Number.MAX_SAFE_INTEGER;
const NEVER = { name: "never", choose: () => undefined };

describe("a sound store verifies", () => {
  it("C7 with weights up to 2⁵³ − 1, whose sums as numbers would be rounded", async () => {
    const seed = 4;
    const random = new SeededRandom(seed);
    for (let round = 0; round < 10; round++) {
      const places = retainedPlaces();
      await using store = await openStore({
        backend: places.opener("place"),
        ...(round % 2 === 0 ? { strategy: NEVER } : {}),
      });
      const trace = await store.trace("t", ROWS);
      let key = 0;
      for (let commit = 0; commit < 4; commit++) {
        const rows: { key: number; value: string; weight: number }[] = [];
        for (let n = random.int(1, 40); n > 0; n--) {
          const weight = MOST - 5000 - random.int(0, random.pick([3, 2 ** 31, 2 ** 20]));
          // By turns, so that the total weight of the trace stays within its range; as they lie they do not.
          rows.push({ key: key++, value: "up", weight });
          rows.push({ key: 1_000_000 + key, value: "down", weight: -(weight - random.int(0, 5)) });
        }
        trace.insertAll(rows);
        await store.commit();
      }
      await store.finishMerges();
      await store.compact();
      const report = await store.verify();
      expect([report.problems, report.isSound], `seed ${seed}, round ${round}`).toEqual([[], true]);
    }
  });

  it("C7 and a total weight that the rows do not have is found, to the last unit", async () => {
    const places = retainedPlaces();
    const store = await openStore({ backend: places.opener("place"), strategy: NEVER });
    const trace = await store.trace("t", ROWS);
    trace.insert(1, "a", MOST);
    trace.insert(2, "b", -MOST + 1);
    await store.commit();
    await store.close();
    const opener = places.opener("place");
    const open = async () => {
      const backend = await opener.open();
      const readHead = backend.readHead.bind(backend);
      return Object.assign(backend, {
        readHead: async (number?: number) => {
          const stored = await readHead(number);
          if (stored === undefined) return stored;
          const head = decodeHead(stored.bytes, stored.number);
          const traces = head.traces.map((one) => ({ ...one, totalWeight: one.totalWeight + 1 }));
          return { ...stored, bytes: encodeHead({ ...head, traces }) };
        },
      });
    };
    await using again = await openStore({ backend: { ...opener, open }, readOnly: true });
    const { problems } = await again.verify();
    expect(problems.map(({ message }) => message).join()).toMatch(/weigh 1, and head 1 says 2/);
  });

  it.each([1, 0])(
    "C7 F16 and a hold whose commit's rows weigh %i more than is said is found",
    async (more) => {
      const { backend, head } = await craftStore(rawPart([[1, 1, 7]]));
      const held = [
        { commit: 1, batches: 0, totalWeight: 0 },
        { commit: 2, batches: 1, totalWeight: 7 - more },
      ];
      const bytes = encodeHead({ ...head, traces: head.traces.map((one) => ({ ...one, held })) });
      const stored = { number: 1, bytes };
      const crafted = { ...forward(backend), readHead: async () => stored };
      const report = await new Verifier(crafted, [], {}).verify([stored], () => true);
      expect(report.problems.map(({ message }) => message)).toEqual(
        more === 0
          ? []
          : [expect.stringContaining("commit 2 is held by weigh 7, and head 1 says 6") as string],
      );
    },
  );
});

describe("Verifier", () => {
  const verify = async (rows: readonly (readonly [number, number, number])[], options = {}) => {
    const store = await craftStore(rawPart(rows), options);
    const verifier = new Verifier(store.backend, [], {});
    const report = await verifier.verify([{ number: 1, bytes: store.headBytes }], () => true);
    return { ...store, report };
  };

  it("C7 counts what it has checked, of a block with a filter or without one", async () => {
    for (const hasFilter of [true, false]) {
      const { report, value, headBytes } = await verify(
        [
          [1, 1, 2],
          [1, 2, -1],
          [3, 0, 1],
        ],
        { hasFilter },
      );
      expect(report).toMatchObject({ isSound: true, heads: 1, batches: 1, blocks: 1, rows: 3 });
      if (hasFilter) expect(report.bytes).toBe(headBytes.length + value.length);
    }
  });

  it("C7 checks heads again without the batches that it has found sound, and counts those; what was damaged it reads again", async () => {
    const store = await craftStore(rawPart([[1, 1, 2]]));
    const reads: string[] = [];
    let isLost = true;
    const backend = {
      ...forward(store.backend),
      get: async (...args: Parameters<Backend["get"]>) => {
        reads.push(args[0]);
        return isLost ? undefined : store.backend.get(...args);
      },
    };
    const told: number[] = [];
    const verifier = new Verifier(backend, [], { onProgress: ({ bytes }) => told.push(bytes) });
    const check = () => verifier.verify([{ number: 1 }, { number: 2 }], (number) => number === 1);
    const damaged = await check();
    isLost = false;
    const sound = await check();
    const { length } = reads;
    const again = await check();

    expect(damaged).toMatchObject({ isSound: false, heads: 1, blocks: 0 });
    expect(sound).toMatchObject({ isSound: true, problems: [], heads: 1, batches: 1, blocks: 1, rows: 1 });
    expect(again).toEqual(sound);
    expect(reads).toHaveLength(length);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it("C7 finds rows that are out of order, or there twice, though every checksum is right", async () => {
    for (const [rows, message] of [
      [
        [
          [1, 1, 1],
          [3, 1, 1],
          [2, 1, 1],
        ],
        "row 2 is not after row 1",
      ],
      [
        [
          [1, 2, 1],
          [1, 1, 1],
          [2, 1, 1],
        ],
        "row 1 is not after row 0",
      ],
      [
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        "row 1 is not after row 0",
      ],
    ] as const) {
      const { report } = await verify(rows);
      expect(report.problems).toHaveLength(1);
      expect(report.problems[0]!.message).toContain(message);
    }
  });

  it("C7 finds times of rows that are not those of the index, where rows have times", async () => {
    // An index of rows without times says 0.
    for (const [time, kinds, isSound] of [
      [0, "nt", true],
      [7, "nn", true],
      [7, "nt", false],
    ] as const) {
      const { report } = await verify([[1, time, 1]], { kinds });
      expect(report.isSound, kinds).toBe(isSound);
      if (!isSound)
        expect(report.problems[0]!.message).toContain("the times of its rows are not those of the index");
    }
  });
});

describe("exactSum()", () => {
  it("equals the sum of BigInts, whatever it would be rounded to on the way", () => {
    const random = new SeededRandom(9);
    for (let round = 0; round < 300; round++) {
      const bits = random.pick([3, 30, 53]);
      const weights = Float64Array.from({ length: random.int(1, 400) }, () => {
        const weight = Math.floor(random.float() * 2 ** bits) % MOST || 1;
        return random.chance(0.5) ? weight : -weight;
      });
      let sum = 0n;
      for (const weight of weights) sum += BigInt(weight);
      expect(exactSum(weights)).toBe(sum);
    }
  });
});
