import type { ValueExtension } from "@zspine/core";
import { assert, assertSame, assertSameBytes, assertThrows } from "../assertion/assertion.ts";
import type { FormatCase } from "./format-case.ts";

class Money {
  readonly amount: bigint;
  readonly currency: string;
  constructor(amount: bigint, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
}

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

class Account {
  readonly balance: Money;
  constructor(balance: Money) {
    this.balance = balance;
  }
}

class RichAccount extends Account {}

const money: ValueExtension<Money, readonly [bigint, string]> = {
  id: 0,
  class: Money,
  encode: ({ amount, currency }) => [amount, currency],
  decode: ([amount, currency]) => new Money(amount, currency),
};

/** By what its values are like, and as bytes. */
const point: ValueExtension<Point, Uint8Array> = {
  id: 127,
  is: (value) => value instanceof Point,
  encode: ({ x, y }) => new Uint8Array(new Float64Array([x, y]).buffer),
  decode(content) {
    const [x, y] = new Float64Array(content.slice().buffer);
    if (x === undefined || y === undefined) throw new RangeError("no point");
    return new Point(x, y);
  },
};

const account: ValueExtension<Account, Money> = {
  id: 60,
  class: Account,
  encode: ({ balance }) => balance,
  decode: (balance) => new Account(balance),
};

const extensions = [money, point, account];

function describeValue(value: unknown): string {
  if (value instanceof Money) return `Money ${value.amount} ${value.currency}`;
  if (value instanceof Point) return `Point ${value.x} ${value.y}`;
  if (value instanceof Account) return `Account of ${describeValue(value.balance)}`;
  if (value instanceof Map) return `Map of ${[...value].flat().map(describeValue).join(", ")}`;
  if (value instanceof Set) return `Set of ${[...value].map(describeValue).join(", ")}`;
  if (Array.isArray(value)) return `[${value.map(describeValue).join(", ")}]`;
  return JSON.stringify(value);
}

const SAMPLES: readonly (() => unknown)[] = [
  () => new Money(2n ** 70n, "CHF"),
  () => new Point(1.5, -2),
  () => new Account(new Money(5n, "EUR")),
  () => [new Point(1, 2), { a: 1 }, new Point(1, 2)],
  () => new Map<unknown, unknown>([[new Point(1, 2), new Money(1n, "EUR")]]),
  () => new Set([new Account(new Money(1n, "EUR"))]),
];

/** Classes of the user's, by registered ids. */
export const extensionCases: readonly FormatCase[] = [
  {
    name: "H7 decode() gives back values of registered classes, also within others",
    run({ create }) {
      const serializer = create({ extensions });
      for (const make of SAMPLES) {
        const found = serializer.decode(serializer.encode(make()));
        assertSame(describeValue(found), describeValue(make()), "the value");
        assertSame(serializer.estimateSize(make()), serializer.encode(make()).length, "estimateSize()");
      }
    },
  },
  {
    name: "H7 encode() does not depend on the order in which extensions are given, nor on those it does not use",
    run({ create }) {
      const [one, other] = [create({ extensions }), create({ extensions: extensions.toReversed() })];
      for (const make of SAMPLES)
        assertSameBytes(one.encode(make()), other.encode(make()), describeValue(make()));
      assertSameBytes(
        create({ extensions }).encode({ a: [1] }),
        create().encode({ a: [1] }),
        "a plain value",
      );
    },
  },
  {
    name: "H7 encode() tells values of two extensions with one content apart, also among keys",
    run({ create }) {
      const wrapped = (id: number, type: typeof Account): ValueExtension<Account, bigint> => ({
        id,
        class: type,
        encode: ({ balance }) => balance.amount,
        decode: (amount) => new type(new Money(amount, "")),
      });
      const serializer = create({ extensions: [wrapped(1, Account), wrapped(2, RichAccount)] });
      const members = [new Account(new Money(1n, "")), new RichAccount(new Money(1n, "")), 1n, 1];
      const bytes = serializer.encode(new Set(members));
      assertSameBytes(serializer.encode(new Set(members.toReversed())), bytes, "the Set in another order");
      const found = serializer.decode(bytes) as Set<unknown>;
      assertSame(found.size, 4, "its size");
      assertSame([...found].filter((member) => member instanceof RichAccount).length, 1, "subclasses");
    },
  },
  {
    name: "H7 encode() throws ZSPINE_ENCODE, naming the path, for a subclass of a registered class",
    run({ create }) {
      const value = { list: [new RichAccount(new Money(1n, ""))] };
      const error = assertThrows("ZSPINE_ENCODE", () => create({ extensions }).encode(value), "encode()");
      assertSame(error.path.join("."), "list.0", "the path");
    },
  },
  {
    name: "H6 H7 decode() throws ZSPINE_DECODE, naming the id, for a class that is not registered",
    run({ create }) {
      const writer = create({ extensions });
      for (const value of [new Point(1, 2), [{ a: new Point(1, 2) }], new Map([[1, new Point(1, 2)]])]) {
        const error = assertThrows("ZSPINE_DECODE", () => create().decode(writer.encode(value)), "decode()");
        assert(/extension 127\b/.test(error.message), `the message names the extension: ${error.message}`);
      }
    },
  },
  {
    name: "H7 encode() and decode() give what an extension throws as the cause, with the path",
    run({ create }) {
      const cause = new RangeError("broken");
      const broken: ValueExtension<Point, unknown> = {
        ...point,
        encode: () => fail(cause),
        decode: () => fail(cause),
      };
      const serializer = create({ extensions: [broken] });
      const refused = assertThrows(
        "ZSPINE_ENCODE",
        () => serializer.encode({ a: [new Point(1, 2)] }),
        "encode()",
      );
      assertSame(refused.cause, cause, "the cause");
      assertSame(refused.path.slice(0, 2).join("."), "a.0", "the path");
      const bytes = create({ extensions }).encode([new Point(1, 2)]);
      assertSame(
        assertThrows("ZSPINE_DECODE", () => serializer.decode(bytes), "decode()").cause,
        cause,
        "the cause",
      );
    },
  },
  {
    name: "H7 encode() throws ZSPINE_ENCODE for an extension whose content cannot be encoded, or is the value",
    run({ create }) {
      for (const content of [() => 1, Symbol("a"), new RichAccount(new Money(1n, ""))]) {
        const serializer = create({ extensions: [{ ...point, encode: () => content as never }] });
        assertThrows("ZSPINE_ENCODE", () => serializer.encode(new Point(1, 2)), "encode()");
      }
      const itself = create({ extensions: [{ ...point, encode: (value: Point) => value as never }] });
      assertThrows("ZSPINE_ENCODE", () => itself.encode(new Point(1, 2)), "encode()");
    },
  },
  {
    name: "H7 an extension may use the serializer itself",
    run({ create }) {
      const inner = create();
      const nested: ValueExtension<Point, Uint8Array> = {
        id: 5,
        class: Point,
        encode: ({ x, y }) => inner.encode(new Map([["point", [x, y]]])),
        decode: (bytes) => {
          const [x, y] = (inner.decode(bytes) as Map<string, [number, number]>).get("point") ?? [0, 0];
          return new Point(x, y);
        },
      };
      const serializer = create({ extensions: [nested] });
      const value = new Map([[new Point(1, 2), [new Point(3, 4)]]]);
      assertSame(
        describeValue(serializer.decode(serializer.encode(value))),
        describeValue(value),
        "the value",
      );
    },
  },
  {
    name: "H7 options with an extension that is none, an id twice or out of 0–127 are ZSPINE_INVALID_OPTIONS",
    run({ create }) {
      const wrong: readonly (readonly unknown[])[] = [
        [{ ...money, id: -1 }],
        [{ ...money, id: 128 }],
        [{ ...money, id: 1.5 }],
        [money, { ...point, id: 0 }],
        [{ ...money, class: undefined }],
        [{ ...money, is: () => true }],
        [{ ...money, class: Map }],
        [{ ...money, encode: undefined }],
        [{ ...money, decode: 1 }],
        [null],
      ];
      for (const [at, list] of wrong.entries()) {
        const call = () => create({ extensions: list as never });
        const { path } = assertThrows("ZSPINE_INVALID_OPTIONS", call, `options ${at}`);
        assert(path.includes("extensions"), `options ${at}: the path names extensions`);
      }
    },
  },
];

function fail(error: Error): never {
  throw error;
}
