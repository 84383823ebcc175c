import type { SeededRandom } from "@zspine/conformance";
import { z } from "zod";
import { avg, count, max, min, sum, type Stream } from "../../src/index.ts";
import { Rows } from "./rows.ts";

/** The rows of every stream of a program. */
export const SCHEMAS = { key: z.int32(), value: z.number() };
const RECORD = z.object({ n: z.int(), s: z.number(), m: z.number(), lo: z.number(), hi: z.number() });

/** Keys are below it. */
export const KEYS = 4;

type S = Stream<number, number>;

/** An operator, with streams before it by number and a parameter. */
export interface Op {
  readonly kind: keyof typeof OPERATORS;
  readonly a: number;
  readonly b: number;
  readonly p: number;
}

/** How an operator is wired, and what it gives of all rows at a time: by its definition. */
interface Definition {
  wire(a: S, b: S, p: number): S;
  compute(a: Rows, b: Rows, p: number, now: number): Rows;
}

/** Brings a number back to a few. */
const few = (value: number): number => ((Math.round(value * 4) / 4) % 8) + 8;
const keyOf = (value: number): number => Math.abs(Math.floor(value)) % KEYS;

function each(rows: Rows, put: (key: number, value: number) => readonly (readonly [number, number])[]): Rows {
  const made = new Rows();
  for (const [key, value, weight] of rows)
    for (const [toKey, toValue] of put(key, value)) made.add(toKey, toValue, weight);
  return made;
}

const distinct = (rows: Rows): Rows =>
  Rows.of([...rows].filter(([, , w]) => w > 0).map(([k, v]) => [k, v, 1]));

function keep(rows: Rows, others: Rows, isAnti: boolean): Rows {
  const sums = new Map<number, number>();
  for (const [key, , weight] of others) sums.set(key, (sums.get(key) ?? 0) + weight);
  return Rows.of([...rows].filter(([key]) => (sums.get(key) ?? 0) > 0 !== isAnti));
}

/** Makes one value of the values of each key; none where that is `undefined`. */
function perKey(
  rows: Rows,
  make: (values: readonly { value: number; weight: number }[]) => number | undefined,
): Rows {
  const made = new Rows();
  for (const [key, values] of rows.groups()) {
    const value = make(values);
    if (value !== undefined) made.add(key, value, 1);
  }
  return made;
}

const weigh = (values: readonly { weight: number }[]): number =>
  values.reduce((total, { weight }) => total + weight, 0);

/** What `of` gives, with the weights added up, in order. */
function project(
  values: readonly { value: number; weight: number }[],
  of: (value: number) => number,
): number[] {
  const rows = Rows.of(values.map(({ value, weight }) => [0, of(value), weight]));
  return [...rows].filter(([, , weight]) => weight > 0).map(([, value]) => value);
}

/** Of values that are quarters, whose sums are exact. */
const total = (values: readonly { value: number; weight: number }[]): number =>
  values.reduce((sumOf, { value, weight }) => sumOf + value * weight, 0) + 0;

function firstOf(
  rows: readonly (readonly [number, number, number])[],
  k: number,
): [number, number, number][] {
  const first: [number, number, number][] = [];
  let left = k;
  for (const [key, value, weight] of rows) {
    const taken = Math.min(left, Math.max(weight, 0));
    if (taken > 0) first.push([key, value, taken]);
    left -= taken;
  }
  return first;
}

function topOf(rows: Rows, p: number): Rows {
  const { k, isDown, isAll } = topOptions(p);
  const all = [...rows];
  const groups = isAll ? [all] : [...rows.groups().keys()].map((key) => all.filter(([of]) => of === key));
  return Rows.of(groups.flatMap((group) => firstOf(isDown ? group.reverse() : group, k)));
}

const topOptions = (p: number): { k: number; isDown: boolean; isAll: boolean } => ({
  k: p % 4,
  isDown: p % 2 === 1,
  isAll: p % 3 === 0,
});

