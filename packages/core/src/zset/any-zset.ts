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
  checkZSets(what, [a, b]);
  if (a.layout.fingerprint === b.layout.fingerprint) return;
  throw unlike(what, "columns", a.layout.fingerprint, b.layout.fingerprint);
}

/** @throws `ZSPINE_SCHEMA` when keys of one cannot be keys of the other; `ZSPINE_INVALID_OPTIONS` for what is no Z-set. */
export function checkSameKeys(what: string, a: AnyZSet, b: AnyZSet): void {
  checkZSets(what, [a, b]);
  if (a.layout !== b.layout) checkSameShape(what, "keys", a.layout.key, b.layout.key);
}

/** @throws `ZSPINE_SCHEMA` when columns of one mean something else in the other. */
export function checkSameShape(what: string, of: string, a: Shape, b: Shape): void {
  const [left, right] = [shapeFingerprint(a), shapeFingerprint(b)];
  if (left !== right) throw unlike(what, of, left, right);
}

function checkZSets(what: string, zsets: readonly (Partial<AnyZSet> | null | undefined)[]): void {
  const odd = zsets.findIndex((zset) => zset?.batch?.layout === undefined);
  if (odd < 0) return;
  const advice = "make one with ZSet.from(schema, rows), or IndexedZSet.from(keySchema, valueSchema, rows)";
  throw refused([what], "Z-sets", zsets[odd], advice);
}

function unlike(what: string, of: string, a: string, b: string): ZspineError {
  return new ZspineError(
    "ZSPINE_SCHEMA",
    `${what}: expected Z-sets with like ${of}, found ${a} and ${b}; map one to the schema of the other first`,
  );
}
