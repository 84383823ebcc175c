// A program of deoptimization.test.ts. What is done in bulk once is done in small steps after that, many times.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import {
  add,
  aggregate,
  count,
  distinct,
  filter,
  IndexedZSet,
  join,
  keysOf,
  map,
  negate,
  semijoin,
  topK,
  ZSet,
} from "@zspine/core";
import { openStore, type StoreOptions } from "@zspine/store";
import { z } from "zod";
import { randomIntegers } from "../../src/workload/random-integers.ts";

const KEYS = 60_000;
const STEPS = 3000;

const key = z.string();
const value = z.object({ id: z.int32(), name: z.string(), amount: z.int32() });
const draw = randomIntegers(1);

interface Update {
  readonly key: string;
  readonly value: { readonly id: number; readonly name: string; readonly amount: number };
}

const keyOf = (number: number): string => `user-${String(number).padStart(8, "0")}`;

function updates(length: number): Update[] {
  return Array.from({ length }, () => {
    const id = draw(KEYS);
    return { key: keyOf(id), value: { id, name: `name ${id}`, amount: id * 3 } };
  });
}

const zsetOf = (rows: number): IndexedZSet<string, Update["value"]> =>
  IndexedZSet.from(key, value, updates(rows));

/** Every operation, on Z-sets of so many rows. */
function operate(rows: number): void {
  const [a, b] = [zsetOf(rows), zsetOf(rows)];
  add(a, negate(b));
  semijoin(a, keysOf(b));
  join(a, b, key, value, (same, mine) => ({ key: same, value: mine }));
  aggregate(a, z.int32(), count());
  distinct(topK(a, 2));
  filter(a, (_, { id }) => id % 2 === 0);
  map(a, key, value, (same, mine) => ({ key: same, value: mine }));
  ZSet.from(
    key,
    updates(rows).map((update) => ({ item: update.key })),
  );
}

async function stepIn(options: StoreOptions): Promise<void> {
  await using store = await openStore(options);
  const trace = await store.trace("rows", { key, value });
  for (let bulk = 0; bulk < 2; bulk++) {
    trace.insertAll(updates(KEYS));
    await store.commit();
  }
  await store.compact();
  for (const chunk of trace.now.chunks()) void [chunk.key, chunk.value];
  for (let step = 0; step < STEPS; step++) {
    trace.insertAll(updates(1));
    await store.commit();
    trace.now.get(keyOf(draw(KEYS)));
    trace.now.semijoin(keysOf(zsetOf(1)));
    for (const row of trace.now.rows({ gte: keyOf(draw(KEYS)), limit: 3 })) void row.weight;
  }
}

const folder = mkdtempSync(pathOf(tmpdir(), "zspine-deoptimization-"));
try {
  operate(KEYS);
  for (let step = 0; step < STEPS; step++) operate(3);
  await stepIn({ backend: memory() });
  await stepIn({ backend: file({ location: pathOf(folder, "store") }) });
} finally {
  rmSync(folder, { recursive: true });
}
