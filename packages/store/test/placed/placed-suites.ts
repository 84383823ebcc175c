import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import type { Placement } from "@zspine/core";
import { afterAll, describe, expect, it } from "vitest";
import { storeCases, type StoreSuiteOptions } from "../../src/conformance/index.ts";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";
import { placedBackend, pressing, type Pressed } from "./pressing.ts";

const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);

/** Stores of a medium whose memory is placed. */
const MEDIA: Readonly<Record<string, (newPlacement: () => Placement) => StoreSuiteOptions>> = {
  "a scratch": (newPlacement) => ({
    capabilities: memory().capabilities,
    open: (options) => openStore({ ...options, backend: placedBackend(memory(), newPlacement()) }),
  }),
  "a durable medium": (newPlacement) => {
    const places = retainedPlaces();
    return {
      capabilities: places.capabilities,
      places,
      open: (options, place) =>
        openStore({ ...options, backend: placedBackend(places.opener(place), newPlacement()) }),
    };
  },
};

/** Cases of when rows are sealed and merged, and of how much is cached, which the placement decides here. */
const OTHERWISE =
  /^(A10 writing looks|B5 L2 batches stay few|L1 rows go from|L2 D7 batches stay few|L3 batches stand on several levels|L3 the strategy decides|L8 the cache stays|L11 a listener of merge)/;

/** Runs the suite over stores of each medium that may keep so many bytes, pressed at random besides. */
export function placedSuites(sizes: readonly number[], speed: "quick" | "all"): void {
  for (const [medium, optionsOf] of Object.entries(MEDIA)) {
    for (const bytes of sizes) {
      describe(`a store of ${bytes} bytes over ${medium}, of seed ${SEED}`, () => {
        const random = new SeededRandom(SEED + bytes);
        const told: Pressed = { looks: 0, pressed: 0 };
        const options = optionsOf(() => pressing(bytes, told, random));
        for (const { name, run } of storeCases({ ...options, spills: true, speed }))
          if (!OTHERWISE.test(name)) it(name, run);
        afterAll(() => {
          expect(told.looks).toBeGreaterThan(1000);
          expect(told.pressed).toBeGreaterThan(300);
        });
      });
    }
  }
}
