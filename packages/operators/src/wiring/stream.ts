import {
  checkOptions,
  layoutOf,
  numberWithin,
  oneOf,
  refused,
  ZspineError,
  type KeyedValue,
  type SchemaOf,
  type WeightedValue,
} from "@zspine/core";
import { ANY, checkResults } from "@zspine/core/engine";
import type { Aggregate } from "../aggregate/aggregate.ts";
import { textOf, type Versioned } from "../function/function-text.ts";
import { operatorNode, type Node } from "../node/node.ts";
import { delayOperator } from "../operator/delay.ts";
import { distinctOperator } from "../operator/distinct.ts";
import { joinOperator } from "../operator/join.ts";
import { filterOperator, flatMapOperator, mapOperator, sumOperator } from "../operator/linear.ts";
import { keysOperator, membershipOperator } from "../operator/membership.ts";
import type { Operator, RowSchemas, Time } from "../operator/operator.ts";
import { reduceOperator } from "../operator/reduce.ts";
import { topKOperator, type TopKOptions } from "../operator/top-k.ts";
import { windowOperator, type EvenWindows, type SessionWindows, type Window } from "../operator/window.ts";
import { aggregateNode } from "./aggregate-node.ts";

/** The schemas of the rows of a stream. */
export interface Schemas<K, V> {
  readonly key: SchemaOf<K>;
  readonly value: SchemaOf<V>;
}

/** What is made of the values of a key: one value, or an object with a field for each of several. */
export type Aggregates<V, R> =
  Aggregate<V, R> | (R extends object ? { readonly [Field in keyof R]: Aggregate<V, R[Field]> } : never);

/** A stream of whatever rows. */
export type AnyStream = Pick<Stream<unknown, unknown>, "node">;

/**
 * Rows that change from step to step: an input of a pipeline, or what an operator makes of others. It is a value that says
 * how rows come about and holds none; that is done by the steps of the pipeline that it is wired into.
 *
 * What an operator **keeps** is in traces of the store. What a step **reads** of them is told by `result.rowsRead`. Where
 * two operators need the same stream, or do the same with the same, it is kept, and done, once.
 *
 * Functions must give the same for the same, and not modify what they are given. What they throw rejects the step.
 */
export class Stream<K, V> {
  /** What the pipeline is wired of. */
  readonly node: Node;

  /** Use the streams that a wiring is given. */
  constructor(node: Node) {
    this.node = node;
  }

  /** Makes of each row another, with its weight. Linear: keeps and reads nothing; costs the delta. */
  map<RK, RV, const C extends KeyedValue<RK, RV>>(
    schemas: Schemas<RK, RV>,
    convert: (key: K, value: V) => C,
    options?: Versioned,
  ): Stream<RK, RV> {
    const text = textOf("map", convert, options);
    return this.to(mapOperator(schemasOf("map", schemas), convert as RowFunction<C>, text));
  }

  /** Makes of each row any number of others, each with its weight. Linear: keeps and reads nothing. */
  flatMap<RK, RV, const C extends KeyedValue<RK, RV>>(
    schemas: Schemas<RK, RV>,
    convert: (key: K, value: V) => Iterable<C>,
    options?: Versioned,
  ): Stream<RK, RV> {
    const text = textOf("flatMap", convert, options);
    return this.to(flatMapOperator(schemasOf("flatMap", schemas), convert as RowFunction<Iterable<C>>, text));
  }

  /** Keeps the rows for which `accepts` says true. Linear: keeps and reads nothing. */
  filter(accepts: (key: K, value: V) => boolean, options?: Versioned): Stream<K, V> {
    const text = textOf("filter", accepts, options);
    return this.to(filterOperator(this.node.output, accepts as RowFunction<boolean>, text));
  }

  /** Adds up two streams, as SQL's UNION ALL does. Linear: keeps and reads nothing. */
  add(other: Stream<K, V>): Stream<K, V> {
    return this.with("add", other, sumOperator(this.node.output, 1));
  }

  /** Takes the rows of another stream away: what is there less often than that has a negative weight. Linear. */
  subtract(other: Stream<K, V>): Stream<K, V> {
    return this.with("subtract", other, sumOperator(this.node.output, -1));
  }

