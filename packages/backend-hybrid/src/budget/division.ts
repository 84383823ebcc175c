import { fill, sumOf } from "./fill.ts";

/** What a store holds, in bytes, and how much it is in use. */
export interface Claim {
  /** What cannot leave: indexes, fences, scratch of merges, rows that readers hold. */
  readonly fixedBytes: number;
  /** What has to be written before it can. */
  readonly unwrittenBytes: number;
  /** What leaves for nothing. */
  readonly cachedBytes: number;
  /** More than 0. */
  readonly weight: number;
}

/**
 * Bytes divided among stores. What cannot leave comes off first; then unwritten rows, for it costs a write when they
 * leave; what is left then is for cached ones. So nobody writes a row to make room for what another has only cached,
 * and nobody writes at all while everything that is not cached fits.
 */
export interface Division {
  /** Of each store. Where it is less than what it holds, the rest has to go. */
  readonly unwritten: readonly number[];
  readonly cached: readonly number[];
  /** What nobody asks for, and anybody may grow into. */
  readonly leftBytes: number;
}

/**
 * Divides `total` bytes. `headroom` is a share of what there is for all caches: while less of it is free, each asks for
 * that much more than it has, so that one which has come into use gets on where others have filled everything before.
 */
export function divide(total: number, claims: readonly Claim[], headroom: number): Division {
  const unwritten = divideUnwritten(total, claims);
  const fixed = sumOf(claims.map(({ fixedBytes }) => fixedBytes));
  const forCached = Math.max(0, total - fixed - sumOf(unwritten));
  const asks = claims.map(({ cachedBytes }) => cachedBytes);
  const more = Math.floor(forCached * headroom);
  const cached = fill(
    forCached,
    forCached - sumOf(asks) < more ? asks.map((ask) => ask + more) : asks,
    claims.map(({ weight }) => weight),
  );
  return { unwritten, cached, leftBytes: forCached - sumOf(cached) };
}

/** The first half of {@link divide}: how much of their unwritten rows stores may keep. */
export function divideUnwritten(total: number, claims: readonly Claim[]): number[] {
  return fill(
    total - sumOf(claims.map(({ fixedBytes }) => fixedBytes)),
    claims.map(({ unwrittenBytes }) => unwrittenBytes),
    claims.map(({ weight }) => weight),
  );
}
