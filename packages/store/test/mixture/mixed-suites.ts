import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { afterAll, describe, expect, it } from "vitest";
import { skippedStoreCases, storeCases, type StoreSuiteOptions } from "../../src/conformance/index.ts";
import { openStore } from "../../src/index.ts";
import { openAssembled } from "../open-assembled.ts";
import { retainedPlaces } from "../retained-places.ts";
import { Mixer } from "./mixer.ts";

const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);

/** Stores of a medium whose slots are moved at random. */
export const MEDIA: Readonly<Record<string, (mixer: Mixer) => StoreSuiteOptions>> = {
  "rows in memory": (mixer) => ({
    capabilities: memory().capabilities,
    open: async ({ environment, ...options }) =>
      mixer.store(
        await openAssembled({ backend: memory(), ...options, environment: mixer.environment(environment) }),
      ),
  }),
  "rows in memory without a cache": (mixer) => ({
    capabilities: memory().capabilities,
    open: async ({ environment, ...options }) =>
      mixer.store(
        await openAssembled({
          backend: memory(),
          cacheBytes: 0,
          ...options,
          environment: mixer.environment(environment),
        }),
      ),
  }),
  "stored rows": (mixer) => {
    const places = retainedPlaces();
    return {
      capabilities: places.capabilities,
      places,
      open: async ({ environment, ...options }, place) =>
        mixer.store(
          await openStore({
            ...options,
            backend: places.opener(place),
            environment: mixer.environment(environment),
          }),
        ),
    };
  },
};

/** Runs the suite over mixtures of media, or every second of its quick cases; each move is made so often at least. */
export function mixedSuites(media: readonly string[], speed: "quick" | "all", movesMin: number): void {
  for (const medium of media) {
    const optionsOf = MEDIA[medium]!;
    describe(`mixtures of ${medium}, of seed ${SEED}`, () => {
      const mixer = new Mixer(new SeededRandom(SEED), 0.2);
      const cases = storeCases({ ...optionsOf(mixer), spills: true, speed });
      for (const { name, run } of cases.filter((_, n) => speed === "all" || n % 2 === 0)) it(name, run);
      it("leaves out only the cases that count what is moved", () => {
        const options = optionsOf(mixer);
        const left = [skippedStoreCases({ ...options, spills: true }), skippedStoreCases(options)] as const;
        expect(left[0].length - left[1].length).toBeLessThan(15);
      });
      afterAll(() => {
        const { spill, drop, load } = mixer.moves;
        // Without a cache nothing is left to be dropped.
        const moves = medium.endsWith("without a cache") ? [spill, load] : [spill, drop, load];
        expect(Math.min(...moves)).toBeGreaterThan(movesMin);
      });
    });
  }
}