  /** Unites two streams to a set, as SQL's UNION does: `distinct` of what they add up to. */
  union(other: Stream<K, V>): Stream<K, V> {
    return this.add(other).distinct();
  }

  /** Makes a set: rows with a positive weight, each once. Keeps this stream; reads the rows of keys in the delta. */
  distinct(): Stream<K, V> {
    return this.to(distinctOperator(this.node.output));
  }

  /**
   * Joins two streams by key: `combine` makes a row of each value of this with each value of the other under the same key,
   * and its weight is the product of theirs. Keeps both; reads of each the rows whose key is in the delta of the other.
   */
  join<W, RK, RV, const C extends KeyedValue<RK, RV>>(
    other: Stream<K, W>,
    schemas: Schemas<RK, RV>,
    combine: (key: K, left: V, right: W) => C,
    options?: Versioned,
  ): Stream<RK, RV> {
    const text = textOf("join", combine, options);
    this.checkKeys("join", other);
    const operator = joinOperator(schemasOf("join", schemas), combine as PairFunction<C>, text);
    return new Stream(operatorNode(operator, [this.node, other.node]));
  }

  /**
   * Keeps the rows whose key another stream has: as long as the weights of its rows of the key add up to more than 0.
   * Keeps this stream, and the keys of the other; reads the keys that are in either delta, and the rows of those that have
   * come or gone.
   */
  semijoin<W>(other: Stream<K, W>): Stream<K, V> {
    return this.beside("semijoin", other, false);
  }

  /** Keeps the rows whose key another stream has not; otherwise as {@link Stream.semijoin}. */
  antijoin<W>(other: Stream<K, W>): Stream<K, V> {
    return this.beside("antijoin", other, true);
  }

  /**
   * Makes one value of the values of each key, as long as their weights do not add up to 0: of one aggregate, or an object
   * with a field for each of several.
   *
   * ```ts
   * orders.aggregate(z.object({ orders: z.int(), cents: z.int(), latest: z.date() }), {
   *   orders: count(), cents: sum((order) => order.cents), latest: max((order) => order.at),
   * });
   * ```
   *
   * `count`, `sum` and `avg` are linear: one row is kept for each key, and that row is all that is read, however many rows
   * the key has. `min` and `max` keep what they are of, in order: where the delta meets or beats the extreme, its row is
   * looked up; where it is lost, rows are read from the end, one and as many as the delta takes away. A key that has no
   * extreme, for no weight is positive, is left out.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for fields that the schema does not have; `ZSPINE_SCHEMA` for an extreme of the values
   *   themselves that is of another schema than they.
   */
  aggregate<R>(schema: SchemaOf<R>, aggregates: Aggregates<V, NoInfer<R>>): Stream<K, R> {
    return new Stream(aggregateNode(this.node, schema, aggregates));
  }

  /**
   * Makes any number of results of all the values of each key, in order and with their weights, which may be negative.
   * Keeps this stream; reads the rows of keys in the delta, and makes their results twice: as they were, and as they are.
   */
  reduce<R>(
    schema: SchemaOf<R>,
    reduce: (key: K, values: readonly WeightedValue<V>[]) => Iterable<R>,
    options?: Versioned,
  ): Stream<K, R> {
    const text = textOf("reduce", reduce, options);
    const each = function* (key: unknown, values: readonly WeightedValue<unknown>[]) {
      const results: unknown = reduce(key as K, values as readonly WeightedValue<V>[]);
      checkResults(results);
      for (const value of results) yield { key, value };
    };
    const output = schemasOf("reduce", { key: this.node.output.key, value: schema });
    return this.to(reduceOperator(output, each, text));
  }

  /**
   * Keeps the first `k` rows of each key, in the order of values, or with `of: "all"` of all rows, in the order of keys; a
   * row counts as often as its weight says, and one whose weight is not positive is passed over. To sort by something, put
   * it first in the value, or the key. Keeps this stream; reads, for each key in the delta, the rows that weigh `k` and what
   * the delta takes away, however many there are.
   */
  topK(k: number, options: TopKOptions = {}): Stream<K, V> {
    if (!K.accepts(k)) throw refused(["topK", "k"], K.expected, k);
    return this.to(topKOperator(this.node.output, k, checkOptions(options, "topK", TOP_K)));
  }

