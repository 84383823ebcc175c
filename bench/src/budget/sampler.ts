// A process of `sampleOverTime()`: PART LOCATION ROWS BYTES. Prints its samples as JSON.

import { setImmediate } from "node:timers/promises";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { openStore, type Store, type Trace } from "@zspine/store";
import { z } from "zod";
import { median } from "../contest/statistics.ts";
import { drawProbes, shuffledKeys } from "./probes.ts";
import type { Phase, Sample } from "./samples.ts";

const COMMIT_ROWS = 10_000;
const TURN_LOOK_UPS = 100;
const PROBES = 100_000;
const FILL_SAMPLES = 20;
const SETTLE_SECONDS = 5;
const REOPENED_SECONDS = 10;
const SAMPLE_SECONDS = 0.5;

const [part, location = "", rows, bytes] = process.argv.slice(2);
const budgetBytes = Number(bytes);
const begun = performance.now();
const samples: Sample[] = [];
const store = await openStore({
  backend: hybrid({ cold: file({ location }), budgetBytes, policy: "fixed" }),
});
const trace = await store.trace("rows", { key: z.int32(), value: z.int32() });
const { scattered } = drawProbes(Number(rows), PROBES);
if (part === "fill") {
  await fill(store, trace, shuffledKeys(Number(rows)));
  await read(trace, scattered, "settle", SETTLE_SECONDS);
} else await read(trace, scattered, "reopened", REOPENED_SECONDS);
await store.close();
console.log(JSON.stringify(samples));

function note(phase: Phase, each: number): void {
  samples.push({ phase, seconds: secondsSince(begun), part: store.stats().memory.total / budgetBytes, each });
}

async function fill(into: Store, rowsOf: Trace<number, number>, keys: Int32Array): Promise<void> {
  const commits = Math.ceil(keys.length / COMMIT_ROWS);
  const commitsOfSample = Math.max(1, Math.floor(commits / FILL_SAMPLES));
  let [since, sinceRow] = [performance.now(), 0];
  for (let commit = 1; commit <= commits; commit++) {
    const end = Math.min(keys.length, commit * COMMIT_ROWS);
    for (let at = (commit - 1) * COMMIT_ROWS; at < end; at++) rowsOf.insert(keys[at]!, at);
    await into.commit();
    if (commit % commitsOfSample !== 0) continue;
    note("fill", secondsSince(since) / (end - sinceRow));
    [since, sinceRow] = [performance.now(), end];
  }
}

async function read(
  from: Trace<number, number>,
  probes: Int32Array,
  phase: Phase,
  seconds: number,
): Promise<void> {
  let at = 0;
  for (let sample = 0; sample < seconds / SAMPLE_SECONDS; sample++) {
    const since = performance.now();
    const times: number[] = [];
    while (secondsSince(since) < SAMPLE_SECONDS) {
      const before = performance.now();
      await from.get(probes[at]!);
      times.push(secondsSince(before));
      at = (at + 1) % probes.length;
      // As any program does: merges are made between the turns of a reader.
      if (at % TURN_LOOK_UPS === 0) await setImmediate();
    }
    note(phase, median(times));
  }
}

function secondsSince(before: number): number {
  return (performance.now() - before) / 1e3;
}
