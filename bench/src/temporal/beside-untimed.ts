import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { z } from "zod";

/** What reads of a trace without history take, over those of one that never had times: medians of ratios. */
export interface BesideUntimed {
  readonly rows: number;
  readonly scan: number;
  readonly get: number;
}

const ROUNDS = 15;
const GETS = 20_000;

/** Compares a temporal trace whose since is upper − 1 with a trace of the same rows, in turns. */
export async function measureBesideUntimed(rows: number): Promise<BesideUntimed> {
  await using store = await openStore();
  const schema = { key: z.int32(), value: z.int32() };
  const timed = await temporalTrace(store, "timed", schema);
  const plain = await store.trace("plain", schema);
  const batches = 10;
  for (let batch = 0; batch < batches; batch++) {
    const key = Int32Array.from({ length: rows / batches }, (_, at) => at * batches + batch);
    timed.insertBatch(batch, { key, value: key });
    timed.advance(batch + 1);
    plain.insertBatch({ key, value: key });
    await store.commit();
  }
  timed.advanceSince(batches - 1);
  await store.commit();
  await store.compact();
  using reader = timed.asOfNow(batches - 1);
  using snapshot = plain.snapshot();
  const scans = { timed: () => sumOf(reader.now), plain: () => sumOf(snapshot) };
  const gets = { timed: () => getsOf(reader.now, rows), plain: () => getsOf(snapshot, rows) };
  return { rows, scan: ratio(scans), get: ratio(gets) };
}

interface Readable {
  chunks(): Iterable<{
    readonly key: ArrayLike<number>;
    readonly value: ArrayLike<number>;
    readonly weight: Float64Array;
  }>;
  get(key: number): readonly { readonly value: number }[];
}

function sumOf(readable: Readable): number {
  let sum = 0;
  for (const { key, value, weight } of readable.chunks())
    for (let row = 0; row < weight.length; row++) sum += key[row]! + value[row]! * weight[row]!;
  return sum;
}

function getsOf(readable: Readable, rows: number): number {
  let sum = 0;
  for (let at = 0; at < GETS; at++) sum += readable.get((at * 7919) % rows)[0]!.value;
  return sum;
}

function ratio({ timed, plain }: { timed: () => number; plain: () => number }): number {
  const ratios: number[] = [];
  for (let round = -5; round < ROUNDS; round++) {
    const [a, first] = timeOf(timed);
    const [b, second] = timeOf(plain);
    if (first !== second) throw new Error(`the two differ: ${first} and ${second}`);
    if (round >= 0) ratios.push(a / b);
  }
  return Math.round(ratios.sort((a, b) => a - b)[(ROUNDS - 1) / 2]! * 100) / 100;
}

function timeOf(work: () => number): [number, number] {
  const begun = performance.now();
  const sum = work();
  return [performance.now() - begun, sum];
}
