import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { openStore } from "@zspine/store";
import { z } from "zod";
import { removeFolder } from "../contest/folder.ts";
import { median } from "../contest/statistics.ts";

const ROUNDS = 3;
const PIECE = 2 ** 20;

/**
 * How fast rows leave memory for files of scratch, beside a plain file of as many bytes, as they took in memory, that is
 * written from its start to its end: 1 is as fast. Neither is synced.
 *
 * @param keys Of the rows.
 */
export async function measureSpill(keys: Int32Array, folder: string): Promise<number> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    try {
      const { bytes, seconds } = await spill(keys, join(folder, "spilled"));
      ratios.push(writePlainly(bytes, folder) / seconds);
    } finally {
      removeFolder(folder);
    }
  }
  return median(ratios);
}

async function spill(
  keys: Int32Array,
  location: string,
): Promise<{ readonly bytes: number; readonly seconds: number }> {
  const cold = file({ location, keeps: false, mayBeInMemory: true });
  await using store = await openStore({
    backend: hybrid({ cold, budgetBytes: Infinity, policy: "manual" }),
  });
  const trace = await store.trace("rows", { key: z.int32(), value: z.int32() });
  for (let at = 0; at < keys.length; at++) trace.insert(keys[at]!, at);
  const begun = performance.now();
  const bytes = await store.spill();
  return { bytes, seconds: (performance.now() - begun) / 1e3 };
}

/** Seconds of writing so many bytes to one file, one after the other. */
function writePlainly(bytes: number, folder: string): number {
  mkdirSync(folder, { recursive: true });
  const piece = new Uint8Array(PIECE).fill(0xa5);
  const begun = performance.now();
  const plain = openSync(join(folder, "plain"), "w");
  for (let left = bytes; left > 0; left -= PIECE) writeSync(plain, piece, 0, Math.min(left, PIECE));
  closeSync(plain);
  return (performance.now() - begun) / 1e3;
}
