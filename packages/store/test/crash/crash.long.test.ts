import { describe } from "vitest";
import { killedStores } from "./kills.ts";

describe("C3 C13 C14 every acknowledged commit of a killed store, whole, and at most what was under way", () =>
  killedStores({ kills: 20, seed: 1 }));
