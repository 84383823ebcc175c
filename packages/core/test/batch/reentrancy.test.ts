import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Chunk, layoutOf, type Layout } from "../../src/index.ts";
import { hashKeys, probeKeys, Staging, type HashSeed } from "../../src/engine.ts";
import { jsonSerializer } from "../schema/json-serializer.ts";

// The law: all rows of a call, each once, or none, whatever the code does that the reading of a row runs.

interface Value {
  readonly n: number;
  readonly t: string;
  readonly list: readonly unknown[];
}
type Rows = Staging<string, Value>;

const SEED: HashSeed = { k0: 1, k1: 2 };
const layout: Layout<string, Value> = layoutOf(
  z.string(),
  z.object({ n: z.int32(), t: z.string(), list: z.array(z.any()) }),
  { serializer: jsonSerializer() },
);

const valueOf = (n: number): Value => ({ n, t: "t".repeat(n), list: [n] });
const first = { key: "first", value: valueOf(1), weight: 1 };
const taken = { key: "taken", value: valueOf(2), weight: 3 };

/** Values that run `trap` when they are read, in the middle of a row or at its end. */
const TRAPS: Readonly<Record<string, (trap: () => void) => Value>> = {
  "a getter": (trap) => ({
    n: 2,
    get t() {
      trap();
      return "tt";
    },
    list: [2],
  }),
  "a proxy": (trap) =>
    new Proxy(valueOf(2), {
      get(target, name): unknown {
        if (name === "t") trap();
        return Reflect.get(target, name);
      },
    }),
  "a getter in an opaque value": (trap) => ({
    ...valueOf(2),
    list: Object.defineProperty([0], 0, {
      enumerable: true,
      get() {
        trap();
        return 2;
      },
    }),
  }),
  "an iterator of an opaque value": (trap) => {
    const list = [2];
    const map = list.map.bind(list);
    // What the serializer goes through the array with.
    return {
      ...valueOf(2),
      list: Object.assign(list, { map: ((call: never) => (trap(), map(call))) as never }),
    };
  },
};

/** What a row may try to do with the staging that is taking it. */
const ACTS: Readonly<Record<string, (staging: Rows) => void>> = {
  push: (staging) => {
    staging.push("inner", valueOf(3), 1);
  },
  pushColumns: (staging) => {
    staging.pushColumns({ key: ["inner"], value: { n: [3], t: ["ttt"], list: [[3]] } }, 0, 1);
  },
  "pushColumns of no rows": (staging) => {
    staging.pushColumns({ key: [], value: { n: [], t: [], list: [] } }, 0, 0);
  },
  seal: (staging) => {
    staging.seal();
  },
  "seal of no rows": (staging) => {
    staging.seal(0);
  },
  find: (staging) => {
    const probe = probeKeys(layout, ["first"]);
    staging.find(probe, 0, hashKeys(probe, layout, SEED)[0]!, SEED, 1, []);
  },
  view: (staging) => {
    staging.view();
  },
  peek: (staging) => {
    staging.peek();
  },
  reset: (staging) => {
    staging.reset();
  },
};

function rowsOf(staging: Rows): unknown[] {
  return [...new Chunk(staging.layout, staging.peek()).rows()];
}

function stagingOfOne(): Rows {
  const staging: Rows = new Staging(layout, 1, 'trace "orders"');
  staging.push(first.key, first.value, first.weight);
  return staging;
}

describe("a row that runs code while it is taken", () => {
  for (const [trapName, make] of Object.entries(TRAPS)) {
    for (const [actName, act] of Object.entries(ACTS)) {
      it(`is left out when ${trapName} calls ${actName} and is refused, and taken once when it goes on`, () => {
        const staging = stagingOfOne();
        let refusals = 0;
        const trapped = make(() => {
          act(staging);
        });
        expect(() => {
          staging.push("taken", trapped, 3);
        }).toThrow(
          expect.objectContaining({
            code: "ZSPINE_INVALID_OPTIONS",
            message: expect.stringContaining(
              'read or write trace "orders" while they are taken; collect them first',
            ) as string,
          }) as Error,
        );
        expect(rowsOf(staging)).toEqual([first]);
        const swallowing = make(() => {
          try {
            act(staging);
          } catch {
            refusals++;
          }
        });
        staging.push("taken", swallowing, 3);
        expect(refusals).toBeGreaterThan(0);
        expect(rowsOf(staging)).toEqual([first, taken]);
        expect(staging.totalWeight).toBe(4);
      });
    }

    it(`is left out when ${trapName} throws, and the staging goes on`, () => {
      const staging = stagingOfOne();
      const failure = new Error("of the caller's");
      const throwing = make(() => {
        throw failure;
      });
      let caught: unknown;
      try {
        staging.push("taken", throwing, 3);
      } catch (error) {
        caught = error;
      }
      expect([caught, (caught as Error).cause]).toContain(failure);
      expect(rowsOf(staging)).toEqual([first]);
      staging.push(taken.key, taken.value, taken.weight);
      expect(rowsOf(staging)).toEqual([first, taken]);
    });
  }

  it("may read what a view has seen before", () => {
    const staging = stagingOfOne();
    const view = staging.view();
    const probe = probeKeys(layout, ["first"]);
    const hash = hashKeys(probe, layout, SEED)[0]!;
    const found: number[] = [];
    const reading = TRAPS["a getter"]!(() => {
      view.find(probe, 0, hash, SEED, found);
    });
    staging.push("taken", reading, 3);
    expect(found).toEqual([0]);
    expect(rowsOf(staging)).toEqual([first, taken]);
    expect(view.consolidate()[0]!.weights).toEqual(Float64Array.of(1));
  });
});

