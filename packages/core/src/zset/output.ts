import { Batch } from "../batch/batch.ts";
import { Staging } from "../batch/staging.ts";
import { quote } from "../error/quote.ts";
import { layoutOf } from "../schema/layout.ts";
import type { Schema } from "../schema/read-schema.ts";
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

  constructor(first: Schema, second: Schema | undefined, capacity: number) {
    const layout = second === undefined ? layoutOf(first) : layoutOf(first, second);
    this.isIndexed = second !== undefined;
    this.staging = new Staging(layout, Math.max(LEAST_CAPACITY, Math.min(capacity, MOST_CAPACITY)));
  }

  push(result: unknown, weight: number): void {
    if (!this.isIndexed) {
      this.staging.push(result, undefined, weight);
      return;
    }
    if (typeof result !== "object" || result === null) {
      throw new TypeError(`with two schemas the function gives { key, value }, found ${quote(result)}`);
    }
    const { key, value } = result as { key?: unknown; value?: unknown };
    this.staging.push(key, value, weight);
  }

  finish(): AnyZSet {
    return wrapBatch(this.staging.seal() ?? new Batch(this.staging.layout, []));
  }
}

const LEAST_CAPACITY = 16;
// Beyond this, columns grow as rows come: what comes may be far less than what was read.
const MOST_CAPACITY = 65536;

/** Takes the last arguments of a function apart: a schema or two, then the user's function. */
export function schemasAndCall<F extends (...args: never[]) => unknown>(
  what: string,
  args: readonly unknown[],
): { readonly first: Schema; readonly second: Schema | undefined; readonly call: F } {
  const call = args.at(-1);
  if (typeof call !== "function" || args.length < 2 || args.length > 3) {
    throw new TypeError(`${what}: expected a schema or two, then a function, found ${quote(call)} last`);
  }
  const second = args.length === 3 ? (args[1] as Schema) : undefined;
  return { first: args[0] as Schema, second, call: call as F };
}