function sessions(rows: Rows, gap: number): Rows {
  const made = new Rows();
  for (const [key, values] of rows.groups()) {
    const there = values.filter(({ weight }) => weight > 0);
    for (const { value, weight } of there) {
      // Grows to both sides until nothing is near.
      let [start, end] = [value, value];
      for (let grew = true; grew;) {
        grew = false;
        for (const { value: other } of there) {
          if (other < start && start - other < gap) [start, grew] = [other, true];
          if (other > end && other - end < gap) [end, grew] = [other, true];
        }
      }
      made.add(key, few(start + (end + gap) / 2), weight);
    }
  }
  return made;
}

const windowsOf = (size: number, step: number, time: number): number[] =>
  Array.from({ length: 100 }, (_, at) => (at - 50) * step).filter(
    (start) => start <= time && time < start + size,
  );

const OPERATORS = {
  map: {
    wire: (a, _b, p) =>
      a.map(SCHEMAS, (k, v) => ({ key: (k + p) % KEYS, value: few(v * 2 + k) }), { version: p }),
    compute: (a, _b, p) => each(a, (k, v) => [[(k + p) % KEYS, few(v * 2 + k)]]),
  },
  filter: {
    wire: (a, _b, p) => a.filter((k, v) => (k + Math.floor(v)) % 3 !== p % 3, { version: p }),
    compute: (a, _b, p) => each(a, (k, v) => ((k + Math.floor(v)) % 3 !== p % 3 ? [[k, v]] : [])),
  },
  flatMap: {
    wire: (a, _b, p) =>
      a.flatMap(
        SCHEMAS,
        (k, v) => Array.from({ length: (k + p) % 3 }, (_, i) => ({ key: k, value: few(v + i) })),
        { version: p },
      ),
    compute: (a, _b, p) =>
      each(a, (k, v) => Array.from({ length: (k + p) % 3 }, (_, i) => [k, few(v + i)] as const)),
  },
  add: {
    wire: (a, b) => a.add(b),
    compute: (a, b) => new Rows().addAll(a).addAll(b),
  },
  subtract: {
    wire: (a, b) => a.subtract(b),
    compute: (a, b) => new Rows().addAll(a).addAll(b, -1),
  },
  union: {
    wire: (a, b) => a.union(b),
    compute: (a, b) => distinct(new Rows().addAll(a).addAll(b)),
  },
  distinct: {
    wire: (a) => a.distinct(),
    compute: (a) => distinct(a),
  },
  join: {
    wire: (a, b, p) =>
      a.join(b, SCHEMAS, (k, l, r) => ({ key: (k + p) % KEYS, value: few(l * 3 + r) }), { version: p }),
    compute: (a, b, p) => {
      const made = new Rows();
      for (const [k, l, w] of a)
        for (const [other, r, x] of b) if (k === other) made.add((k + p) % KEYS, few(l * 3 + r), w * x);
      return made;
    },
  },
  semijoin: {
    wire: (a, b) => a.semijoin(b),
    compute: (a, b) => keep(a, b, false),
  },
  antijoin: {
    wire: (a, b) => a.antijoin(b),
    compute: (a, b) => keep(a, b, true),
  },
  count: {
    wire: (a) => a.aggregate(z.number(), count()),
    compute: (a) => perKey(a, (values) => weigh(values) || undefined),
  },
  extremes: {
    wire: (a) => {
      const hi = (v: number): number => Math.floor(v) % 5;
      const record = a.aggregate(RECORD, {
        n: count(),
        s: sum((v) => v),
        m: avg((v) => v),
        lo: min(),
        hi: max(hi),
      });
      return record.map(SCHEMAS, (key, { n, s, m, lo, hi: most }) => ({
        key,
        value: few(n + s / 2 + m * 3 + lo - most),
      }));
    },
    compute: (a) =>
      perKey(a, (values) => {
        const n = weigh(values);
        const [lo] = project(values, (v) => v);
        const most = project(values, (v) => Math.floor(v) % 5).at(-1);
        if (n === 0 || lo === undefined || most === undefined) return undefined;
        return few(n + total(values) / 2 + (total(values) / n) * 3 + lo - most);
      }),
  },
  greatest: {
    wire: (a) => a.aggregate(z.number(), max()),
    compute: (a) =>
      perKey(a, (values) => (weigh(values) === 0 ? undefined : project(values, (v) => v).at(-1))),
  },
  reduce: {
    wire: (a, _b, p) =>
      a.reduce(
        z.number(),
        (_key, values) =>
          values.filter((_, i) => i % 2 === p % 2).map(({ value, weight }) => few(value + weight)),
        { version: p },
      ),
    compute: (a, _b, p) => {
      const made = new Rows();
      for (const [key, values] of a.groups())
        values.forEach(({ value, weight }, i) => {
          if (i % 2 === p % 2) made.add(key, few(value + weight), 1);
        });
      return made;
    },
  },
  topK: {
    wire: (a, _b, p) => {
      const { k, isDown, isAll } = topOptions(p);
      return a.topK(k, { order: isDown ? "descending" : "ascending", of: isAll ? "all" : "key" });
    },
    compute: (a, _b, p) => topOf(a, p),
  },
  window: {
    wire: (a, _b, p) =>
      a.window(
        { size: 3, step: (p % 3) + 1 },
        (_k, v) => v,
        SCHEMAS,
        ({ start, end }, k) => ({
          key: keyOf(start + k),
          value: few(end),
        }),
      ),
    compute: (a, _b, p) =>
      each(a, (k, v) =>
        windowsOf(3, (p % 3) + 1, v).map((start) => [keyOf(start + k), few(start + 3)] as const),
      ),
  },
  session: {
    wire: (a) =>
      a.window(
        { gap: 1.5 },
        (_k, v) => v,
        SCHEMAS,
        ({ start, end }, key) => ({ key, value: few(start + end / 2) }),
      ),
    compute: (a) => sessions(a, 1.5),
  },
  delay: {
    wire: (a, _b, p) => a.delay((k, v) => v * 2 + k + p, { version: p }),
    compute: (a, _b, p, now) => each(a, (k, v) => (v * 2 + k + p <= now ? [[k, v]] : [])),
  },
} as const satisfies Record<string, Definition>;