describe("columns that run code while they are taken", () => {
  const columns = (key: unknown, n: unknown, weight: unknown = [3]): never =>
    ({ key, value: { n, t: ["tt"], list: [[2]] }, weight }) as never;
  const arrayLike = (value: unknown, trap: () => void): unknown => ({
    length: 1,
    get 0() {
      trap();
      return value;
    },
  });

  for (const [actName, act] of Object.entries(ACTS)) {
    it(`are left out when one calls ${actName} and is refused, and taken once when it goes on`, () => {
      const staging = stagingOfOne();
      const calling = (): void => {
        act(staging);
      };
      const inputs = [
        columns(arrayLike("taken", calling), [2]),
        columns(["taken"], arrayLike(2, calling)),
        columns(["taken"], [2], arrayLike(3, calling)),
      ];
      for (const input of inputs) {
        expect(() => {
          staging.pushColumns(input, 0, 1);
        }).toThrow("while they are taken");
        expect(rowsOf(staging)).toEqual([first]);
      }
      const swallow = (): void => {
        try {
          act(staging);
        } catch {
          // Taken all the same.
        }
      };
      staging.pushColumns(
        columns(arrayLike("taken", swallow), arrayLike(2, swallow), arrayLike(3, swallow)),
        0,
        1,
      );
      expect(rowsOf(staging)).toEqual([first, taken]);
    });
  }

  it("are refused when they have become shorter since they were counted", () => {
    const staging: Staging<number, number | undefined> = new Staging(
      layoutOf(z.int32(), z.int32().optional()),
    );
    const counts = [2, 2, 1];
    const input = {
      get key() {
        return Int32Array.from({ length: 2 }, (_, n) => n);
      },
      get value() {
        return Array.from({ length: counts.pop()! }, (_, n) => n);
      },
    };
    expect(() => {
      staging.pushColumns(input, 0, 2);
    }).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["value"] }) as Error);
    expect(staging.length).toBe(0);
    staging.pushColumns(input, 0, 2);
    expect(staging.length).toBe(2);
  });

  it("are taken as what they are, whatever a subclass of a typed array says", () => {
    class Liar extends Int32Array {
      override subarray(): never {
        return ["x"] as never;
      }
      override get length(): number {
        return 2;
      }
      static get [Symbol.species](): never {
        return Float64Array as never;
      }
    }
    const staging: Staging<number, number> = new Staging(layoutOf(z.int32(), z.number()));
    staging.push(9, 9, 1);
    staging.reset();
    staging.pushColumns({ key: new Liar([5, 6]), value: new Liar([7, 8]) }, 0, 2);
    expect(rowsOf(staging as never)).toEqual([
      { key: 5, value: 7, weight: 1 },
      { key: 6, value: 8, weight: 1 },
    ]);
    // It has one element, and says two.
    expect(() => {
      staging.pushColumns({ key: new Liar([1]), value: [1, 2] }, 0, 2);
    }).toThrow(expect.objectContaining({ path: ["key"] }) as Error);
    expect(staging.length).toBe(2);
  });
});

it("bytes are taken at their true length, and no proxy of them", () => {
  class Liar extends Uint8Array {
    override get length(): number {
      return 5;
    }
  }
  const staging: Staging<Uint8Array, undefined> = new Staging(layoutOf(z.instanceof(Uint8Array)));
  staging.push(new Uint8Array(9).fill(9), undefined, 1);
  staging.reset();
  staging.push(new Liar([1, 2]) as never, undefined, 1);
  const proxy = new Proxy(Uint8Array.of(1), { get: (target, name) => Reflect.get(target, name) as unknown });
  expect(() => {
    staging.push(proxy as never, undefined, 1);
  }).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }) as Error);
  expect(rowsOf(staging as never)).toEqual([{ key: Uint8Array.of(1, 2), value: undefined, weight: 1 }]);
});
