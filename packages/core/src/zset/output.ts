import { Batch } from "../batch/batch.ts";
import { Staging } from "../batch/staging.ts";
import { refused } from "../input/refused.ts";
import { checkMade, checkResults } from "../input/rows.ts";
import { checkLayoutOptions, layoutBy, type LayoutOptions } from "../schema/layout.ts";
import type { Schema } from "../schema/definition.ts";
import type { Given } from "./schema-of.ts";
import { wrapBatch, type AnyZSet } from "./any-zset.ts";

/** What a function gives whose results become rows of an indexed Z-set. */
export interface KeyedValue<K, V> {
  readonly key: Given<K>;
  readonly value: Given<V>;
}

/**
 * Where the results of a user's function go. With one schema they are items of a Z-set; with two, objects
 * `{ key, value }` for an indexed Z-set. Equal results add up.
 */
export class Output {
  private readonly staging: Staging;
  private readonly isIndexed: boolean;

  /** @param sources What the results are made of: without one of their own, opaque parts have the serializer of those. */
  constructor(
    { first, second, options }: Pick<SchemasAndCall<never>, "first" | "second" | "options">,
    sources: readonly AnyZSet[],
    capacity: number,
  ) {
    const inherited = sources.find((source) => source.layout.serializer !== undefined);
    const { serializer = inherited?.layout.serializer } = options;
    const layout = layoutBy(first, second, serializer);
    this.isIndexed = second !== undefined;
    this.staging = new Staging(layout, Math.max(LEAST_CAPACITY, Math.min(capacity, MOST_CAPACITY)));
  }

  push(result: unknown, weight: number): void {
    if (!this.isIndexed) {
      this.staging.push(result, undefined, weight);
      return;
    }
    checkMade(result, RESULT, KEYED, "{ key, value }, for there are two schemas", NO_WEIGHT);
    const { key, value } = result as { key?: unknown; value?: unknown };
    this.staging.push(key, value, weight);
  }

  /** Pushes each of several results, with one weight. @throws `ZSPINE_INVALID_OPTIONS` for what cannot be enumerated. */
  pushAll(results: unknown, weight: number): void {
    checkResults(results);
    for (const result of results) this.push(result, weight);
  }

  finish(): AnyZSet {
    return wrapBatch(Batch.of(this.staging.layout, this.staging.seal()));
  }
}

const RESULT = ["result"];
const KEYED = ["key", "value"];
const NO_WEIGHT = "its weight is that of what it is made of";
// V8 has arrays of up to 64 bytes in its heap, which costs a tenth of memory of their own.
const LEAST_CAPACITY = 8;
// Beyond this, columns grow as rows come: what comes may be far less than what was read.
const MOST_CAPACITY = 65536;

/** What a function is given after the Z-sets. */
export interface SchemasAndCall<F> {
  readonly first: Schema;
  readonly second: Schema | undefined;
  readonly call: F;
  readonly options: LayoutOptions;
}

/** Takes the last arguments of a function apart: a schema or two, the user's function, options or none. */
export function schemasAndCall<F extends (...args: never[]) => unknown>(
  what: string,
  args: readonly unknown[],
): SchemasAndCall<F> {
  const at = args.findIndex((arg) => typeof arg === "function");
  if (at < 1 || at > 2 || args.length > at + 2)
    throw refused([what], "a schema or two, then a function", args.at(-1));
  const second = at === 2 ? (args[1] as Schema) : undefined;
  const options = checkLayoutOptions(args[at + 1] as LayoutOptions | undefined);
  return { first: args[0] as Schema, second, call: args[at] as F, options };
}
