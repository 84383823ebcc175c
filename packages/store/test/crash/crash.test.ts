import { describe } from "vitest";
import { killedStores } from "./kills.ts";

// `npm run soak` sets these: more kills, other seeds.
const kills = Number(process.env["ZSPINE_KILLS"] ?? 4);
const seed = Number(process.env["ZSPINE_SEED"] ?? 1);

describe("C3 C13 C14 every acknowledged commit of a killed store, whole, and at most what was under way", () =>
  killedStores({ kills, seed }));
