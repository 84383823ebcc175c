import { IndexedZSet } from "@zspine/core";
import { z } from "zod";

export const small = z.int32();

/** Makes a delta of up to 12 rows that often meet: few keys, few values, weights from −2 to 2. */
export function randomDelta(random: () => number): IndexedZSet<number, number> {
  const pick = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const rows = Array.from({ length: pick(0, 12) }, () => ({
    key: pick(0, 4),
    value: pick(0, 6),
    weight: pick(-2, 2),
  }));
  return IndexedZSet.from(small, small, rows);
}
