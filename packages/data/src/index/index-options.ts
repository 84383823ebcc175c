import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  layoutOf,
  numberWithin,
  refused,
  SIGNAL,
  type Infer,
  type Schema,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { Trace } from "@zspine/store";
import { functionText, VERSION } from "../record/function-text.ts";

/** By what rows are found besides their key. */
export interface IndexOptions<K, V, B extends Schema> {
  /** The schema of the other key. */
  readonly key: B;
  /**
   * Gives the other keys of a row: none, one, or several, each once. It must give the same for the same row: no clock, no
   * chance.
   */
  readonly of: (key: K, value: V) => readonly Infer<B>[];
  /**
   * Stands for the function: give another when its results change, and the index is made anew. By default its own text stands
   * for it, which does not show what it takes from around it.
   */
  readonly version?: string | number | undefined;
  /** Whether to make it anew, though it is there: where its source was written without it. */
  readonly rebuild?: boolean | undefined;
  /** Rows of a commit, when it is made: memory is taken for so many. 65,536 by default. */
  readonly commitEvery?: number | undefined;
  /** Ends the making with `ZSPINE_ABORTED`; it begins anew when it is opened again. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each commit of the making how many rows of the source are in. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined;
}

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`. */
export function checkIndex<K, V, B extends Schema>(options: IndexOptions<K, V, B>): IndexOptions<K, V, B> {
  const checked = checkOptions(
    options,
    "secondaryIndex",
    {
      key: ANY,
      of: FUNCTION,
      version: VERSION,
      rebuild: BOOLEAN,
      commitEvery: numberWithin(1, Number.MAX_SAFE_INTEGER, true),
      signal: SIGNAL,
      onProgress: FUNCTION,
    },
    FORM,
  );
  for (const name of ["key", "of"] as const)
    if (checked[name] === undefined)
      throw refused(["secondaryIndex", name], "a schema, and a function", undefined, FORM);
  return checked;
}

const FORM =
  'write secondaryIndex(store, orders, "orders by city", { key: z.string(), of: (key, value) => [value.city] })';

/** What an index is told by: of which trace it is, its columns, and what its function is. */
export function definitionOf<K, V, B extends Schema>(
  source: Trace<K, V>,
  { key, of, version }: IndexOptions<K, V, B>,
): string {
  const { name, layout } = source;
  const { serializer } = layout;
  const { fingerprint } = layoutOf(key, undefined, { serializer });
  return JSON.stringify([name, layout.fingerprint, fingerprint, functionText(of, version)]);
}
