import { z } from "zod";
import { aggregate, sum } from "../../src/index.ts";
import type { Pairs, Value } from "./zset-arbitraries.ts";
declare const a: Pairs;
export const x1 = aggregate(a, z.int64(), sum((v) => 1n * BigInt(v.n)));
export const x2 = aggregate(a, z.number(), sum((v) => v.n));
export const x3 = aggregate(a, z.number(), sum((v) => Number(v.n)));
export const x4 = aggregate(a, z.number(), sum((v) => Math.abs(v.n)));
