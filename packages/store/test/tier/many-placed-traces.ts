import { memory } from "@zspine/backend-memory";
import { expect } from "vitest";
import { z } from "zod";
import { openStore, type Trace } from "../../src/index.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";

/** Writes few rows to each of many traces under one budget of a thousand bytes for each. */
export async function placeTraces(count: number): Promise<void> {
  const bytes = 1000 * count;
  const placement = pressing(bytes, { looks: 0, pressed: 0 });
  const store = await openStore({ backend: placedBackend(memory(), placement) });
  const traces: Trace<number, number>[] = [];
  for (let number = 0; number < count; number++)
    traces.push(await store.trace(`t${number}`, { key: z.int32(), value: z.int32(), create: true }));
  for (let round = 0; round < 4; round++) {
    for (const trace of traces)
      trace.insertBatch({
        key: Array.from({ length: 100 }, (_, row) => round * 100 + row),
        value: Array.from({ length: 100 }, () => round),
      });
    await store.commit();
  }
  await store.room();
  expect(store.stats().placement!.hotBytes).toBeLessThan(bytes * 1.2);
  for (const trace of traces.slice(0, 20)) expect((await trace.count()).rows).toBe(400);
  await store.close();
}