const KINDS = Object.keys(OPERATORS) as (keyof typeof OPERATORS)[];

/** The operators of a pipeline over two inputs, each over two of those before. */
export class RandomWiring {
  readonly ops: readonly Op[];

  constructor(ops: readonly Op[]) {
    this.ops = ops;
  }

  static draw(random: SeededRandom, size: number): RandomWiring {
    return new RandomWiring(Array.from({ length: size }, (_, at) => drawOp(random, at)));
  }

  /** Another one, of which a part is as it was. */
  changed(random: SeededRandom): RandomWiring {
    const from = random.int(0, this.ops.length);
    const kept = this.ops.map((op, at) => (at >= from && random.chance(0.4) ? drawOp(random, at) : op));
    return new RandomWiring(kept.slice(0, random.int(Math.min(2, kept.length), kept.length)));
  }

  /** Every second stream is an output. */
  get outputs(): number[] {
    return this.ops.map((_, at) => at + 2).filter((at) => at % 2 === 1 || at === this.ops.length + 1);
  }

  wire(inputs: readonly [S, S]): Record<string, S> {
    const streams: S[] = [...inputs];
    for (const { kind, a, b, p } of this.ops)
      streams.push((OPERATORS[kind] as Definition).wire(streams[a]!, streams[b]!, p));
    return Object.fromEntries(this.outputs.map((at) => [`out ${at}`, streams[at]!]));
  }

  /** What the outputs are of all rows of the inputs, by their definitions. */
  compute(inputs: readonly [Rows, Rows], now: number): Record<string, Rows> {
    const streams: Rows[] = [...inputs];
    for (const { kind, a, b, p } of this.ops)
      streams.push((OPERATORS[kind] as Definition).compute(streams[a]!, streams[b]!, p, now));
    return Object.fromEntries(this.outputs.map((at) => [`out ${at}`, streams[at]!]));
  }

  toString(): string {
    return this.ops.map(({ kind, a, b, p }, at) => `${at + 2} = ${kind}(${a}, ${b}, ${p})`).join("; ");
  }
}

function drawOp(random: SeededRandom, at: number): Op {
  const from = (): number => random.int(0, at + 1);
  return { kind: random.pick(KINDS), a: from(), b: from(), p: random.int(0, 6) };
}
