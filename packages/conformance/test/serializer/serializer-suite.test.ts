import { ZspineError, type Serializer } from "@zspine/core";
import { afterEach, describe, expect, it } from "vitest";
import { serializerCases } from "../../src/index.ts";
import { firstFailure } from "../case/first-failure.ts";
import { taggedSerializer } from "./tagged-serializer.ts";

const correct = taggedSerializer();
const wrong = (overrides: Partial<Serializer>): Serializer => ({ ...correct, ...overrides });
const shared = new Uint8Array(2 ** 20);

/** Serializers that break one law each, and a part of the name of a case that notices. */
const MUTANTS: readonly (readonly [name: string, caseName: string, serializer: Serializer])[] = [
  ["has the id 0", "id is a byte", wrong({ id: 0 })],
  ["has an id beyond a byte", "id is a byte", wrong({ id: 256 })],
  ["has no name", "id is a byte", wrong({ name: "" })],
  ["keeps the order of insertion", "whatever the order", taggedSerializer({ keepsOrder: true })],
  ["tells −0 from 0", "0 and −0", taggedSerializer({ keepsMinusZero: true })],
  [
    "encodes objects of any class",
    "a class that was not registered",
    taggedSerializer({ takesClasses: true }),
  ],
  ["follows any depth", "nest without end", taggedSerializer({ depthMax: Infinity })],
  ["stops at a depth of 20", "nested 50 deep", taggedSerializer({ depthMax: 20 })],
  ["passes over what follows", "bytes behind a value", taggedSerializer({ passesOverTail: true })],
  ["assigns keys", "keys like __proto__", taggedSerializer({ assignsKeys: true })],
  ["decodes views into the input", "keeps nothing of the bytes", taggedSerializer({ sharesViews: true })],
  ["makes room for what was claimed", "mutations of each encoding", taggedSerializer({ padsViews: true })],
  [
    "estimates one byte too many",
    "the number 1,",
    wrong({ estimateSize: (value) => correct.estimateSize(value) + 1 }),
  ],
  [
    "estimates what it cannot encode",
    "for a function",
    wrong({ estimateSize: (value) => attempt(() => correct.estimateSize(value)) }),
  ],
  [
    "takes bigints for numbers",
    "the bigint 1,",
    wrong({ encode: (value) => correct.encode(asNumber(value)) }),
  ],
  [
    "loses the byte order mark",
    "order mark",
    wrong({ encode: (value) => correct.encode(withoutMark(value)) }),
  ],
  [
    "loses the byte order mark of long text only",
    "… of 101",
    wrong({ encode: (value) => correct.encode(isLong(value) ? withoutMark(value) : value) }),
  ],
  [
    "takes a Map of one number for something else",
    "a Map of one entry, its key number 1",
    wrong({ encode: (value) => correct.encode(isMarkLike(value) ? null : value) }),
  ],
  [
    "loses what all objects have a name for",
    "names of what all objects have",
    wrong({ encode: (value) => correct.encode(isConstructorLike(value) ? {} : value) }),
  ],
  [
    "gives every caller one buffer",
    "belong to the caller",
    wrong({ encode: (value) => intoShared(correct.encode(value)) }),
  ],
  [
    "throws errors of its own",
    "inputs of random bytes",
    wrong({ decode: (bytes) => rethrow(() => correct.decode(bytes), RangeError) }),
  ],
  [
    "refuses in the wrong words",
    "for a function",
    wrong({ encode: (value) => rethrow(() => correct.encode(value), TypeError) }),
  ],
  [
    "gives null for what it cannot read",
    "for no bytes",
    wrong({ decode: (bytes) => attemptNull(() => correct.decode(bytes)) }),
  ],
  [
    "cannot hold undefined",
    "undefined, and estimateSize",
    wrong({ encode: (value) => (value === undefined ? refuse() : correct.encode(value)) }),
  ],
  ["pollutes a prototype", "inputs of random bytes", wrong({ decode: pollute })],
];

function attempt(estimate: () => number): number {
  try {
    return estimate();
  } catch {
    return 0;
  }
}

function attemptNull(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return null;
  }
}

function asNumber(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function withoutMark(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^\ufeff/, "") : value;
}

function isLong(value: unknown): boolean {
  return typeof value === "string" && value.length > 64;
}

function isMarkLike(value: unknown): boolean {
  return value instanceof Map && value.size === 1 && value.has(1);
}

function isConstructorLike(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "constructor");
}

function intoShared(bytes: Uint8Array): Uint8Array {
  shared.set(bytes);
  return shared.subarray(0, bytes.length);
}

function rethrow<T>(call: () => T, ErrorType: new (message: string) => Error): T {
  try {
    return call();
  } catch {
    throw new ErrorType("no");
  }
}

function refuse(): never {
  throw new ZspineError("ZSPINE_ENCODE", "no undefined");
}

const victim: object = Object.prototype;
let polluted = 0;

/** Gives every object one more property when it meets bytes that it cannot read; taken back by the test. */
function pollute(bytes: Uint8Array): unknown {
  try {
    return correct.decode(bytes);
  } catch (error) {
    const key = `polluted-${++polluted}`;
    Object.defineProperty(victim, key, { value: 1, configurable: true });
    throw error;
  }
}

function cleanPrototype(): void {
  for (; polluted > 0; polluted--) Reflect.deleteProperty(victim, `polluted-${polluted}`);
}

describe("serializerCases() passes a correct serializer", () => {
  for (const { name, run } of serializerCases({ serializer: correct })) it(name, run);
});

describe("serializerCases()", () => {
  it("gives every case a name of its own", () => {
    const names = serializerCases({ serializer: correct }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("serializerCases() catches a serializer that", () => {
  afterEach(cleanPrototype);

  // In Deno what is assigned to __proto__ is a property as others.
  const assigned: Record<string, unknown> = {};
  assigned["__proto__"] = {};
  const harmful = MUTANTS.filter(
    ([name]) => name !== "assigns keys" || !Object.hasOwn(assigned, "__proto__"),
  );
  it.each(harmful)("%s", async (_name, caseName, serializer) => {
    const cases = serializerCases({ serializer }).filter(({ name }) => name.includes(caseName));
    const failure = await firstFailure(cases);
    expect(failure).toMatchObject({ name: "AssertionFailure" });
  });
});
