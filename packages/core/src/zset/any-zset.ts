import { Batch } from "../batch/batch.ts";
import type { Part } from "../batch/part.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { refused } from "../input/refused.ts";
import { shapeFingerprint, type Shape } from "../schema/shape.ts";
import { IndexedZSet } from "./indexed-zset.ts";
import { ZSet } from "./zset.ts";

/** A Z-set of either kind. */
export type AnyZSet = ZSet<unknown> | IndexedZSet<unknown, unknown>;

/** Tells the kinds apart. */
export function isIndexed(zset: AnyZSet): zset is IndexedZSet<unknown, unknown> {
  return zset.layout.value.kind !== "nothing";
}

/** Makes a Z-set of the kind and columns of `like` of other parts; `like` itself where they are its own. */
export function withParts<Z extends AnyZSet>(like: Z, parts: readonly Part[]): Z {
  const { slots } = like.batch;
  if (parts.length === slots.length && parts.every((part, number) => part === slots[number]!.part))
    return like;
  return wrapBatch(Batch.of(like.layout, parts)) as Z;
}

/** Makes a Z-set of the kind that the batch's layout says. */
export function wrapBatch(batch: Batch): AnyZSet {
  return batch.layout.value.kind === "nothing"
    ? new ZSet(batch as Batch<unknown, undefined>)
    : new IndexedZSet(batch);
}

/** @throws `ZSPINE_SCHEMA` when rows of one cannot stand in the other; `ZSPINE_INVALID_OPTIONS` for what is no Z-set. */
export function checkSameColumns(what: string, a: AnyZSet, b: AnyZSet): void {
  checkZSet(what, a);
  checkZSet(what, b);
  if (a.layout.fingerprint === b.layout.fingerprint) return;
  throw unlike(what, "columns", a.layout.fingerprint, b.layout.fingerprint);
}

/**
 * Checks what stands beside an indexed Z-set: another, or a Z-set of keys.
 *
 * @throws `ZSPINE_SCHEMA` when keys of one cannot be keys of the other; `ZSPINE_INVALID_OPTIONS` for what is none.
 */
export function checkSameKeys(what: string, a: AnyZSet, b: AnyZSet, kind: ZSetKind): void {
  checkZSet(what, a, IndexedZSet);
  checkZSet(what, b, kind);
  if (a.layout !== b.layout) checkSameShape(what, "keys", a.layout.key, b.layout.key);
}

/** @throws `ZSPINE_SCHEMA` when columns of one mean something else in the other. */
export function checkSameShape(what: string, of: string, a: Shape, b: Shape): void {
  const [left, right] = [shapeFingerprint(a), shapeFingerprint(b)];
  if (left !== right) throw unlike(what, of, left, right);
}

type ZSetKind = typeof ZSet | typeof IndexedZSet;

/**
 * Checks that it is a Z-set, of a kind where that matters: what only looks like one, such as a copy of its fields, has
 * not been checked by anybody.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is none, or is of another copy of the library.
 */
export function checkZSet(what: string, found: unknown, kind?: ZSetKind): void {
  const isOne =
    kind === undefined ? found instanceof ZSet || found instanceof IndexedZSet : found instanceof kind;
  if (isOne) return;
  const expected = kind === undefined ? "a Z-set" : kind === ZSet ? "a ZSet" : "an IndexedZSet";
  const { batch, layout } = (found ?? {}) as { batch?: unknown; layout?: unknown };
  const isForeign =
    batch !== undefined && layout !== undefined && !(found instanceof ZSet || found instanceof IndexedZSet);
  throw refused([what], expected, found, isForeign ? FOREIGN : MAKE);
}

const MAKE = "make one with ZSet.from(schema, rows), or IndexedZSet.from(keySchema, valueSchema, rows)";
const FOREIGN = "it is of another copy of @zspine/core, or of none: see that the program has one copy of it";

function unlike(what: string, of: string, a: string, b: string): ZspineError {
  return new ZspineError(
    "ZSPINE_SCHEMA",
    `${what}: expected Z-sets with like ${of}, found ${a} and ${b}; map one to the schema of the other first`,
  );
}