  /**
   * Puts each row in the windows of `kind` that its time is in, and makes a row of it there. Windows of one length are
   * linear, keep and read nothing. Sessions keep this stream, and read the rows of keys in the delta; rows whose weight is
   * not positive are in none. What is late changes what has come out: see {@link Stream.delay} for what is to wait.
   */
  window<RK, RV, const C extends KeyedValue<RK, RV>>(
    kind: EvenWindows | SessionWindows,
    timeOf: (key: K, value: V) => number,
    schemas: Schemas<RK, RV>,
    place: (window: Window, key: K, value: V) => C,
    options?: Versioned,
  ): Stream<RK, RV> {
    const text = `${textOf("window", timeOf, options)} ${textOf("window", place, options)}`;
    const checked = checkOptions<EvenWindows | SessionWindows>(kind, "window", WINDOW);
    if (!("gap" in checked) && !("size" in checked))
      throw refused(["window"], "{ size: … } or { gap: … }", kind);
    const operator = windowOperator(
      schemasOf("window", schemas),
      checked,
      timeOf as RowFunction<number>,
      place as PairFunction<C, Window>,
      text,
    );
    return this.to(operator);
  }

  /**
   * Lets each row through once the time of the steps has come to when it is due. Keeps the rows that wait, by when they are
   * due; reads those that become due. So what has come through is what is due by now.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` in a pipeline without a time.
   */
  delay(dueOf: (key: K, value: V) => Time, options?: Versioned): Stream<K, V> {
    const { time } = this.node.wiring;
    if (time === undefined)
      throw refused(["time"], "a pipeline with a time", undefined, "wire it with { time: z.int(), … }");
    const text = textOf("delay", dueOf, options);
    return this.to(delayOperator(this.node.output, time, dueOf as RowFunction<Time>, text));
  }

  private to<RK, RV>(operator: Operator): Stream<RK, RV> {
    return new Stream(operatorNode(operator, [this.node]));
  }

  private with(what: string, other: Stream<K, V>, operator: Operator): Stream<K, V> {
    this.checkPipeline(what, other);
    const [a, b] = [this.node.layout.fingerprint, other.node.layout.fingerprint];
    if (a !== b) throw unlike(what, "rows", a, b);
    return new Stream(operatorNode(operator, [this.node, other.node]));
  }

  private beside(what: string, other: AnyStream, isAnti: boolean): Stream<K, V> {
    this.checkKeys(what, other);
    const keys = operatorNode(keysOperator(other.node.output), [other.node]);
    return new Stream(operatorNode(membershipOperator(this.node.output, isAnti), [this.node, keys]));
  }

  private checkKeys(what: string, other: AnyStream): void {
    this.checkPipeline(what, other);
    const [a, b] = [this.node, other.node].map(
      ({ output, wiring: { serializer } }) => layoutOf(output.key, undefined, { serializer }).fingerprint,
    );
    if (a !== b) throw unlike(what, "keys", a!, b!);
  }

  private checkPipeline(what: string, other: AnyStream): void {
    const { node } = (other ?? {}) as { readonly node?: Node };
    if (node?.wiring === this.node.wiring) return;
    throw refused([what], "a stream of the same pipeline", other);
  }
}

type RowFunction<R> = (key: unknown, value: unknown) => R;
type PairFunction<R, First = unknown> = (first: First, left: unknown, right: unknown) => R;

const K = numberWithin(0, 2 ** 32, true);
const TOP_K = { order: oneOf("ascending", "descending"), of: oneOf("key", "all") };
const LENGTH = numberWithin(Number.MIN_VALUE, Number.MAX_VALUE, false);
const OFFSET = numberWithin(-Number.MAX_VALUE, Number.MAX_VALUE, false);
const WINDOW = { size: LENGTH, step: LENGTH, offset: OFFSET, gap: LENGTH };

/** Reads schemas once, as they were given. */
function schemasOf(what: string, given: RowSchemas): RowSchemas {
  const { key, value } = checkOptions(
    given,
    what,
    { key: ANY, value: ANY },
    `write ${what}({ key, value }, …)`,
  );
  return { key, value };
}

function unlike(what: string, of: string, a: string, b: string): ZspineError {
  return new ZspineError(
    "ZSPINE_SCHEMA",
    `${what}: expected streams with like ${of}, found ${a} and ${b}; map one to the schema of the other first`,
  );
}
